"""Scheduled reports: figures and exports that are made at set times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded, ReportRequested
from callcentre.features.reports.model import Failing, Plan, ReportRun
from callcentre.features.reports.outside.report_process import ReportMaker
from callcentre.features.reports.rules import FAILED_ALARM, GRACE, Reporting
from callcentre.features.reports.timers import ReportDue
from callcentre.features.reports.web import NAVIGATION, RUN, SEE, ReportPages, routes
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on, performs
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick
from callcentre.kernel.program import Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.pages import Pages, Templates
from callcentre.web.ports import WebPorts


def build(building: Building) -> Iterable[Any]:
    """What the reports bring."""
    in_force, program = building.need(SettingsInForce), building.need(Program)
    plans, failing = Collection(Plan), Collection(Failing)
    runs = Collection(ReportRun, table="report_runs", key="report")
    reporting = Reporting(in_force, plans, failing, runs)
    maker = ReportMaker(program.configuration, program.clock, GRACE)
    return (
        plans,
        failing,
        runs,
        Retention(
            runs,
            holds="The last result of each report",
            keeps="for ever: there is one for each report that the configuration has had",
            why="the page of reports",
        ),
        FAILED_ALARM,
        on(Tick, reporting.tick),
        on(SettingsChanged, reporting.settings_changed),
        on(ReportDue, reporting.due),
        on(ReportEnded, reporting.ended),
        on(ReportRequested, reporting.requested),
        on(EffectInterrupted, reporting.interrupted),
        performs(MakeReport, lambda effect: maker.make(effect, in_force.settings.timezone)),
        SEE,
        RUN,
        NAVIGATION,
        Templates("reports", "callcentre.features.reports"),
        *routes(ReportPages(building.need(WebPorts), building.need(Pages), in_force, runs, program.configuration)),
    )


COMPONENT = Component(name="reports", build=build)
