"""The welcome text for those who join a queue."""

from callcentre.domain import facts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.welcome import tables
from callcentre.features.welcome.policy import Welcome
from callcentre.features.welcome.state import Considered, Greeting, Greetings


def feature(world: World) -> Feature:
    """The room of the welcome."""
    greetings = Greetings()
    welcome = Welcome(world, greetings)
    return Feature(
        name="welcome",
        shelves=(
            Shelf(Considered, greetings, tables.considered),
            Shelf(Greeting, greetings, tables.greetings),
        ),
        rules={
            facts.QueueJoined: (welcome.joined,),
            facts.SmsRefused: (welcome.not_sent,),
            facts.SmsFailed: (welcome.not_sent,),
            facts.CallEnded: (welcome.ended,),
        },
    )
