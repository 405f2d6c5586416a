"""Alarms about what is seen of the queues."""

from callcentre.domain import events, facts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.alarms.policy import NobodyRings
from callcentre.features.alarms.state import Attempt, Ringing, Silence


def feature(world: World) -> Feature:
    """The alarms. They listen after the queue view, whose calls they look at."""
    ringing = Ringing()
    nobody_rings = NobodyRings(world, ringing)
    return Feature(
        name="alarms",
        shelves=(Shelf(Attempt, ringing), Shelf(Silence, ringing)),
        rules={
            events.AgentDialled: (nobody_rings.dialled,),
            events.ChannelDestroyed: (nobody_rings.destroyed,),
            facts.QueueAnswered: (nobody_rings.answered,),
            events.Synchronised: (nobody_rings.synchronised,),
            events.Beat: (nobody_rings.beat,),
        },
    )
