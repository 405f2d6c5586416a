"""The quarantine: nobody is asked again too soon."""

from __future__ import annotations

import re

import pytest

from callcentre.features.surveys.model import LastAsked
from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import Count
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, Refused, TextNotCounted, Unclear
from tests.cast import AINO, MATTI
from tests.unit.features.surveys.people import SATISFACTION, People, asks

DAY = 24 * 3600
SALES = {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}, "survey": {"questions": [SATISFACTION]}}}}


def test_a_person_who_was_asked_is_not_asked_by_any_service_during_the_quarantine() -> None:
    people = People(SALES)
    assert len(people.asked()) == 1
    people.rehearsal.later(13 * DAY)
    assert people.asked(queue="sales") == []
    assert people.asked() == []
    assert people.skipped() == ["quarantine", "quarantine"]
    assert len(people.asked(AINO)) == 1
    people.rehearsal.later(DAY)
    assert len(people.asked(queue="sales")) == 1


def test_the_quarantine_is_stored_by_a_hash_alone_and_survives_a_restart() -> None:
    people = People()
    people.asked()
    people.says("5")
    people.texts()
    assert people.rehearsal.world.surveys
    assert not any(MATTI in repr(record) for record in people.rehearsal.disk.values())
    [kept] = [record for record in people.rehearsal.disk.values() if isinstance(record, LastAsked)]
    assert re.fullmatch("[0-9a-f]{16}", kept.caller)
    people.restart()
    assert people.asked() == []
    assert people.skipped()[-1] == "quarantine"


@pytest.mark.parametrize(
    ("outcome", "reason"), [(Refused("no route", permanent=True), "no route"), (Refused("unreachable"), "stale")]
)
def test_only_a_question_that_was_sent_counts_for_the_quarantine(outcome: Refused, reason: str) -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    for _ in range(13 * 3600 // 60):
        for text in people.rehearsal.take(SendText):
            people.handed(text, outcome)
        people.rehearsal.later(60)
    assert people.survey_facts() == [f"survey.skipped satisfaction {reason}"]
    assert len(people.asked()) == 1


def test_a_text_that_did_not_reach_the_phone_asked_nobody() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.reported(text, Delivery.FAILED)
    assert people.survey_facts() == ["survey.skipped satisfaction undelivered"]
    assert len(people.asked()) == 1


def test_a_text_that_the_gateway_accepted_and_no_phone_got_asked_nobody() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.handed(text, Accepted())
    people.reported(text, Delivery.EXPIRED)
    assert people.survey_facts() == ["survey.asked satisfaction", "survey.expired satisfaction undelivered"]
    assert len(people.asked()) == 1


def test_a_text_without_a_report_may_still_be_answered() -> None:
    people = People(asks(expires="5d"))
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.handed(text, Accepted())
    people.rehearsal.later(3 * DAY)
    assert "sms.failed" in people.rehearsal.names()
    people.says("5")
    assert people.survey_facts()[-1] == "survey.completed"


def test_a_text_that_may_have_gone_out_asked_somebody() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.handed(text, Unclear("no answer"))
    people.rehearsal.later(2 * DAY)
    assert people.survey_facts() == ["survey.expired satisfaction unclear"]
    assert people.asked() == []
    assert people.skipped() == ["quarantine"]


def test_old_hashes_are_forgotten_once_no_quarantine_needs_them() -> None:
    people = People()
    people.asked()
    people.rehearsal.later(15 * DAY)
    people.asked(AINO)
    people.rehearsal.tell(Tick(at=people.rehearsal.at))
    assert sum(isinstance(record, LastAsked) for record in people.rehearsal.disk.values()) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_moves_the_end_of_the_quarantine(hours: int) -> None:
    people = People()
    people.asked()
    people.rehearsal.step(hours * 3600)
    people.rehearsal.later(14 * DAY - 3 * 3600 - hours * 3600)
    assert people.asked() == [], "the quarantine of 14 days goes by the wall clock"
    people.rehearsal.later(3 * 3600)
    assert len(people.asked()) == 1


def test_a_time_of_a_clock_that_was_wrong_by_years_keeps_nobody_in_quarantine() -> None:
    people = People()
    people.rehearsal.step(1000 * DAY)
    people.asked()
    people.says("5")
    people.texts()
    people.rehearsal.step(-1000 * DAY)
    assert len(people.asked()) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_text_that_no_phone_got_asked_nobody_although_the_clock_was_set_meanwhile(hours: int) -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.handed(text, Accepted())
    people.rehearsal.step(hours * 3600)
    people.reported(text, Delivery.EXPIRED)
    assert people.survey_facts()[-1] == "survey.expired satisfaction undelivered"
    assert len(people.asked()) == 1


@pytest.mark.parametrize(("quarantine", "pause"), [("0s", 60), ("1h", 3601), ("1h", 3 * 3600)])
def test_a_person_may_be_asked_several_times_a_day_after_a_short_quarantine(quarantine: str, pause: int) -> None:
    people = People(asks(quarantine=quarantine))
    for _ in range(3):
        assert len(people.asked()) == 1
        people.says("5")
        people.texts()
        people.rehearsal.later(pause)
        # What is older than the quarantine is forgotten.
        people.rehearsal.tell(Tick(at=people.rehearsal.at))
    assert people.skipped() == []


def test_a_short_quarantine_of_one_service_is_over_although_a_longer_one_of_another_remembers_the_survey() -> None:
    people = People(SALES, asks(quarantine="1h"))
    for _ in range(3):
        assert len(people.asked()) == 1
        people.says("5")
        people.texts()
        people.rehearsal.later(3601)
        people.rehearsal.tell(Tick(at=people.rehearsal.at))
    assert people.skipped() == []


def test_without_a_quarantine_a_person_may_be_asked_about_two_calls_at_once() -> None:
    people = People(asks(quarantine="0s"))
    for _ in range(2):
        people.talks()
        people.rehearsal.later(60)
        assert len(people.rehearsal.take(SendText)) == 1


# --- several daemons ---------------------------------------------------------------------------------


def test_a_survey_that_lost_the_race_with_one_of_another_daemon_asks_nobody_and_leaves_the_other_its_turn() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.rehearsal.tell(TextNotCounted(at=people.rehearsal.at, message=text.message, reason="quarantine"))
    assert people.survey_facts() == ["survey.skipped satisfaction quarantine"]
    counts = [record for record in people.rehearsal.disk.values() if isinstance(record, Count)]
    assert [one.used for one in counts if one.kind.startswith("survey")] == [1]


def test_a_person_whom_another_daemon_is_about_to_ask_is_not_asked() -> None:
    people, others = People(), People()
    others.talks()
    others.rehearsal.later(60)
    for record in others.rehearsal.disk.values():
        if isinstance(record, Count):
            people.rehearsal.world.bounds.counts.put(record)
    assert people.asked() == []
    assert people.skipped() == ["quarantine"]
