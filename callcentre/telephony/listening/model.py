"""Supervisors in conversations: what is known of each, and the ids of their channels."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from callcentre.kernel.actor import Actor
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record

OURS: Final = "callcentre-listen-"
"""The ids of these channels and bridges begin with this."""

_SNOOP: Final = "-snoop"
_BRIDGE: Final = "-bridge"


class Mode(StrEnum):
    """What a supervisor does in a conversation."""

    LISTEN = "listen"
    """Hears both, and is heard by nobody."""
    WHISPER = "whisper"
    """Hears both, and is heard by the agent."""
    JOIN = "join"
    """Hears both, and is heard by both."""


class WhyNot(StrEnum):
    """Why it cannot be done."""

    OVER = "over"
    """The conversation is over, or never was."""
    NO_PHONE = "no_phone"
    """Asterisk has no such phone."""
    BUSY = "busy"
    """The phone listens already."""
    ASTERISK = "asterisk"
    """There is no connection to Asterisk."""


class Listening(Record, frozen=True, kw_only=True):
    """A supervisor whose phone rings for a conversation, or is in it. Not stored: a restart ends it.

    `call` is the caller's, `spied` the channel of the agent. `connected`: the phone was answered.
    """

    request: str
    mode: Mode
    phone: str
    call: str
    service: str
    queue: str
    number: str
    agent: str | None
    agent_name: str | None
    spied: str
    since: datetime
    actor: Actor | None
    connected: bool = False

    @property
    def key(self) -> str:
        return self.request

    @property
    def channel(self) -> str:
        """The id of the channel to the supervisor's phone."""
        return f"{OURS}{self.request}"

    @property
    def snoop(self) -> str:
        """The id of the channel that hears the agent's channel, and speaks into it."""
        return f"{self.channel}{_SNOOP}"

    @property
    def bridge(self) -> str:
        """The id of the bridge of both."""
        return f"{self.channel}{_BRIDGE}"


class Listeners(Collection[Listening]):
    """All supervisors in conversations."""

    def __init__(self) -> None:
        super().__init__(Listening)
        self._by_channel = self.index_many(lambda one: (one.channel, one.snoop))
        self._by_call = self.index(lambda one: one.call)
        self._by_phone = self.index(lambda one: one.phone)
        self._bridges = self.index(lambda one: one.bridge)

    def on(self, channel: str) -> Listening | None:
        """The one that a channel belongs to."""
        return self._by_channel.get(channel)

    def of_call(self, call: str) -> list[Listening]:
        """Those in the conversation of a caller."""
        return self._by_call.all(call)

    def has_phone(self, phone: str) -> bool:
        """Whether a phone rings for a conversation or is in one."""
        return phone in self._by_phone

    def has_bridge(self, bridge: str) -> bool:
        """Whether a bridge belongs to one of them."""
        return bridge in self._bridges
