"""Agents in queues: what is known of each, and what supervisors do with them."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.telephony.events import Member

_INTERFACE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}/[A-Za-z0-9_.+@:/-]{1,60}")
"""Interfaces that mean the same in a channel variable and in an argument of the dialplan."""

LONGEST_REASON: Final = 40
"""Characters of the reason of a pause."""


class Action(StrEnum):
    """What is done with an agent in a queue. The values are the extensions of our dialplan."""

    PAUSE = "pause"
    RESUME = "resume"
    LOG_ON = "log_on"
    LOG_OFF = "log_off"


class Outcome(StrEnum):
    """What came of it."""

    DONE = "done"
    NOT_MEMBER = "not_member"
    """The agent is not logged on to the queue."""
    ALREADY = "already"
    """The agent is logged on already."""
    STATIC = "static"
    """queues.conf lists the agent. Only agents who were logged on can be logged off."""
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_AGENT = "unknown_agent"
    """Asterisk has no such phone, or the interface has characters that the dialplan would not take literally."""
    DIALPLAN = "dialplan"
    """Asterisk has no context of ours for it: the dialplan was printed by an earlier version."""
    ASTERISK = "asterisk"
    """Asterisk refused it, or there is no connection."""
    UNCLEAR = "unclear"
    """Nobody knows whether it was done: there was no answer, or the daemon was ended meanwhile."""


class AgentState(StrEnum):
    """The state of an agent in a queue."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    """Talks with a caller of one of our queues."""
    BUSY = "busy"
    """Has another call."""
    PAUSED = "paused"
    UNAVAILABLE = "unavailable"
    """The phone cannot be reached."""
    UNKNOWN = "unknown"


_STATES: Final = {
    "NOT_INUSE": AgentState.READY,
    "INUSE": AgentState.BUSY,
    "BUSY": AgentState.BUSY,
    "ONHOLD": AgentState.BUSY,
    "RINGING": AgentState.RINGING,
    "RINGINUSE": AgentState.BUSY,
    "UNAVAILABLE": AgentState.UNAVAILABLE,
    "INVALID": AgentState.UNAVAILABLE,
}


def is_interface(text: str) -> bool:
    """Whether a text can be an agent's interface, such as `PJSIP/agent1`, that our dialplan can be given."""
    return _INTERFACE.fullmatch(text) is not None


def state_of(device: str, *, paused: bool | None, talks: bool) -> AgentState:
    """The state of an agent by the device state of the phone (Asterisk's word), the pause flag, and our own calls."""
    if talks:
        return AgentState.TALKING
    state = _STATES.get(device, AgentState.UNKNOWN)
    return AgentState.PAUSED if paused and state in (AgentState.READY, AgentState.UNKNOWN) else state


class KnownAgent(Record, frozen=True, kw_only=True):
    """An agent who was seen in a queue or answered a call, by interface. `name` is "" while it is unknown."""

    of_program: ClassVar[bool] = True

    agent: str
    name: str = ""

    @property
    def key(self) -> str:
        return self.agent


class Pause(Record, frozen=True, kw_only=True):
    """A pause that was begun through us: app_queue tells nobody over ARI why an agent is paused."""

    of_program: ClassVar[bool] = True

    queue: str
    agent: str
    reason: str
    since: datetime

    @property
    def key(self) -> str:
        return place(self.queue, self.agent)


class Membership(Record, frozen=True, kw_only=True):
    """An agent in a queue as last read. Not stored: it is read again.

    `paused` and `device` are as in `Member`. `since` is when they became so; None where that was not seen. `acted`:
    when we last changed it. A reading that was asked for earlier says nothing about it.
    """

    queue: str
    agent: str
    paused: bool | None
    device: str
    since: datetime | None = None
    acted: datetime | None = None

    @property
    def key(self) -> str:
        return place(self.queue, self.agent)

    def is_as(self, member: Member) -> bool:
        """Whether a reading says the same."""
        return self.paused == member.paused and self.device == member.state


def place(queue: str, agent: str) -> str:
    """The key of what is about an agent in a queue. No interface that we know of has a space."""
    return f"{agent} {queue}"


class AgentRecords:
    """What is known of agents."""

    def __init__(self) -> None:
        self.known = Collection(KnownAgent, table="agents", key="agent")
        self.pauses = Collection(Pause, table="agent_pauses")
        self.memberships = Collection(Membership)
        self._by_queue = self.memberships.index(lambda one: one.queue)
        self._by_agent = self.memberships.index(lambda one: one.agent)
        self._pauses_in = self.pauses.index(lambda one: one.queue)

    def in_queue(self, queue: str) -> list[Membership]:
        """The agents of a queue, as last read."""
        return self._by_queue.all(queue)

    def of_agent(self, agent: str) -> list[Membership]:
        """The queues of an agent, as last read."""
        return self._by_agent.all(agent)

    def membership(self, queue: str, agent: str) -> Membership | None:
        """An agent in a queue."""
        return self.memberships.get(place(queue, agent))

    def pause(self, queue: str, agent: str) -> Pause | None:
        """The pause of an agent in a queue that was begun through us."""
        return self.pauses.get(place(queue, agent))

    def pauses_in(self, queue: str) -> list[Pause]:
        """The pauses in a queue that were begun through us."""
        return self._pauses_in.all(queue)

    def name(self, agent: str) -> str | None:
        """The name of an agent, where it is known."""
        known = self.known.get(agent)
        return known.name or None if known is not None else None
