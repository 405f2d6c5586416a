"""The rules about agents: what a request leads to, what came of it, and what a reading of the members changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.fact import Fact
from callcentre.telephony.agents.effects import ControlAgent
from callcentre.telephony.agents.events import AgentActionDone, AgentActionRequested, MembersRead
from callcentre.telephony.agents.facts import (
    AgentActionFailed,
    AgentLoggedOff,
    AgentLoggedOn,
    AgentPaused,
    AgentResumed,
)
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.agents.model import Action, KnownAgent, Membership, Outcome, Pause
from callcentre.telephony.events import Member
from callcentre.telephony.facts import QueueAnswered

BY: Final = "staff"

_FACTS: Final[dict[Action, Callable[..., Fact]]] = {
    Action.PAUSE: AgentPaused,
    Action.RESUME: AgentResumed,
    Action.LOG_ON: AgentLoggedOn,
    Action.LOG_OFF: AgentLoggedOff,
}


@dataclass(slots=True)
class AgentRules:
    """The rules."""

    agents: Agents

    # --- requests --------------------------------------------------------------------------------

    def requested(self, event: AgentActionRequested, _at: datetime) -> Decision:
        """Have it done. Whether it can be done is found out when it is: much may change until then."""
        effect = ControlAgent(
            request=event.request, action=event.action, queue=event.queue, agent=event.agent, reason=event.reason,
            name=event.name, known=self.agents.is_known(event.agent), actor=event.actor,
        )  # fmt: skip
        return Decision(effects=(effect,))

    def done(self, event: AgentActionDone, at: datetime) -> Decision:
        """It was done, or not: say so. What is known of the agent changes before the next reading."""
        if event.outcome is not Outcome.DONE:
            failed = AgentActionFailed(action=event.action, reason=event.outcome, **self._about(event))
            return Decision(facts=(failed,))
        reason = {"reason": event.reason} if event.action is Action.PAUSE and event.reason else {}
        fact = _FACTS[event.action](**reason, **self._about(event))
        return Decision(changes=tuple(self._changes(event, at)), facts=(fact,))

    def interrupted(self, event: EffectInterrupted, _at: datetime) -> Decision:
        """The daemon ended before it was known what came of it."""
        effect = event.effect
        if not isinstance(effect, ControlAgent):
            return NOTHING
        who = {} if effect.actor is None else {
            "user": effect.actor.user, "organisation": effect.actor.organisation, "address": effect.actor.address,
            "why": effect.actor.why,
        }  # fmt: skip
        failed = AgentActionFailed(action=effect.action, reason=Outcome.UNCLEAR, **self._about(effect), **who)
        return Decision(facts=(failed,))

    def _about(self, one: AgentActionDone | ControlAgent) -> dict[str, Any]:
        services = self.agents.queues.services_of(one.queue)
        return {
            "service": next(iter(services), None), "queue": one.queue if services else None, "agent": one.agent,
            "agent_name": one.name or self.agents.records.name(one.agent), "by": BY,
        }  # fmt: skip

    def _changes(self, event: AgentActionDone, at: datetime) -> Iterator[Change]:
        records = self.agents.records
        before = records.membership(event.queue, event.agent)
        pause = records.pause(event.queue, event.agent)
        match event.action:
            case Action.PAUSE:
                yield Put(Pause(queue=event.queue, agent=event.agent, reason=event.reason, since=at))
            case Action.RESUME | Action.LOG_OFF | Action.LOG_ON if pause is not None:
                yield Delete(pause)
        if event.action is Action.LOG_OFF:
            if before is not None:
                yield Delete(before)
            return
        if event.action is Action.LOG_ON:
            known = records.known.get(event.agent)
            if known is None or (event.name and known.name != event.name):
                yield Put(KnownAgent(agent=event.agent, name=event.name))
            yield Put(Membership(queue=event.queue, agent=event.agent, paused=False, device="", since=at, acted=at))
        elif before is not None:
            yield Put(replace(before, paused=event.action is Action.PAUSE, since=at, acted=at))

    # --- readings --------------------------------------------------------------------------------

    def read(self, event: MembersRead, at: datetime) -> Decision:
        """The members of queues were read."""
        changes = [change for queue in event.queues for change in self._read(queue, event, at)]
        return Decision(changes=tuple(changes)) if changes else NOTHING

    def _read(self, queue: str, event: MembersRead, at: datetime) -> Iterator[Change]:
        records = self.agents.records
        members = {member.interface: member for member in event.queues[queue]}
        for known in records.in_queue(queue):
            if known.agent not in members and not _is_newer(known, event):
                yield Delete(known)
        for pause in records.pauses_in(queue):
            there = members.get(pause.agent)
            # Somebody ended it at a telephone, or logged the agent off.
            if pause.since < event.asked and (there is None or there.paused is False):
                yield Delete(pause)
        for agent, member in members.items():
            before = records.membership(queue, agent)
            if before is None or not (before.is_as(member) or _is_newer(before, event)):
                yield Put(_as_read(queue, member, before, at if event.continuous and before is not None else None))
            if agent not in records.known:
                yield Put(KnownAgent(agent=agent))

    def answered(self, fact: QueueAnswered, _at: datetime) -> Decision:
        """app_queue names an agent when the agent answers."""
        if fact.agent is None or not fact.agent_name or self.agents.records.name(fact.agent) == fact.agent_name:
            return NOTHING
        return Decision(changes=(Put(KnownAgent(agent=fact.agent, name=fact.agent_name)),))


def _is_newer(known: Membership, event: MembersRead) -> bool:
    """Whether we changed a membership after the reading was asked for."""
    return known.acted is not None and known.acted >= event.asked


def _as_read(queue: str, member: Member, before: Membership | None, since: datetime | None) -> Membership:
    # The phone of an agent whom we just logged on is read for the first time: the state began with the log-on.
    if before is not None and not before.device and before.paused == member.paused:
        since = before.since
    return Membership(queue=queue, agent=member.interface, paused=member.paused, device=member.state, since=since)
