"""The administrator's rules: read again, they hold from the next event on."""

from callcentre.kernel.event import SettingsChanged
from callcentre.kernel.feature import Feature, Shelf
from callcentre.kernel.settings_in_force.model import RulesInForce
from callcentre.kernel.settings_in_force.rules import changed
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the rules."""
    return Feature(
        name="rules",
        shelves=(Shelf(RulesInForce, world),),
        rules={SettingsChanged: (changed,)},
    )
