"""Surveys: people are asked after an answered call how it went, and their answers are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.surveys import settings
from callcentre.features.surveys.answering import Answering
from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.model import SurveyAnswer
from callcentre.features.surveys.timers import SurveyDue, SurveyExpires
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.records import Records
from callcentre.messaging.facts import NumberOptedOut, SmsAccepted, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.model import AnswerReceived
from callcentre.telephony.queue_view.model import CallOver


def build(building: Building) -> Iterable[Any]:
    """What the surveys bring."""
    from callcentre.world import World

    world = building.need(World)
    asking = Asking(world)
    answering = Answering(world, asking)
    return (
        world.surveys,
        world.last_asked,
        Records(SurveyAnswer, table="survey_answers", indexes=("at",), cached=0),
        on(CallOver, asking.over),
        on(SurveyDue, asking.due),
        on(SurveyExpires, asking.expires),
        on(SmsAccepted, asking.sent),
        on(SmsDelivered, asking.sent),
        on(SmsRefused, asking.not_sent),
        on(SmsFailed, asking.not_sent),
        on(NumberOptedOut, asking.opted_out),
        on(AnswerReceived, answering.received),
        on(SurveyFilledIn, answering.filled_in),
    )


COMPONENT = Component(name="surveys", build=build, settings=settings.PARTS)
