"""Closures of services as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.closures.events import CloseService, OpenService
from callcentre.kernel.closures.interface import ClosedServices
from callcentre.kernel.closures.model import Closures, ServiceOpens
from callcentre.kernel.closures.rules import Closing
from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import Tick
from callcentre.kernel.program import Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.kernel.settings_in_force.model import HeldSettings


def _build(building: Building) -> Iterable[Any]:
    closures = Closures(building.need(HeldSettings))
    shared = building.need(Program).database.path is None
    rules = Closing(closures, building.need(SettingsInForce), shared)
    yield closures
    yield closures.rows
    yield provides(ClosedServices(closures))
    yield Retention(
        closures.rows,
        holds="Services that staff has closed for now, with the account and the reason",
        keeps="until the service is opened",
        why="it stays closed over a restart, and on all nodes",
    )
    yield on(CloseService, rules.closed)
    yield on(OpenService, rules.opened)
    yield on(ServiceOpens, rules.due)
    yield on(Tick, rules.tick)


COMPONENT = Component(name="closures", build=_build)
"""It comes before everything that asks for opening hours."""
