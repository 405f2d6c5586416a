"""Speaking with callers by prompts and keys."""

from callcentre.kernel.event import TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.events import ChannelDestroyed, KeyPressed, PlaybackFinished, StasisEnded, Synchronised
from callcentre.telephony.prompts import model as conversation
from callcentre.telephony.prompts.rules import Conversation
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the conversations."""
    talks = conversation.Talks()
    rules = Conversation(talks, world.prompts)
    return Feature(
        name="conversation",
        shelves=(Shelf(conversation.Talk, talks),),
        rules={
            conversation.AskCaller: (rules.asked,),
            PlaybackFinished: (rules.said,),
            KeyPressed: (rules.key,),
            TimerDue: (rules.due,),
            StasisEnded: (rules.left,),
            ChannelDestroyed: (rules.left,),
            Synchronised: (rules.synchronised,),
        },
    )
