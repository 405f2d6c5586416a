"""When a question goes out, and what may happen before."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.surveys.model import name_of, token_of
from callcentre.kernel.event import SettingsChanged
from callcentre.messaging.effects import SendText
from tests.cast import MATTI
from tests.unit.features.surveys.people import People, asks
from tests.unit.rehearsal import settings

HELSINKI = ZoneInfo("Europe/Helsinki")
DAY = 24 * 3600


def test_in_the_evening_the_question_waits_for_the_morning() -> None:
    people = People(asks(between="09:00-19:00"))
    people.rehearsal.later(7 * 3600)
    people.talks()
    people.rehearsal.later(13 * 3600)
    assert people.texts() == []
    people.rehearsal.later(3600)
    assert len(people.texts()) == 1
    assert people.rehearsal.at.astimezone(HELSINKI).hour == 9


def test_a_question_that_fell_due_in_quiet_hours_during_an_outage_waits_for_their_end() -> None:
    people = People({"sms": {"quiet_hours": "21:00-07:00"}})
    people.talks()
    people.away(10 * 3600)
    assert people.texts() == []
    people.rehearsal.later(10 * 3600)
    assert len(people.texts()) == 1


def test_a_question_that_fell_due_long_ago_is_dropped() -> None:
    people = People()
    people.talks()
    people.away(DAY + 60)
    assert people.texts() == []
    assert people.skipped() == ["stale"]
    assert people.rehearsal.timers == {}


def test_a_caller_who_opts_out_before_the_question_is_not_asked() -> None:
    people = People()
    people.talks()
    people.says("STOP")
    people.rehearsal.later(DAY)
    assert people.texts() == []
    assert people.skipped() == ["opted_out"]
    people.talks()
    assert people.skipped() == ["opted_out", "opted_out"]


def test_the_later_of_two_calls_is_asked_about() -> None:
    people = People()
    people.talks()
    later = people.talks(seconds=20)
    people.rehearsal.later(300)
    assert len(people.texts()) == 1
    assert people.survey_facts() == ["survey.skipped called_again", "survey.asked satisfaction"]
    assert people.rehearsal.facts[-1].call == later


def test_a_later_call_that_is_not_asked_about_leaves_the_earlier_one() -> None:
    people = People()
    earlier = people.talks()
    people.talks(seconds=5)
    people.rehearsal.later(60)
    assert len(people.texts()) == 1
    assert people.survey_facts() == ["survey.skipped min_talk", "survey.asked satisfaction"]
    assert people.rehearsal.world.surveys.of_token(token_of(b"k" * 32, earlier)) is None
    assert name_of(token_of(b"k" * 32, earlier)) in people.rehearsal.world.surveys


def test_a_caller_who_is_on_the_line_again_is_not_asked_about_the_call_before() -> None:
    people = People()
    people.talks()
    people.asterisk.calls_in("0401112222")
    people.rehearsal.later(60)
    assert people.texts() == []
    assert people.skipped() == ["called_again"]


def test_a_caller_who_waits_for_a_callback_is_not_asked() -> None:
    people = People()
    people.talks()
    people.rehearsal.tell(
        CallbackRequested(
            at=people.rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="customer"
        )
    )
    people.rehearsal.take(SendText)
    people.rehearsal.later(60)
    assert people.skipped() == ["callback_open"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"services": {"support": {"survey": None}}}, "configuration"),
        ({"numbers": {"blocked": ["+358401112222"]}}, "blocked"),
    ],
)
def test_the_settings_at_the_time_of_sending_decide(changes: dict[str, Any], reason: str) -> None:
    people = People()
    people.talks()
    people.rehearsal.tell(SettingsChanged(at=people.rehearsal.at, settings=settings(changes)))
    people.rehearsal.later(60)
    assert people.texts() == []
    assert people.skipped() == [reason]
