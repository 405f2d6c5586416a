"""The way into a queue at a place, one after the other."""

from callcentre.domain import entrance, events, facts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.entrance.policy import Door


def feature(world: World) -> Feature:
    """The room of the entrance."""
    on_the_way = entrance.Entrance()
    door = Door(world, on_the_way)
    return Feature(
        name="entrance",
        shelves=(Shelf(entrance.AtTheDoor, on_the_way),),
        rules={
            entrance.EnterQueue: (door.asked,),
            facts.QueueJoined: (door.arrived,),
            facts.QueueLeft: (door.arrived,),
            events.ChannelDestroyed: (door.destroyed,),
            events.Beat: (door.beat,),
            events.Synchronised: (door.synchronised,),
        },
    )
