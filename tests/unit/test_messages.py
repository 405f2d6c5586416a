"""Texts: when they go out, whether again, what becomes of them, and who wants none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcentre.domain.effects import SendText
from callcentre.domain.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    EffectInterrupted,
    Handover,
    Refused,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.domain.facts import NumberOptedIn, NumberOptedOut, SmsReceived, SmsRefused
from callcentre.domain.hours import DailyWindow
from callcentre.domain.texts import Budget, State
from callcentre.features.messages.policy import pause_before, quiet_until, spend
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

HELSINKI = ZoneInfo("Europe/Helsinki")
EVERYBODY = {"services": {"support": {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}}}


def begin(**changes: object) -> tuple[Rehearsal, Asterisk]:
    house = Rehearsal(EVERYBODY | changes)
    asterisk = Asterisk(house)
    asterisk.connect()
    return house, asterisk


def handed(house: Rehearsal, text: SendText, outcome: Handover) -> None:
    house.tell(TextHandedOver(at=house.at, message=text.message, outcome=outcome))


def reported(house: Rehearsal, message: str, delivery: Delivery) -> None:
    house.tell(DeliveryReported(at=house.at, message=message, delivery=delivery))


def says(house: Rehearsal, body: str, sender: str = MATTI, gateway_id: str = "1") -> list[str]:
    facts = house.tell(
        TextReceived(at=house.at, gateway="kannel", gateway_id=gateway_id, sender=sender, recipient="18222", body=body)
    )
    return [fact.name for fact in facts]


def refusals(house: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in house.facts if isinstance(fact, SmsRefused)]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-06-03T20:59", "2026-06-03T20:59"),
        ("2026-06-03T21:00", "2026-06-04T07:00"),
        ("2026-06-04T06:59", "2026-06-04T07:00"),
        ("2026-06-04T07:00", "2026-06-04T07:00"),
        ("2026-03-28T23:00", "2026-03-29T07:00"),
    ],
)
def test_quiet_hours_hold_a_text_until_they_end(at, until):
    quiet = DailyWindow.parse("21:00-07:00")
    moment = datetime.fromisoformat(at).replace(tzinfo=HELSINKI)
    assert quiet_until(quiet, moment, HELSINKI) == datetime.fromisoformat(until).replace(tzinfo=HELSINKI)


def test_tries_are_further_and_further_apart_up_to_a_minute():
    pauses = [pause_before(attempt).total_seconds() for attempt in range(1, 12)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (None, (Budget(day="2026-06-03", used=1), True)),
        (Budget(day="2026-06-03", used=1), (Budget(day="2026-06-03", used=2), True)),
        (Budget(day="2026-06-03", used=2), (Budget(day="2026-06-03", used=2, exhausted=True), False)),
        (Budget(day="2026-06-02", used=2, exhausted=True), (Budget(day="2026-06-03", used=1), True)),
    ],
)
def test_a_day_has_its_budget(budget, expected):
    assert spend(budget, "2026-06-03", 2) == expected


def test_past_the_budget_texts_are_refused_and_an_alarm_tells_once():
    house, asterisk = begin(sms={"per_day": "1"})
    for number in (MATTI, "+358402223333", "+358403334444"):
        asterisk.calls_in(number)
    assert len(house.take(SendText)) == 1
    assert refusals(house) == ["budget", "budget"]
    assert house.names().count("alarm.raised") == 1
    house.later(24 * 3600)
    asterisk.calls_in("+358404445555")
    assert house.names().count("alarm.cleared") == 1


def test_the_gateway_gets_no_more_than_so_many_a_second():
    house, asterisk = begin(sms={"per_second": "2"})
    for number in (MATTI, "+358402223333", "+358403334444", "+358404445555"):
        asterisk.calls_in(number)
    handed_over = [len(house.take(SendText))]
    for _ in range(3):
        house.later(0.5)
        handed_over.append(len(house.take(SendText)))
    assert handed_over == [1, 1, 1, 1]


def test_what_was_surely_refused_is_tried_again_while_it_is_wanted():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("unreachable"))
    house.later(0.9)
    assert house.take(SendText) == []
    house.later(0.1)
    (again,) = house.take(SendText)
    assert again == text
    handed(house, again, Accepted())
    assert house.names().count("sms.accepted") == 1


def test_what_the_gateway_will_never_take_is_not_tried_again():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("rejected", permanent=True))
    house.later(3600)
    assert house.take(SendText) == []
    assert refusals(house) == ["rejected"]


def test_a_welcome_that_may_have_gone_out_is_not_sent_again():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Unclear("no answer"))
    house.later(3600)
    assert house.take(SendText) == []
    reported(house, text.message, Delivery.DELIVERED)
    assert house.names()[-1] == "sms.delivered"


def test_a_welcome_interrupted_by_a_crash_is_not_sent_again_and_its_report_counts():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    house.tell(EffectInterrupted(at=house.at, effect=text))
    house.later(60)
    assert house.take(SendText) == []
    reported(house, text.message, Delivery.FAILED)
    assert house.names()[-1] == "sms.failed"


def test_a_text_of_which_nothing_is_ever_heard_fails_in_the_end():
    house, asterisk = begin()
    asterisk.calls_in()
    asterisk.calls_in("+358402223333")
    house.later(1)
    first, second = house.take(SendText)
    handed(house, first, Accepted())
    handed(house, second, Unclear("no answer"))
    house.later(3 * 24 * 3600)
    failed = [fact.reason for fact in house.facts if fact.name == "sms.failed"]
    assert failed == ["no_report", "unclear"]
    assert not house.world.texts.open


def test_a_welcome_that_waits_for_the_gateway_is_not_sent_once_its_caller_left():
    house, asterisk = begin()
    call = asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("unreachable"))
    asterisk.hangs_up(call)
    house.later(3600)
    assert house.take(SendText) == []
    assert refusals(house) == ["left"]


def test_a_caller_who_opts_out_while_the_text_waits_gets_none():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("unreachable"))
    says(house, "STOP")
    house.later(60)
    assert house.take(SendText) == []
    assert refusals(house) == ["opted_out"]


def test_a_welcome_that_quiet_hours_hold_back_too_long_is_stale():
    house, asterisk = begin(sms={"quiet_hours": "11:00-20:00"})
    asterisk.calls_in()
    assert house.take(SendText) == []
    assert refusals(house) == ["stale"]


@pytest.mark.parametrize("answer", [Accepted(), Refused("x"), Refused("x", permanent=True), Unclear("x")])
def test_a_report_before_the_answer_is_the_last_word(answer):
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    reported(house, text.message, Delivery.DELIVERED)
    handed(house, text, answer)
    house.later(3600)
    assert house.take(SendText) == []
    assert house.names()[-1] == "sms.delivered"


@pytest.mark.parametrize("first", [Delivery.DELIVERED, Delivery.FAILED, Delivery.REJECTED, Delivery.EXPIRED])
@pytest.mark.parametrize("second", list(Delivery))
def test_an_end_state_never_goes_back(first, second):
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Accepted())
    reported(house, text.message, first)
    before = house.names()
    reported(house, text.message, second)
    assert house.names() == before


def test_reports_on_the_way_and_for_nobody_change_nothing():
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Accepted())
    before = house.names()
    reported(house, text.message, Delivery.BUFFERED)
    reported(house, text.message, Delivery.ACCEPTED)
    reported(house, "welcome-of-nobody", Delivery.DELIVERED)
    assert house.names() == before
    assert house.world.texts.open[text.message].state is State.ACCEPTED


@pytest.mark.parametrize(
    "word", ["STOP", "STOPP", "STOPALL", "SLUTA", "LOPETA", "POISTA", "UNSUBSCRIBE", "END", "QUIT"]
)
def test_opt_out_words_are_obeyed_and_answered_by_nothing(word):
    house, _ = begin()
    assert says(house, word) == ["sms.received", "number.opted_out"]
    assert house.take(SendText) == []
    assert says(house, word, gateway_id="2") == ["sms.received"]


@pytest.mark.parametrize("body", ["CANCEL", "PERU", "EI", "stop that", "5", ""])
def test_other_words_opt_nobody_out(body):
    house, _ = begin()
    assert says(house, body) == ["sms.received"]


def test_who_opted_out_can_come_back():
    house, _ = begin()
    says(house, "STOP")
    assert says(house, "Start", gateway_id="2") == ["sms.received", "number.opted_in"]
    assert says(house, "Start", gateway_id="3") == ["sms.received"]


def test_the_same_text_told_twice_is_one_text():
    house, _ = begin()
    assert says(house, "STOP") == ["sms.received", "number.opted_out"]
    assert says(house, "STOP") == []
    house.later(timedelta(days=4).total_seconds())
    says(house, "x", gateway_id="2")
    assert list(house.world.texts.received) == ["kannel 2"]


def test_a_sender_of_letters_opts_nobody_out():
    house, _ = begin()
    assert says(house, "STOP", sender="Elisa") == ["sms.received"]


def test_facts_of_texts_from_phones_hide_the_number_and_the_words():
    house, _ = begin()
    says(house, "STOP")
    assert {type(fact) for fact in house.facts} == {SmsReceived, NumberOptedOut}
    assert MATTI not in repr(house.facts)
    assert all(fact.number == "+35840•••22" and len(fact.caller) == 16 for fact in house.facts)
    says(house, "START", gateway_id="2")
    assert isinstance(house.facts[-1], NumberOptedIn)


def test_utc_is_not_needed_for_the_day_of_the_budget():
    house, asterisk = begin(sms={"per_day": "1"})
    house.at = datetime(2026, 6, 3, 20, 59, tzinfo=UTC)
    asterisk.calls_in()
    house.at = datetime(2026, 6, 3, 21, 1, tzinfo=UTC)
    asterisk.calls_in("+358402223333")
    assert refusals(house) == []
