"""Notices: customers are told that their callback is near, and say whether they still want it."""

from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackCompleted,
    CallbackDialled,
    CallbackExpired,
    CallbackFailed,
    CallbackNotDialled,
)
from callcentre.features.notices import model as notices
from callcentre.features.notices import tables
from callcentre.features.notices.announcing import Announcing
from callcentre.features.notices.answers import Answers
from callcentre.features.notices.auto_agent import AutoAgent, CallNext
from callcentre.kernel.event import Tick, TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.messaging import model as texts
from callcentre.messaging.facts import NumberOptedOut, SmsDelivered, SmsFailed, SmsRefused
from callcentre.telephony.dialling import outgoing
from callcentre.telephony.events import ChannelDestroyed, StasisStarted, Synchronised
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.prompts import model as conversation
from callcentre.world import World


def feature(world: World) -> Feature:
    """The component of the notices."""
    announcing, answers, auto_agent = Announcing(world), Answers(world), AutoAgent(world)
    return Feature(
        name="notify",
        shelves=(Shelf(notices.Notice, world.notices, tables.notices),),
        rules={
            Tick: (announcing.tick, auto_agent.tick),
            CallNext: (auto_agent.call_next,),
            QueueLeft: (announcing.moved,),
            CallEnded: (announcing.moved,),
            CallbackAccepted: (announcing.accepted,),
            CallbackDialled: (announcing.dialled,),
            CallbackNotDialled: (announcing.not_dialled,),
            CallbackCancelled: (announcing.cancelled,),
            CallbackCompleted: (announcing.over,),
            CallbackFailed: (announcing.over,),
            CallbackExpired: (announcing.over,),
            SmsDelivered: (announcing.delivered,),
            SmsFailed: (announcing.not_delivered,),
            SmsRefused: (announcing.not_delivered,),
            NumberOptedOut: (announcing.opted_out,),
            texts.AnswerReceived: (answers.received,),
            StasisStarted: (auto_agent.handed_over,),
            conversation.CallerAnswered: (auto_agent.answered,),
            ChannelDestroyed: (auto_agent.destroyed,),
            outgoing.CallInVain: (auto_agent.in_vain,),
            TimerDue: (announcing.due, auto_agent.due),
            Synchronised: (auto_agent.synchronised,),
        },
    )
