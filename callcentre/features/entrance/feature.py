"""The way into a queue at a place, one after the other."""

from callcentre.domain import entrance, events, facts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.entrance.policy import Door


def feature(world: World) -> Feature:
    """The room of the entrance."""
    at_the_door = entrance.Entrance()
    door = Door(world, at_the_door)
    return Feature(
        name="entrance",
        shelves=(Shelf(entrance.AtTheDoor, at_the_door), Shelf(entrance.OnTheWay, world.coming)),
        rules={
            entrance.EnterQueue: (door.asked,),
            facts.QueueJoined: (door.arrived,),
            facts.QueueLeft: (door.arrived,),
            events.ChannelDestroyed: (door.destroyed,),
            events.Beat: (door.beat,),
            events.Synchronised: (door.synchronised,),
        },
    )
