"""Scheduled reports: figures and exports that are made by the clock."""

from callcentre.domain import events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.reporting.policy import Reporting
from callcentre.features.reporting.state import Failing, Plan, Plans


def feature(world: World) -> Feature:
    """The room of the reports."""
    plans = Plans()
    reporting = Reporting(world, plans)
    return Feature(
        name="reporting",
        shelves=(Shelf(Plan, plans), Shelf(Failing, plans)),
        rules={
            events.Beat: (reporting.beat,),
            events.TimerDue: (reporting.due,),
            events.ReportEnded: (reporting.ended,),
            events.EffectInterrupted: (reporting.interrupted,),
        },
    )
