"""How many texts go out: in a second, in a day, and to one number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextNotCounted
from callcentre.messaging.facts import SmsRefused
from callcentre.messaging.model import Budget, Lane
from callcentre.messaging.outbound import texts_of_day
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.messaging.desk import begin, refusals, wanted


@pytest.mark.parametrize(
    ("lane", "per_day", "expected"),
    [(Lane.PROMISED, 5000, 5000), (Lane.OFFERED, 5000, 4500), (Lane.OFFERED, 19, 18), (Lane.OFFERED, 9, 9)],
)
def test_a_tenth_of_the_texts_of_a_day_is_for_promised_ones(lane: Lane, per_day: int, expected: int) -> None:
    assert texts_of_day(lane, per_day) == expected


def test_surveys_do_not_use_up_the_texts_that_promises_need() -> None:
    rehearsal, _ = begin(sms={"per_day": "10"})
    for number in range(10):
        wanted(rehearsal, f"offered-{number}", number=f"+35840111300{number}", kind="survey")
    assert refusals(rehearsal) == ["budget"]
    assert [fact.reason for fact in rehearsal.facts if fact.name == "alarm.raised"] == ["sms_budget"]
    wanted(rehearsal, "promise")
    wanted(rehearsal, "another")
    assert refusals(rehearsal) == ["budget", "budget"]
    assert rehearsal.names().count("alarm.raised") == 1


def test_a_text_for_which_another_daemon_left_nothing_is_not_sent() -> None:
    rehearsal, _ = begin()
    for message in "ab":
        wanted(rehearsal, message)
    rehearsal.tell(TextNotCounted(at=rehearsal.at, message="a", reason="budget"))
    assert refusals(rehearsal) == ["budget"]
    assert rehearsal.names().count("alarm.raised") == 1
    rehearsal.tell(TextNotCounted(at=rehearsal.at, message="a", reason="budget"))
    rehearsal.tell(TextNotCounted(at=rehearsal.at, message="b", reason="per_number"))
    assert refusals(rehearsal) == ["budget", "per_number"]
    assert rehearsal.names().count("alarm.raised") == 1


def test_past_the_budget_texts_are_refused_and_an_alarm_tells_once() -> None:
    rehearsal, asterisk = begin(sms={"per_day": "1"})
    for number in (MATTI, AINO, LIISA):
        asterisk.calls_in(number)
    assert len(rehearsal.take(SendText)) == 1
    assert refusals(rehearsal) == ["budget", "budget"]
    assert rehearsal.names().count("alarm.raised") == 1
    rehearsal.later(24 * 3600)
    asterisk.calls_in(PEKKA)
    assert rehearsal.names().count("alarm.cleared") == 1


def test_the_gateway_gets_no_more_than_so_many_a_second() -> None:
    rehearsal, asterisk = begin(sms={"per_second": "2"})
    for number in (MATTI, AINO, LIISA, PEKKA):
        asterisk.calls_in(number)
    handed_over = [len(rehearsal.take(SendText))]
    for _ in range(3):
        rehearsal.later(0.5)
        handed_over.append(len(rehearsal.take(SendText)))
    assert handed_over == [1, 1, 1, 1]


def test_a_number_gets_so_many_texts_a_day_and_others_are_not_concerned() -> None:
    rehearsal, _ = begin(sms={"per_number_per_day": "2"})
    for message in "abc":
        wanted(rehearsal, message)
    wanted(rehearsal, "d", number=AINO)
    assert refusals(rehearsal) == ["per_number"]
    rehearsal.later(3)
    assert [text.message for text in rehearsal.take(SendText)] == ["a", "b", "d"]
    assert rehearsal.world.texts.budget.get("2026-06-03") == Budget(day="2026-06-03", used=3)
    again = rehearsal.restarted()
    wanted(again, "e")
    assert again.facts[-1].reason == "per_number"
    again.later(24 * 3600)
    wanted(again, "f")
    assert again.facts[-1].name == "sms.queued"


def test_answers_to_what_a_number_wrote_leave_half_for_promises() -> None:
    rehearsal, _ = begin(sms={"per_number_per_day": "5"})
    for message in "abcd":
        wanted(rehearsal, message, answers=True)
    for message in "efgh":
        wanted(rehearsal, message)
    assert [fact.message for fact in rehearsal.facts if isinstance(fact, SmsRefused)] == ["c", "d", "h"]


def test_utc_is_not_needed_for_the_day_of_the_budget() -> None:
    rehearsal, asterisk = begin(sms={"per_day": "1"})
    rehearsal.at = datetime(2026, 6, 3, 20, 59, tzinfo=UTC)
    asterisk.calls_in()
    rehearsal.at = datetime(2026, 6, 3, 21, 1, tzinfo=UTC)
    asterisk.calls_in(AINO)
    assert refusals(rehearsal) == []
