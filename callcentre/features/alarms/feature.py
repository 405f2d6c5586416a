"""Alarms about what is seen of the queues."""

from callcentre.features.alarms.rules import NobodyRings
from callcentre.features.alarms.state import Attempt, Ringing, Silence
from callcentre.kernel.event import Tick
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.events import AgentDialled, ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered
from callcentre.world import World


def feature(world: World) -> Feature:
    """The alarms. They listen after the queue view, whose calls they look at."""
    ringing = Ringing()
    nobody_rings = NobodyRings(world, ringing)
    return Feature(
        name="alarms",
        shelves=(Shelf(Attempt, ringing), Shelf(Silence, ringing)),
        rules={
            AgentDialled: (nobody_rings.dialled,),
            ChannelDestroyed: (nobody_rings.destroyed,),
            QueueAnswered: (nobody_rings.answered,),
            Synchronised: (nobody_rings.synchronised,),
            Tick: (nobody_rings.beat,),
        },
    )
