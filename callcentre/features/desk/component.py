"""The desk as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks.interface import StaffCallbacks
from callcentre.features.desk import rights
from callcentre.features.desk.outside.desk import Desk
from callcentre.features.desk.web import routes
from callcentre.features.desk.words import FACTS
from callcentre.kernel.closures.interface import ClosedServices
from callcentre.kernel.component import Building, Component
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.staff import StaffTexts
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.ari.agent_control import AgentActions
from callcentre.telephony.ari.agent_reading import AgentReader
from callcentre.telephony.ari.snooping import ListeningActions
from callcentre.telephony.listening.interface import Conversations
from callcentre.web.live.hub import Hub
from callcentre.web.pages import NavigationEntry, Pages, Templates
from callcentre.web.ports import WebPorts


def _build(building: Building) -> Iterable[Any]:
    desk = Desk(
        ports=building.need(WebPorts), pages=building.need(Pages), hub=building.need(Hub),
        program=building.need(Program), reads=building.need(Reads), rules=building.need(SettingsInForce),
        agents=building.need(Agents), actions=building.need(AgentActions), reader=building.need(AgentReader),
        conversations=building.need(Conversations), listening=building.need(ListeningActions),
        closed=building.need(ClosedServices), callbacks=building.need(StaffCallbacks), texts=building.need(StaffTexts),
    )  # fmt: skip
    yield from rights.RIGHTS
    yield from FACTS
    yield Templates("desk", "callcentre.features.desk")
    yield NavigationEntry("/agents", "Agents", rights.SEE_AGENTS, 15)
    yield NavigationEntry("/services", "Services", rights.SEE_SERVICES, 40)
    yield NavigationEntry("/contact", "Contact a person", rights.SEND_TEXTS, 45)
    yield NavigationEntry("/audit", "Who did what", rights.SEE_AUDIT, 90)
    yield from routes(desk)


COMPONENT = Component(name="desk", build=_build)
