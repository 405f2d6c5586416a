"""The desk as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.desk.web import CONTROL_AGENTS, Desk, routes
from callcentre.kernel.component import Building, Component
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.ari.agent_control import AgentActions
from callcentre.web.ports import WebPorts


def _build(building: Building) -> Iterable[Any]:
    yield CONTROL_AGENTS
    yield from routes(Desk(building.need(WebPorts), building.need(Agents), building.need(AgentActions)))


COMPONENT = Component(name="desk", build=_build)
