"""Statistics in the browser as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.figures.outside.figure_process import FigureProcess
from callcentre.features.figures.web import NAVIGATION, SEE, SEE_AGENTS, Statistics, routes
from callcentre.kernel.component import Building, Component
from callcentre.kernel.program import Program, Resource
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.pages import Pages, Templates
from callcentre.web.ports import WebPorts


def _build(building: Building) -> Iterable[Any]:
    program, settings = building.need(Program), building.need(SettingsInForce)
    process = FigureProcess(program.configuration)
    statistics = Statistics(building.need(WebPorts), building.need(Pages), settings, program.database, process)
    yield from (SEE, SEE_AGENTS, NAVIGATION, Templates("figures", "callcentre.features.figures"))
    yield Resource(process.open)
    yield from routes(statistics)


COMPONENT = Component(name="figures", build=_build)
