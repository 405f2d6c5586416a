"""Agents as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, performs, provides
from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.program import Listener, Program
from callcentre.kernel.retention.model import Retention
from callcentre.telephony.agents.effects import ControlAgent
from callcentre.telephony.agents.events import AgentActionDone, AgentActionRequested, MembersRead
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.agents.model import AgentRecords
from callcentre.telephony.agents.rules import AgentRules
from callcentre.telephony.ari.agent_control import AgentActions, AgentControl
from callcentre.telephony.ari.agent_reading import AgentReader
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.facts import QueueAnswered
from callcentre.telephony.queue_view.interface import QueueView


def _build(building: Building) -> Iterable[Any]:
    records = AgentRecords()
    program, link = building.need(Program), building.need(AsteriskLink)
    agents = Agents(records, building.need(QueueView))
    actions, rules = AgentActions(program), AgentRules(agents)
    reader = AgentReader(agents, link, program)
    yield from (records.known, records.pauses, records.memberships)
    yield Retention(
        records.known,
        holds="Agents who were seen in a queue, by interface, with their names",
        keeps="for ever: there are few of them",
        why="pages name agents, and agents who are not logged on can be logged on",
    )
    yield Retention(
        records.pauses,
        holds="Why agents are paused, where that was done here",
        keeps="until the pause ends",
        why="Asterisk does not say it",
    )
    yield provides(agents)
    yield provides(actions)
    yield provides(reader)
    yield performs(ControlAgent, AgentControl(link.client, agents, actions, program).control)
    yield Listener(reader.listen)
    yield on(AgentActionRequested, rules.requested)
    yield on(AgentActionDone, rules.done)
    yield on(EffectInterrupted, rules.interrupted)
    yield on(MembersRead, rules.read)
    yield on(QueueAnswered, rules.answered)


COMPONENT = Component(name="agents", build=_build)
