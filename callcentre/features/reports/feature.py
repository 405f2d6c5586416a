"""Scheduled reports: figures and exports that are made at set times."""

from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.rules import Reporting
from callcentre.features.reports.state import Failing, Plan, Plans
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick, TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.world import World


def feature(world: World) -> Feature:
    """The component of the reports."""
    plans = Plans()
    reporting = Reporting(world, plans)
    return Feature(
        name="reporting",
        shelves=(Shelf(Plan, plans), Shelf(Failing, plans)),
        rules={
            Tick: (reporting.tick,),
            SettingsChanged: (reporting.settings_changed,),
            TimerDue: (reporting.due,),
            ReportEnded: (reporting.ended,),
            EffectInterrupted: (reporting.interrupted,),
        },
    )
