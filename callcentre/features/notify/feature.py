"""Notices: people are told that their callback is near, and say whether they still want it."""

from callcentre.domain import conversation, events, facts, notices, outgoing, texts
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.notify import tables
from callcentre.features.notify.answers import Answers
from callcentre.features.notify.auto_agent import AutoAgent
from callcentre.features.notify.telling import Telling


def feature(world: World) -> Feature:
    """The room of the notices."""
    telling, answers, auto_agent = Telling(world), Answers(world), AutoAgent(world)
    return Feature(
        name="notify",
        shelves=(Shelf(notices.Notice, world.notices, tables.notices),),
        rules={
            events.Beat: (telling.beat, auto_agent.beat),
            facts.QueueLeft: (telling.moved,),
            facts.CallEnded: (telling.moved,),
            facts.CallbackAccepted: (telling.accepted,),
            facts.CallbackDialled: (telling.dialled,),
            facts.CallbackNotDialled: (telling.not_dialled,),
            facts.CallbackCancelled: (telling.cancelled,),
            facts.CallbackCompleted: (telling.over,),
            facts.CallbackFailed: (telling.over,),
            facts.CallbackExpired: (telling.over,),
            facts.SmsDelivered: (telling.delivered,),
            facts.SmsFailed: (telling.not_delivered,),
            facts.SmsRefused: (telling.not_delivered,),
            facts.NumberOptedOut: (telling.opted_out,),
            texts.AnswerReceived: (answers.received,),
            events.StasisStarted: (auto_agent.handed_over,),
            conversation.CallerAnswered: (auto_agent.answered,),
            events.ChannelDestroyed: (auto_agent.destroyed,),
            outgoing.CallInVain: (auto_agent.in_vain,),
            events.TimerDue: (telling.due, auto_agent.due),
            events.Synchronised: (auto_agent.synchronised,),
        },
    )
