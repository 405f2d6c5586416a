"""Requests about agents, what came of them, and readings of the queues' members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from callcentre.kernel.event import Event
from callcentre.telephony.agents.model import Action, Outcome
from callcentre.telephony.events import Member


class AgentActionRequested(Event, frozen=True, kw_only=True):
    """Somebody pauses, resumes, logs on or logs off an agent in a queue.

    `request` identifies it. `reason` is that of the pause, `name` the name of an agent who logs on; "" for none.
    """

    request: str
    action: Action
    queue: str
    agent: str
    reason: str = ""
    name: str = ""


class AgentActionDone(Event, frozen=True, kw_only=True):
    """What came of such a request. The other fields are those of the request."""

    request: str
    action: Action
    queue: str
    agent: str
    outcome: Outcome
    reason: str = ""
    name: str = ""


class MembersRead(Event, frozen=True, kw_only=True):
    """All members of some queues, with their pause flags and states; `asked` is when, on our clock.

    `continuous`: they were also read some seconds before, so that a change happened now.
    """

    queues: Mapping[str, tuple[Member, ...]]
    asked: datetime
    continuous: bool
