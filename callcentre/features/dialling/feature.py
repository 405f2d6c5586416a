"""Dialling: what becomes of the calls that we make, and whether they find a way out at all."""

from callcentre.domain import events
from callcentre.domain.outcome import Heard
from callcentre.domain.route import Route
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.dialling import tables
from callcentre.features.dialling.policy import Dialling


def feature(world: World) -> Feature:
    """What is heard of our calls. It listens before those who made them, who hear from it that a call was in vain."""
    dialling = Dialling(world)
    return Feature(
        name="dialling",
        shelves=(Shelf(Route, world.outgoing, tables.route), Shelf(Heard, world.outgoing)),
        rules={
            events.ChannelCreated: (dialling.created,),
            events.DialProgress: (dialling.progressed,),
            events.HangupRequested: (dialling.hangup_requested,),
            events.ChannelDestroyed: (dialling.destroyed,),
            events.OriginateFailed: (dialling.not_begun,),
            events.Synchronised: (dialling.synchronised, dialling.with_their_rules),
            events.SettingsChanged: (dialling.with_their_rules, dialling.try_at_once),
        },
    )
