"""The page of the system as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.live.interface import RaisedAlarms
from callcentre.features.system.outside.doctor import Doctor
from callcentre.features.system.web import EXAMINE, NAVIGATION, SEE_SYSTEM, System
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.component import Building, Component
from callcentre.kernel.program import Program, Resource
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.web.live.hub import Hub
from callcentre.web.pages import Pages, Templates


def _build(building: Building) -> Iterable[Any]:
    program = building.need(Program)
    doctor = Doctor(program.configuration, program.clock)
    system = System(
        pages=building.need(Pages), doctor=doctor, alarms=building.need(RaisedAlarms), declared=building.all(Alarm),
        queues=building.need(QueueView), hub=building.need(Hub), health=program.health, clock=program.clock,
        database=lambda: program.database, started=program.clock(),
    )  # fmt: skip
    yield from (SEE_SYSTEM, EXAMINE)
    yield Templates("system", "callcentre.features.system")
    yield NAVIGATION
    yield Resource(doctor.open)
    yield from system.routes()


COMPONENT = Component(name="system", build=_build)
