"""Speaking with callers by prompts and keys."""

from callcentre.domain import conversation, events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.conversation.policy import Conversation


def feature(world: World) -> Feature:
    """The room of the conversations."""
    talks = conversation.Talks()
    rules = Conversation(talks, world.prompts)
    return Feature(
        name="conversation",
        shelves=(Shelf(conversation.Talk, talks),),
        rules={
            conversation.AskCaller: (rules.asked,),
            events.PlaybackFinished: (rules.said,),
            events.KeyPressed: (rules.key,),
            events.TimerDue: (rules.due,),
            events.StasisEnded: (rules.left,),
            events.ChannelDestroyed: (rules.left,),
            events.Synchronised: (rules.synchronised,),
        },
    )
