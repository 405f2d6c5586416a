"""Texts to phones: when they go out, whether again, and what becomes of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    Refused,
    Unclear,
)
from callcentre.messaging.model import State
from callcentre.messaging.outbound import pause_before, quiet_until
from callcentre.values.hours import DailyWindow
from tests.unit.messaging.desk import HELSINKI, begin, handed, refusals, reported, says


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
def test_quiet_hours_hold_a_text_until_they_end(at: str, until: str) -> None:
    quiet = DailyWindow.parse("21:00-07:00")
    moment = datetime.fromisoformat(at).replace(tzinfo=HELSINKI)
    assert quiet_until(quiet, moment, HELSINKI) == datetime.fromisoformat(until).replace(tzinfo=HELSINKI)


def test_tries_are_further_and_further_apart_up_to_five_minutes() -> None:
    pauses = [pause_before(attempt).total_seconds() for attempt in range(1, 13)]
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_what_was_surely_refused_is_tried_again_while_it_is_wanted() -> None:
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


def test_what_the_gateway_will_never_take_is_not_tried_again() -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("rejected", permanent=True))
    house.later(3600)
    assert house.take(SendText) == []
    assert refusals(house) == ["rejected"]


def test_a_welcome_that_may_have_gone_out_is_not_sent_again() -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Unclear("no answer"))
    house.later(3600)
    assert house.take(SendText) == []
    reported(house, text.message, Delivery.DELIVERED)
    assert house.names()[-1] == "sms.delivered"


def test_a_welcome_interrupted_by_a_crash_is_not_sent_again_and_its_report_counts() -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    house.tell(EffectInterrupted(at=house.at, effect=text))
    house.later(60)
    assert house.take(SendText) == []
    reported(house, text.message, Delivery.FAILED)
    assert house.names()[-1] == "sms.failed"


def test_a_text_of_which_nothing_is_ever_heard_fails_in_the_end() -> None:
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


def test_a_welcome_that_waits_for_the_gateway_is_not_sent_once_its_caller_left() -> None:
    house, asterisk = begin()
    call = asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("unreachable"))
    asterisk.hangs_up(call)
    house.later(3600)
    assert house.take(SendText) == []
    assert refusals(house) == ["left"]


def test_a_caller_who_opts_out_while_the_text_waits_gets_none() -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Refused("unreachable"))
    says(house, "STOP")
    house.later(60)
    assert house.take(SendText) == []
    assert refusals(house) == ["opted_out"]


def test_a_welcome_that_quiet_hours_hold_back_too_long_is_stale() -> None:
    house, asterisk = begin(sms={"quiet_hours": "11:00-20:00"})
    asterisk.calls_in()
    assert house.take(SendText) == []
    assert refusals(house) == ["stale"]


@pytest.mark.parametrize("answer", [Accepted(), Refused("x"), Refused("x", permanent=True), Unclear("x")])
def test_a_report_before_the_answer_is_the_last_word(answer: Accepted | Refused | Unclear) -> None:
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
def test_an_end_state_never_goes_back(first: Delivery, second: Delivery) -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    handed(house, text, Accepted())
    reported(house, text.message, first)
    before = house.names()
    reported(house, text.message, second)
    assert house.names() == before


def test_reports_on_the_way_and_for_nobody_change_nothing() -> None:
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
