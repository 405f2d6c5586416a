"""Texts: when they go out, what becomes of them, and who wants none."""

from callcentre.domain import events, facts, texts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.messages import tables
from callcentre.features.messages.policy import Messages


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
            events.TimerDue: (messages.due,),
            events.TextHandedOver: (messages.handed_over,),
            events.EffectInterrupted: (messages.interrupted,),
            events.DeliveryReported: (messages.reported,),
            events.TextReceived: (messages.received,),
            facts.QueueLeft: (messages.left,),
        },
    )
