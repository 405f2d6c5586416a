"""Notices: customers are told that their callback is near, and say whether they still want it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackCompleted,
    CallbackDialled,
    CallbackExpired,
    CallbackFailed,
    CallbackNotDialled,
)
from callcentre.features.notices import settings
from callcentre.features.notices.announcing import Announcing
from callcentre.features.notices.answers import Answers
from callcentre.features.notices.auto_agent import AutoAgent, CallNext
from callcentre.features.notices.timers import AutoAgentRings, DeliveryAwaited, NoticeForgotten
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import Tick
from callcentre.messaging.facts import NumberOptedOut, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.model import AnswerReceived
from callcentre.telephony.dialling.outgoing import CallInVain
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.prompts.model import CallerAnswered
from callcentre.telephony.stasis import purpose


def build(building: Building) -> Iterable[Any]:
    """What the notices bring."""
    from callcentre.world import World

    world = building.need(World)
    announcing, answers, auto_agent = Announcing(world), Answers(world), AutoAgent(world)
    return (
        world.notices,
        on(Tick, announcing.tick, auto_agent.tick),
        on(CallNext, auto_agent.call_next),
        on(QueueLeft, announcing.moved),
        on(CallEnded, announcing.moved),
        on(CallbackAccepted, announcing.accepted),
        on(CallbackDialled, announcing.dialled),
        on(CallbackNotDialled, announcing.not_dialled),
        on(CallbackCancelled, announcing.cancelled),
        on(CallbackCompleted, announcing.over),
        on(CallbackFailed, announcing.over),
        on(CallbackExpired, announcing.over),
        on(SmsDelivered, announcing.delivered),
        on(SmsFailed, announcing.not_delivered),
        on(SmsRefused, announcing.not_delivered),
        on(NumberOptedOut, announcing.opted_out),
        on(DeliveryAwaited, announcing.no_report),
        on(NoticeForgotten, announcing.forgotten),
        on(AnswerReceived, answers.received),
        purpose("notice", auto_agent.handed_over),
        on(CallerAnswered, auto_agent.answered),
        on(ChannelDestroyed, auto_agent.destroyed),
        on(CallInVain, auto_agent.in_vain),
        on(AutoAgentRings, auto_agent.lost),
        on(Synchronised, auto_agent.synchronised),
    )


COMPONENT = Component(name="notices", build=build, settings=settings.PARTS)
