"""Notices: customers are told that their callback is near, and say whether they still want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

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
from callcentre.telephony.dialling.interface import CallsOfOurs
from callcentre.telephony.dialling.outgoing import CallInVain
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.prompts.model import CallerAnswered
from callcentre.telephony.stasis import purpose

if TYPE_CHECKING:
    from callcentre.features.callbacks.model import Callback
    from callcentre.messaging.model import Text
    from callcentre.world import World


def build(building: Building) -> Iterable[Any]:
    """What the notices bring."""
    from callcentre.world import World

    world = building.need(World)
    notices, callbacks, texts = world.notices, _CallbacksOfWorld(world), _TextsOfWorld(world)
    announcing = Announcing(notices, world, world, world.queue_view, callbacks, texts)
    answers = Answers(world)
    auto_agent = AutoAgent(notices, world, world, world.own_calls, world.calls, callbacks)
    return (
        notices,
        CallsOfOurs(
            in_flight=notices.in_flight, ringing=notices.ringing, has_phone=notices.has_phone, about=notices.about
        ),
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


class _CallbacksOfWorld:
    """The open callbacks, until their feature provides them itself."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, callback: str | None) -> Callback | None:
        return self._world.callbacks.open.get(callback or "")

    def queued(self, queue: str) -> Iterator[Callback]:
        return self._world.callbacks.queued(queue)

    def place(self, callback: Callback) -> int:
        return self._world.place(callback)


class _TextsOfWorld:
    """The open texts, until messaging provides them itself."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, message: str) -> Text | None:
        return self._world.texts.open.get(message)

    def is_opted_out(self, caller: str) -> bool:
        return caller in self._world.suppressions


COMPONENT = Component(name="notices", build=build, settings=settings.PARTS)
