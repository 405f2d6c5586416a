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
from tests.cast import AINO
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


def test_pauses_between_tries_grow_up_to_five_minutes() -> None:
    pauses = [pause_before(attempt).total_seconds() for attempt in range(1, 13)]
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_what_was_surely_refused_is_tried_again_while_it_is_wanted() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    rehearsal.later(0.9)
    assert rehearsal.take(SendText) == []
    rehearsal.later(0.1)
    (again,) = rehearsal.take(SendText)
    assert again == text
    handed(rehearsal, again, Accepted())
    assert rehearsal.names().count("sms.accepted") == 1


def test_what_the_gateway_will_never_take_is_not_tried_again() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("rejected", permanent=True))
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["rejected"]


def test_a_welcome_that_may_have_gone_out_is_not_sent_again() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Unclear("no answer"))
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, text.message, Delivery.DELIVERED)
    assert rehearsal.names()[-1] == "sms.delivered"


def test_a_welcome_interrupted_by_a_crash_is_not_sent_again_and_its_report_counts() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
    rehearsal.later(60)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, text.message, Delivery.FAILED)
    assert rehearsal.names()[-1] == "sms.failed"


def test_a_text_of_which_nothing_is_ever_heard_fails_in_the_end() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    asterisk.calls_in(AINO)
    rehearsal.later(1)
    first, second = rehearsal.take(SendText)
    handed(rehearsal, first, Accepted())
    handed(rehearsal, second, Unclear("no answer"))
    rehearsal.later(3 * 24 * 3600)
    failed = [fact.reason for fact in rehearsal.facts if fact.name == "sms.failed"]
    assert failed == ["no_report", "unclear"]
    assert not rehearsal.world.texts.open


def test_a_welcome_that_waits_for_the_gateway_is_not_sent_once_its_caller_left() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    asterisk.hangs_up(call)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["left"]


def test_a_caller_who_opts_out_while_the_text_waits_gets_none() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    says(rehearsal, "STOP")
    rehearsal.later(60)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["opted_out"]


def test_a_welcome_that_quiet_hours_hold_back_too_long_is_stale() -> None:
    rehearsal, asterisk = begin(sms={"quiet_hours": "11:00-20:00"})
    asterisk.calls_in()
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["stale"]


@pytest.mark.parametrize("answer", [Accepted(), Refused("x"), Refused("x", permanent=True), Unclear("x")])
def test_a_report_before_the_answer_is_the_last_word(answer: Accepted | Refused | Unclear) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    reported(rehearsal, text.message, Delivery.DELIVERED)
    handed(rehearsal, text, answer)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert rehearsal.names()[-1] == "sms.delivered"


@pytest.mark.parametrize("first", [Delivery.DELIVERED, Delivery.FAILED, Delivery.REJECTED, Delivery.EXPIRED])
@pytest.mark.parametrize("second", list(Delivery))
def test_an_end_state_never_goes_back(first: Delivery, second: Delivery) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Accepted())
    reported(rehearsal, text.message, first)
    before = rehearsal.names()
    reported(rehearsal, text.message, second)
    assert rehearsal.names() == before


def test_reports_on_the_way_and_for_nobody_change_nothing() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Accepted())
    before = rehearsal.names()
    reported(rehearsal, text.message, Delivery.BUFFERED)
    reported(rehearsal, text.message, Delivery.ACCEPTED)
    reported(rehearsal, "welcome-of-nobody", Delivery.DELIVERED)
    assert rehearsal.names() == before
    assert rehearsal.world.texts.open[text.message].state is State.ACCEPTED
