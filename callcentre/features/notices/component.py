"""Notices: customers are told that their callback is near, and say whether they still want it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from callcentre.features.callbacks.interface import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackCompleted,
    CallbackDialled,
    CallbackExpired,
    CallbackFailed,
    CallbackNotDialled,
    OpenCallbacks,
)
from callcentre.features.notices.announcing import Announcing
from callcentre.features.notices.answers import Answers
from callcentre.features.notices.auto_agent import AutoAgent, CallNext
from callcentre.features.notices.for_callbacks import announcer
from callcentre.features.notices.kinds import NOTICE, REPLIES
from callcentre.features.notices.model import Notices
from callcentre.features.notices.timers import AutoAgentRings, DeliveryAwaited, NoticeForgotten
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.people import People
from callcentre.kernel.records import RecordsOfOthers
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.facts import NumberOptedOut, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.inbound import CLEAR_ANSWER, OTHER_ANSWER, Claim, OpenQuestions, OptOutExemption
from callcentre.messaging.interface import Texts
from callcentre.telephony.dialling.interface import CallsOfOurs, OwnCalls
from callcentre.telephony.dialling.outgoing import CallInVain
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.prompts.model import CallerAnswered
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.stasis.interface import purpose


def build(building: Building) -> Iterable[Any]:
    """What the notices bring."""
    notices = Notices()
    in_force, people = building.need(SettingsInForce), building.need(People)
    queue_view, own_calls, texts = building.need(QueueView), building.need(OwnCalls), building.need(Texts)
    callbacks, bounds = building.need(OpenCallbacks), building.need(Bounds)
    announcing = Announcing(notices, in_force, people, queue_view, callbacks, texts)
    answers = Answers(notices, in_force, people, own_calls, callbacks, texts, bounds)
    of_others = RecordsOfOthers(notices)
    auto_agent = AutoAgent(notices, in_force, people, own_calls, queue_view.calls, callbacks)
    return (
        notices,
        Retention(
            notices,
            holds="Notices of callbacks, with the number",
            keeps="until the callback has ended; a day longer when the person may answer by text",
            why="a late answer differs from an answer to nothing",
            person=Person(
                erased=Erased.ENDED,
                number=("number",),
                caller=("caller",),
                ids=("callback",),
                inside=("state", "promised_on"),
                names=("answer",),
            ),
        ),
        announcer(notices),
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
        on(ErasureBegun, announcing.erased),
        on(DeliveryAwaited, announcing.no_report),
        on(NoticeForgotten, announcing.forgotten),
        replace(NOTICE, still_wanted=announcing.still_wanted),
        *REPLIES,
        Claim(precedence=CLEAR_ANSWER, name="a clear answer to a notice", rule=answers.clear),
        Claim(precedence=OTHER_ANSWER, name="any other text to a notice", rule=answers.other),
        OptOutExemption(answers.cancels),
        of_others,
        OpenQuestions(of_others, answers.asked, cancels=True),
        purpose("notice", auto_agent.handed_over),
        on(CallerAnswered, auto_agent.answered),
        on(ChannelDestroyed, auto_agent.destroyed),
        on(CallInVain, auto_agent.in_vain),
        on(AutoAgentRings, auto_agent.lost),
        on(Synchronised, auto_agent.synchronised),
    )


COMPONENT = Component(name="notices", build=build)
