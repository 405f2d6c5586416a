"""The rules of callbacks, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.callbacks.model import DialTime
from callcentre.features.callbacks.rules import (
    Refusal,
    Situation,
    dial_time,
    digit_prompts,
    may_offer,
    may_promise,
    minutes_prompt,
    most_in_flight,
)
from callcentre.features.callbacks.settings import DialSettings, OfferSettings, RetrySettings
from callcentre.telephony.dialling.outcome import reason_of
from callcentre.telephony.prompts.model import place_prompt
from callcentre.values.hours import OpeningHours, parse_intervals

HELSINKI = ZoneInfo("Europe/Helsinki")
OFFER = OfferSettings.model_validate({"min_wait": "5m", "until_closing": "30m", "max_open": "3"})
DIAL = DialSettings()


def hours(day: str, *, holidays: str | None = None, **exceptions: str) -> OpeningHours:
    """Every weekday the same; exceptions by date, with underscores."""
    days = {
        date.fromisoformat(name.strip("_").replace("_", "-")): parse_intervals(text)
        for name, text in exceptions.items()
    }
    return OpeningHours(HELSINKI, (parse_intervals(day),) * 7, holidays, days)


def queue(**changes: float | None) -> Situation:
    """Ten minutes' wait at the third place, and nobody with a callback."""
    usual: dict[str, Any] = {
        "place": 3, "wait": 600.0, "ahead": 2, "on_duty": 2, "handle_time": 240.0, "open_callbacks": 0,
        "calls_left": True,
    }  # fmt: skip
    return Situation(**(usual | changes))


@pytest.mark.parametrize(
    ("day", "changes", "expected"),
    [
        ({}, {}, None),
        ({"hour": 7, "minute": 59}, {}, Refusal.CLOSED),
        ({"hour": 8}, {}, None),
        ({"hour": 15, "minute": 29, "second": 59}, {}, None),
        ({"hour": 15, "minute": 30}, {}, Refusal.CLOSING_SOON),
        ({"hour": 16}, {}, Refusal.CLOSED),
        ({}, {"open_callbacks": 2}, None),
        ({}, {"open_callbacks": 3}, Refusal.FULL),
        ({}, {"cap_reached": True}, Refusal.FULL),
        ({}, {"calls_left": False}, Refusal.NO_DIALLING),
        ({}, {"wait": 300.0}, Refusal.SHORT_WAIT),
        ({}, {"wait": 300.1}, None),
        ({}, {"wait": None, "on_duty": 0}, None),
        ({}, {"wait": None, "on_duty": 0, "place": 1, "ahead": 0}, None),
        ({}, {"place": 1, "ahead": 0}, Refusal.NEXT_IN_TURN),
        ({}, {"place": 2, "ahead": 1}, None),
        # Sixty callers of four minutes with two agents take two hours; a hundred and twenty take four.
        ({"hour": 14}, {"ahead": 59}, None),
        ({"hour": 14}, {"ahead": 60}, Refusal.NOT_SERVABLE),
        ({"hour": 14}, {"ahead": 60, "on_duty": 3}, None),
        ({"hour": 14}, {"ahead": 60, "on_duty": 0, "wait": None}, None),
    ],
)
def test_a_callback_is_offered_only_when_it_can_be_kept(
    day: dict[str, int], changes: dict[str, Any], expected: Refusal | None
) -> None:
    at = datetime(2026, 6, 3, **({"hour": 12} | day), tzinfo=HELSINKI)
    assert may_offer(OFFER, DIAL, hours("08:00-16:00"), queue(**changes), at) == expected


@pytest.mark.parametrize(
    ("day", "changes", "expected"),
    [
        ({}, {}, None),
        ({"hour": 15, "minute": 59}, {"ahead": 0, "on_duty": 8}, None),
        ({"hour": 16}, {}, Refusal.CLOSED),
        ({}, {"open_callbacks": 2}, None),
        ({}, {"open_callbacks": 3}, Refusal.FULL),
        ({}, {"calls_left": False}, Refusal.NO_DIALLING),
        ({}, {"wait": 1.0}, None),
        ({}, {"place": 1, "ahead": 0}, None),
        ({"hour": 14}, {"ahead": 59}, None),
        ({"hour": 14}, {"ahead": 60}, Refusal.NOT_SERVABLE),
        ({"hour": 14}, {"ahead": 60, "on_duty": 0, "wait": None}, None),
    ],
)
def test_what_was_offered_is_promised_only_when_it_can_be_kept_still(
    day: dict[str, int], changes: dict[str, Any], expected: Refusal | None
) -> None:
    at = datetime(2026, 6, 3, **({"hour": 12} | day), tzinfo=HELSINKI)
    assert may_promise(OFFER, hours("08:00-16:00"), queue(**changes), at) == expected


@given(st.integers(0, 24 * 60), st.integers(0, 100), st.integers(0, 4), st.booleans())
def test_whatever_may_be_offered_may_be_promised_at_that_moment(
    minute: int, ahead: int, open_callbacks: int, calls_left: bool
) -> None:
    at = datetime(2026, 6, 3, tzinfo=HELSINKI) + timedelta(minutes=minute)
    now = queue(ahead=ahead, open_callbacks=open_callbacks, calls_left=calls_left)
    if may_offer(OFFER, DIAL, hours("08:00-16:00"), now, at) is None:
        assert may_promise(OFFER, hours("08:00-16:00"), now, at) is None


@pytest.mark.parametrize(("place", "expected"), [(3, Refusal.NEXT_IN_TURN), (4, None)])
def test_a_caller_who_would_be_dialled_at_once_is_offered_none(place: int, expected: Refusal | None) -> None:
    dial = DialSettings.model_validate({"at_position": "3"})
    at = datetime(2026, 6, 3, 12, tzinfo=HELSINKI)
    assert may_offer(OFFER, dial, hours("08:00-16:00"), queue(place=place), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Clocks go forward, 03:00 is 04:00: from 02:00 until closing at 05:00 it is two hours.
        ("2026-03-28T23:59:00+00:00", None),
        ("2026-03-29T00:00:00+00:00", Refusal.CLOSING_SOON),
        ("2026-03-29T01:59:00+00:00", Refusal.CLOSING_SOON),
        ("2026-03-29T02:00:00+00:00", Refusal.CLOSED),
        # Clocks go back, 04:00 is 03:00: the last two hours begin at 03:00, when it comes for the second time.
        ("2026-10-25T00:59:00+00:00", None),
        ("2026-10-25T01:00:00+00:00", Refusal.CLOSING_SOON),
        ("2026-10-25T02:59:00+00:00", Refusal.CLOSING_SOON),
        ("2026-10-25T03:00:00+00:00", Refusal.CLOSED),
    ],
)
def test_the_last_two_hours_are_two_hours_also_in_nights_when_clocks_change(at: str, expected: Refusal | None) -> None:
    offer = OfferSettings.model_validate({"until_closing": "2h"})
    nights = hours("00:00-05:00")
    assert may_offer(offer, DIAL, nights, queue(), datetime.fromisoformat(at)) == expected


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("2026-12-04", 12, None),
        ("2026-12-06", 12, Refusal.CLOSED),  # Independence Day
        ("2026-12-25", 12, Refusal.CLOSED),
        ("2026-12-23", 11, None),
        ("2026-12-23", 12, Refusal.CLOSED),
        ("2026-12-24", 9, Refusal.CLOSED),
        ("2026-12-26", 9, None),  # a holiday on which we are there all the same
    ],
)
def test_holidays_are_closed_and_exceptions_come_before_them(day: str, hour: int, expected: Refusal | None) -> None:
    open_hours = hours(
        "08:00-16:00", holidays="FI", _2026_12_23="08:00-12:00", _2026_12_24="closed", _2026_12_26="08:00-16:00"
    )
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), HELSINKI) + timedelta(hours=hour)
    assert may_offer(OFFER, DIAL, open_hours, queue(), at) == expected


@given(st.integers(0, 364 * 24 * 60), st.integers(0, 200))
def test_nothing_is_offered_that_could_not_be_served_before_closing(minute: int, ahead: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    opened = hours("08:00-16:00", holidays="FI")
    if may_offer(OFFER, DIAL, opened, queue(ahead=ahead), at) is None:
        assert opened.is_open(at + timedelta(seconds=(ahead + 1) * 240 / 2 - 0.001))
        assert opened.is_open(at + OFFER.until_closing)


@pytest.mark.parametrize(
    ("ready", "on_duty", "dial_time", "handle_time", "most"),
    [
        (0, 0, 20, 240, 0),
        (2, 0, 20, 240, 0),
        (0, 1, 20, 240, 1),
        (1, 1, 20, 240, 2),
        (0, 5, 20, 240, 1),
        (3, 5, 20, 240, 4),
        (0, 30, 20, 240, 2),
        (0, 31, 20, 240, 3),
        (0, 5, 20, 20, 5),
        (0, 2, 20, 0, 40),
    ],
)
def test_as_many_are_dialled_as_agents_are_ready_or_will_be(
    ready: int, on_duty: int, dial_time: int, handle_time: int, most: int
) -> None:
    assert most_in_flight(ready=ready, on_duty=on_duty, dial_time=dial_time, handle_time=handle_time) == most


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (17, "busy"),
        (16, "no_answer"),
        (18, "no_answer"),
        (19, "no_answer"),
        (0, "no_answer"),
        (1, "impossible"),
        (21, "impossible"),
        (28, "impossible"),
        (34, "failed"),
        (38, "failed"),
        (999, "failed"),
    ],
)
def test_the_cause_of_a_call_in_vain_says_what_follows(cause: int, reason: str) -> None:
    assert reason_of(cause) == reason


@pytest.mark.parametrize(("reason", "minutes"), [("busy", 3), ("no_answer", 10), ("failed", 5), ("else", 5)])
def test_the_pause_is_that_of_the_cause(reason: str, minutes: int) -> None:
    assert RetrySettings().after(reason) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("seconds", "usual"), [((), 20.0), ((5.0,), 20.0), ((10.0, 20.0, 30.0, 40.0, 50.0) * 4, 30.0)])
def test_the_dialling_time_is_the_usual_one_until_enough_have_been_seen(
    seconds: tuple[float, ...], usual: float
) -> None:
    assert dial_time(DialTime(seconds=seconds)) == usual
    assert dial_time(None) == 20.0


@pytest.mark.parametrize(
    ("wait", "prompt"),
    [(0.0, "1"), (60.0, "1"), (60.4, "2"), (61.0, "2"), (600.0, "10"), (3600.0, "60"), (3601.0, "more-than-60")],
)
def test_a_wait_is_said_in_whole_minutes_rounded_up(wait: float, prompt: str) -> None:
    assert minutes_prompt(wait) == f"minutes/{prompt}"


@pytest.mark.parametrize(("place", "prompt"), [(1, "1"), (60, "60"), (61, "more-than-60")])
def test_a_place_is_said_as_far_as_there_are_prompts(place: int, prompt: str) -> None:
    assert place_prompt(place) == f"numbers/{prompt}"


def test_a_number_is_said_digit_by_digit() -> None:
    assert digit_prompts("+040 ٣1") == ("digits/0", "digits/4", "digits/0", "digits/1")
