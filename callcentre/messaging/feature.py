"""Texts: when they go out, what becomes of them, and who wants none."""

from callcentre.kernel.event import EffectInterrupted, TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.messaging import model as texts
from callcentre.messaging import tables
from callcentre.messaging.events import DeliveryReported, TextHandedOver, TextReceived
from callcentre.messaging.rules import Messages
from callcentre.telephony.facts import QueueLeft
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the texts."""
    messages = Messages(world)
    return Feature(
        name="messages",
        shelves=(
            Shelf(texts.Text, world.texts, tables.messages),
            Shelf(texts.Budget, world.texts, tables.budget),
            Shelf(texts.Doubt, world.texts, tables.doubt),
            Shelf(texts.Received, world.texts, tables.received),
            Shelf(texts.Pace, world.texts),
            Shelf(texts.Suppression, world.suppressions, tables.suppressions),
        ),
        rules={
            texts.TextWanted: (messages.wanted,),
            TimerDue: (messages.due,),
            TextHandedOver: (messages.handed_over,),
            EffectInterrupted: (messages.interrupted,),
            DeliveryReported: (messages.reported,),
            TextReceived: (messages.received,),
            QueueLeft: (messages.left,),
        },
    )
