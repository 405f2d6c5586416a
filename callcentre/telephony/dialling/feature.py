"""Dialling: what becomes of the calls that we make, and whether they reach a network at all."""

from callcentre.kernel.event import SettingsChanged
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.dialling import tables
from callcentre.telephony.dialling.outcome import Heard
from callcentre.telephony.dialling.route import Route
from callcentre.telephony.dialling.rules import Dialling
from callcentre.telephony.events import (
    ChannelCreated,
    ChannelDestroyed,
    DialProgress,
    HangupRequested,
    OriginateFailed,
    Synchronised,
)
from callcentre.world import World


def feature(world: World) -> Feature:
    """What is heard of our calls. It comes before those who make calls, because it tells them that one was in vain."""
    dialling = Dialling(world.own_calls)
    return Feature(
        name="dialling",
        shelves=(Shelf(Route, world.outgoing, tables.route), Shelf(Heard, world.outgoing)),
        rules={
            ChannelCreated: (dialling.created,),
            DialProgress: (dialling.progressed,),
            HangupRequested: (dialling.hangup_requested,),
            ChannelDestroyed: (dialling.destroyed,),
            OriginateFailed: (dialling.not_begun,),
            Synchronised: (dialling.synchronised, dialling.with_their_rules),
            SettingsChanged: (dialling.with_their_rules, dialling.try_at_once),
        },
    )
