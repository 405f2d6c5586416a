"""Notices: people are told that their callback is near, and say whether they still want it."""

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
from callcentre.features.notices.answers import Answers
from callcentre.features.notices.auto_agent import AutoAgent
from callcentre.features.notices.telling import Telling
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
    """The room of the notices."""
    telling, answers, auto_agent = Telling(world), Answers(world), AutoAgent(world)
    return Feature(
        name="notify",
        shelves=(Shelf(notices.Notice, world.notices, tables.notices),),
        rules={
            Tick: (telling.beat, auto_agent.beat),
            QueueLeft: (telling.moved,),
            CallEnded: (telling.moved,),
            CallbackAccepted: (telling.accepted,),
            CallbackDialled: (telling.dialled,),
            CallbackNotDialled: (telling.not_dialled,),
            CallbackCancelled: (telling.cancelled,),
            CallbackCompleted: (telling.over,),
            CallbackFailed: (telling.over,),
            CallbackExpired: (telling.over,),
            SmsDelivered: (telling.delivered,),
            SmsFailed: (telling.not_delivered,),
            SmsRefused: (telling.not_delivered,),
            NumberOptedOut: (telling.opted_out,),
            texts.AnswerReceived: (answers.received,),
            StasisStarted: (auto_agent.handed_over,),
            conversation.CallerAnswered: (auto_agent.answered,),
            ChannelDestroyed: (auto_agent.destroyed,),
            outgoing.CallInVain: (auto_agent.in_vain,),
            TimerDue: (telling.due, auto_agent.due),
            Synchronised: (auto_agent.synchronised,),
        },
    )
