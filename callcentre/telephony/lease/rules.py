"""Whether the dialplan may send callers through us.

The dialplan skips `Stasis()` when the lease has lapsed. It is renewed only after a commit, and only while the daemon is
connected to Asterisk and follows its events: a daemon that is dead, frozen, disconnected, overloaded or unable to store
gets no callers.
"""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import AskTime, RenewLease
from callcentre.telephony.events import Synchronised
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import LastSeen


class Lease:
    """The rules for the lease."""

    def __init__(self, view: QueueView) -> None:
        self._view = view

    def ticked(self, _event: Tick, at: datetime) -> Decision:
        """Once a second: prove that the daemon can store, and only then renew."""
        if not self._view.calls.link.up:
            return NOTHING
        if self._view.calls.overload is not None:
            # Otherwise a clock of Asterisk that was set back would look like late events for ever.
            return Decision(changes=(Put(LastSeen(at=at)),), effects=(AskTime(),))
        return self._renewed(at)

    def synchronised(self, _event: Synchronised, at: datetime) -> Decision:
        """All callers are known again: accept new ones from now on, and not only from the next tick on."""
        return self._renewed(at)

    def _renewed(self, at: datetime) -> Decision:
        return Decision(changes=(Put(LastSeen(at=at)),), effects=(RenewLease(),))
