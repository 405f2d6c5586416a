"""Scheduled reports: figures and exports that are made at set times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.reports import settings
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.model import Failing, Plan
from callcentre.features.reports.rules import Reporting
from callcentre.features.reports.timers import ReportDue
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick


def build(building: Building) -> Iterable[Any]:
    """What the reports bring."""
    from callcentre.world import World

    plans, failing = Collection(Plan), Collection(Failing)
    reporting = Reporting(building.need(World), plans, failing)
    return (
        plans,
        failing,
        on(Tick, reporting.tick),
        on(SettingsChanged, reporting.settings_changed),
        on(ReportDue, reporting.due),
        on(ReportEnded, reporting.ended),
        on(EffectInterrupted, reporting.interrupted),
    )


COMPONENT = Component(name="reports", build=build, settings=settings.PARTS)
