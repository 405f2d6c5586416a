"""The counts that bound each person: where they are kept, and when they are dropped."""

from callcentre.domain import events
from callcentre.domain.bounds import Count
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.bounds import tables
from callcentre.features.bounds.policy import DayOver


def feature(world: World) -> Feature:
    """Every feature counts in `world.bounds`; the counts are kept here."""
    return Feature(
        name="bounds",
        shelves=(Shelf(Count, world.bounds, tables.bounds),),
        rules={events.Beat: (DayOver(world).beat,)},
    )
