"""The welcome text for those who join a queue."""

from callcentre.features.welcome import tables
from callcentre.features.welcome.rules import Welcome
from callcentre.features.welcome.state import Considered, Greeting, Greetings
from callcentre.kernel.feature import Feature, Shelf
from callcentre.messaging.facts import SmsFailed, SmsRefused
from callcentre.telephony.facts import CallEnded, QueueJoined
from callcentre.world import World


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
            QueueJoined: (welcome.joined,),
            SmsRefused: (welcome.not_sent,),
            SmsFailed: (welcome.not_sent,),
            CallEnded: (welcome.ended,),
        },
    )
