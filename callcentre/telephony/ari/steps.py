"""Dialplan steps that say nothing new, which end here undecoded.

Most steps of a dialplan set a variable or go elsewhere, one after the other within a millisecond. The first of them
says that the channel is no longer in the application before, and what language it has. After it, another one changes
nothing, as long as no other event of the channel comes between.
"""

from __future__ import annotations

from typing import Final

from callcentre.kernel.event import Event
from callcentre.telephony.events import DialplanStep

QUIET: Final = frozenset({b"Set", b"MSet", b"NoOp", b"Verbose", b"Goto", b"GotoIf", b"GotoIfTime", b"Gosub", b"Return"})
"""Applications that are over at once and bring nobody into a queue."""

_STEP: Final = b'{"type":"ChannelDialplan","'
_APP: Final = b'"dialplan_app":"'
_CHANNEL: Final = b'"channel":{"id":"'


class Steps:
    """Knows the channels whose last event was a quiet step."""

    def __init__(self) -> None:
        self._quiet: set[str] = set()

    def repeats(self, frame: bytes) -> bool:
        """Whether a frame is a quiet step right after a quiet step of its channel.

        Asterisk names the application first, and then the channel. A frame of another form is decoded.
        """
        if not frame.startswith(_STEP):
            return False
        app = frame.find(_APP)
        channel = frame.find(_CHANNEL, app)
        if app < 0 or channel < 0:
            return False
        app, channel = app + len(_APP), channel + len(_CHANNEL)
        name = frame[channel : frame.find(b'"', channel)].decode(errors="replace")
        if frame[app : frame.find(b'"', app)] not in QUIET:
            self._quiet.discard(name)
            return False
        if name in self._quiet:
            return True
        self._quiet.add(name)
        return False

    def heard(self, event: Event) -> None:
        """An event goes to the rules. The next step of its channel is new to them."""
        if isinstance(event, DialplanStep):
            return
        channel = getattr(event, "channel", None)
        self._quiet.discard(getattr(event, "call", "") if channel is None else channel.id)

    def forget(self) -> None:
        """The connection is lost: nothing is known of any channel."""
        self._quiet.clear()
