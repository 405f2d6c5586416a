"""The way into a queue at a place, one after the other."""

from callcentre.kernel.event import Tick
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueJoined, QueueLeft
from callcentre.telephony.queue_entry import model as entrance
from callcentre.telephony.queue_entry.rules import Door
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the entrance."""
    at_the_door = entrance.Entrance()
    door = Door(world.queue_view, at_the_door, world.coming)
    return Feature(
        name="entrance",
        shelves=(Shelf(entrance.AtTheDoor, at_the_door), Shelf(entrance.OnTheWay, world.coming)),
        rules={
            entrance.EnterQueue: (door.asked,),
            QueueJoined: (door.arrived,),
            QueueLeft: (door.arrived,),
            ChannelDestroyed: (door.destroyed,),
            Tick: (door.ticked,),
            Synchronised: (door.synchronised,),
        },
    )
