"""What pages and other components may read about agents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from callcentre.telephony.agents.model import (
    Action,
    AgentRecords,
    AgentState,
    KnownAgent,
    Membership,
    Outcome,
    is_interface,
    state_of,
)
from callcentre.telephony.events import Member
from callcentre.telephony.queue_view.interface import QueueView

__all__ = ["Action", "AgentNow", "AgentState", "Agents", "KnownAgent", "Outcome"]


class AgentNow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An agent in a queue now.

    agent: the interface, such as `PJSIP/agent1`.
    agent_name: the agent's name; None while it is unknown.
    since: when the state began; None where that was not seen.
    paused: paused in this queue, whatever the state is.
    reason: why the agent is paused; None where the pause did not begin through us.
    call: the call that the agent talks in, of any of our queues.
    """

    agent: str
    queue: str
    state: AgentState
    paused: bool
    agent_name: str | None = None
    since: datetime | None = None
    reason: str | None = None
    call: str | None = None


@dataclass(slots=True)
class Agents:
    """The agents of the queues. A question about those of a queue has them read every second for some seconds."""

    records: AgentRecords
    queues: QueueView
    _looked: set[str] = field(default_factory=set)

    def of(self, service: str) -> tuple[AgentNow, ...]:
        """The agents in the queue of a service, by name; none for a service that does not exist."""
        known = self.queues.rules.settings.services.get(service)
        return () if known is None else self.in_queue(known.queue)

    def in_queue(self, queue: str) -> tuple[AgentNow, ...]:
        """The agents in a queue, by name."""
        self._looked.add(queue)
        now = (self._now(one) for one in self.records.in_queue(queue))
        return tuple(sorted(now, key=lambda one: (one.agent_name or one.agent).casefold()))

    def member(self, queue: str, agent: str) -> AgentNow | None:
        """An agent in a queue; None where the agent is not logged on."""
        self._looked.add(queue)
        one = self.records.membership(queue, agent)
        return None if one is None else self._now(one)

    def of_agent(self, agent: str) -> tuple[AgentNow, ...]:
        """An agent in each of the queues, by queue."""
        self._looked.update(self.queues.rules.settings.queues)
        return tuple(sorted(map(self._now, self.records.of_agent(agent)), key=lambda one: one.queue))

    def looked_at(self) -> frozenset[str]:
        """The queues that somebody has looked at since this was asked last."""
        looked, self._looked = self._looked, set()
        return frozenset(looked & self.queues.rules.settings.queues.keys())

    def known(self) -> Iterable[KnownAgent]:
        """All agents who were ever seen in a queue, by name."""
        return sorted(self.records.known.values(), key=lambda one: (one.name or one.agent).casefold())

    def name_of(self, agent: str) -> str | None:
        """The name of an agent, where it is known."""
        return self.records.name(agent)

    def is_known(self, agent: str) -> bool:
        """Whether this is an agent who was seen in a queue."""
        return agent in self.records.known or bool(self.records.of_agent(agent))

    def is_seen(self, queue: str, services: Collection[str]) -> bool:
        """Whether a queue has one of these services."""
        return any(name in services for name in self.queues.services_of(queue))

    def why_not(self, queue: str, agent: str) -> Outcome | None:
        """Why nothing can be done with an agent in a queue; None where Asterisk says whether it can."""
        if queue not in self.queues.rules.settings.queues:
            return Outcome.UNKNOWN_QUEUE
        return None if is_interface(agent) else Outcome.UNKNOWN_AGENT

    def _now(self, one: Membership) -> AgentNow:
        call = self.queues.calls.talking_with(one.agent)
        pause = self.records.pause(one.queue, one.agent) if one.paused else None
        state = state_of(one.device, paused=one.paused, talks=call is not None)
        since = one.since
        if call is not None:
            since = call.answered
        elif state is AgentState.PAUSED and pause is not None:
            since = pause.since
        return AgentNow(
            agent=one.agent,
            agent_name=self.records.name(one.agent),
            queue=one.queue,
            state=state,
            since=since,
            paused=bool(one.paused),
            reason=pause.reason or None if pause is not None else None,
            call=None if call is None else call.call,
        )


def differences(records: AgentRecords, read: Mapping[str, Iterable[Member]]) -> Iterator[str]:
    """The queues among those read whose members are not as they are known."""
    for queue, members in read.items():
        known = {one.agent: one for one in records.in_queue(queue)}
        found = {member.interface: member for member in members}
        if known.keys() != found.keys() or not all(known[agent].is_as(member) for agent, member in found.items()):
            yield queue
