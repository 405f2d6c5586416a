"""Surveys: people are asked after an answered call how it went, and their answers are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks.interface import OpenCallbacks
from callcentre.features.surveys.answering import Answering
from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.kinds import SURVEY
from callcentre.features.surveys.model import Surveys, given_answers, last_asked
from callcentre.features.surveys.outside.api import SEND_RESULTS
from callcentre.features.surveys.retention import retentions
from callcentre.features.surveys.timers import SurveyDue, SurveyExpires
from callcentre.features.surveys.web import routes
from callcentre.kernel.clock_steps.model import ClockSteps
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.people import People
from callcentre.kernel.records import RecordsOfOthers
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.facts import NumberOptedOut, SmsAccepted, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.inbound import SURVEY_ANSWER, Claim, OpenQuestions
from callcentre.messaging.interface import Texts
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import CallOver
from callcentre.web.ports import WebPorts


def build(building: Building) -> Iterable[Any]:
    """What the surveys bring."""
    in_force, texts = building.need(SettingsInForce), building.need(Texts)
    surveys, people_asked, answers = Surveys(), last_asked(), given_answers()

    asking = Asking(
        surveys,
        people_asked,
        in_force,
        building.need(People),
        building.need(QueueView).calls,
        texts,
        building.need(OpenCallbacks).is_open_to,
        building.need(ClockSteps),
        building.need(Bounds),
    )
    answering = Answering(surveys, in_force, texts, asking)
    of_others = RecordsOfOthers(surveys)
    return (
        surveys,
        people_asked,
        answers,
        *retentions(surveys, people_asked, answers, asking),
        on(CallOver, asking.over),
        on(SurveyDue, asking.due),
        on(SurveyExpires, asking.expires),
        on(SmsAccepted, asking.sent),
        on(SmsDelivered, asking.sent),
        on(SmsRefused, asking.not_sent),
        on(SmsFailed, asking.not_sent),
        on(NumberOptedOut, asking.opted_out),
        on(ErasureBegun, asking.erased),
        SURVEY,
        Claim(precedence=SURVEY_ANSWER, name="an answer to a survey", rule=answering.received),
        of_others,
        OpenQuestions(of_others, surveys.asked),
        on(SurveyFilledIn, answering.filled_in),
        KnowsNumber(surveys.number_of),
        SEND_RESULTS,
        *routes(building.need(WebPorts), surveys, in_force),
    )


COMPONENT = Component(name="surveys", build=build)
