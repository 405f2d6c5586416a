"""The administrator's rules: read again, they hold from the next event on."""

from callcentre.domain import events
from callcentre.domain.world import RulesInForce, World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.rules.policy import changed


def feature(world: World) -> Feature:
    """The room of the rules."""
    return Feature(
        name="rules",
        shelves=(Shelf(RulesInForce, world),),
        rules={events.SettingsChanged: (changed,)},
    )
