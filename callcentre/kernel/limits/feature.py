"""The counts that bound each person: where they are kept, and when they are dropped."""

from callcentre.kernel.event import Tick
from callcentre.kernel.feature import Feature, Shelf
from callcentre.kernel.limits import tables
from callcentre.kernel.limits.model import Count
from callcentre.kernel.limits.rules import DayOver
from callcentre.world import World


def feature(world: World) -> Feature:
    """Every feature counts in `world.bounds`; the counts are kept here."""
    return Feature(
        name="bounds",
        shelves=(Shelf(Count, world.bounds, tables.bounds),),
        rules={Tick: (DayOver(world).beat,)},
    )
