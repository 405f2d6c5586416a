"""Scheduled reports: figures and exports that are made at set times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.model import Failing, Plan
from callcentre.features.reports.outside.report_process import ReportMaker
from callcentre.features.reports.rules import FAILED_ALARM, GRACE, Reporting
from callcentre.features.reports.timers import ReportDue
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on, performs
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce


def build(building: Building) -> Iterable[Any]:
    """What the reports bring."""
    in_force, program = building.need(SettingsInForce), building.need(Program)
    plans, failing = Collection(Plan), Collection(Failing)
    reporting = Reporting(in_force, plans, failing)
    maker = ReportMaker(program.configuration, program.clock, GRACE)
    return (
        plans,
        failing,
        FAILED_ALARM,
        on(Tick, reporting.tick),
        on(SettingsChanged, reporting.settings_changed),
        on(ReportDue, reporting.due),
        on(ReportEnded, reporting.ended),
        on(EffectInterrupted, reporting.interrupted),
        performs(MakeReport, lambda effect: maker.make(effect, in_force.settings.timezone)),
    )


COMPONENT = Component(name="reports", build=build)
