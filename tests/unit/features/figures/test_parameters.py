"""What the address of the statistics asks for: days, comparison, and what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from callcentre.features.figures.parameters import (
    GROUPS,
    Days,
    Wanted,
    asked_by_api,
    earlier,
    period_of,
    spans,
    wanted,
)
from callcentre.statistics.periods import milliseconds
from callcentre.statistics.questions import By

HELSINKI = ZoneInfo("Europe/Helsinki")
TODAY = date(2026, 11, 29)
SERVICES = frozenset({"support", "sales"})
HOUR = 60 * 60 * 1000


def days(first: str, last: str) -> Days:
    return Days(first=date.fromisoformat(first), last=date.fromisoformat(last))


def asked(**query: str) -> Wanted:
    found, fields = wanted({name.rstrip("_"): value for name, value in query.items()}, today=TODAY, services=SERVICES)
    assert found is not None, fields.mistakes
    return found


def mistakes(**query: str) -> dict[str, str]:
    found, fields = wanted({name.rstrip("_"): value for name, value in query.items()}, today=TODAY, services=SERVICES)
    assert found is None
    return {name: mistake.message % mistake.values for name, mistake in fields.mistakes.items()}


def test_every_group_of_the_figures_can_be_asked_for() -> None:
    assert set(GROUPS) == set(get_args(By))


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, "2026-11-29", "2026-11-29"),
        ({"period": "today"}, "2026-11-29", "2026-11-29"),
        ({"period": "yesterday"}, "2026-11-28", "2026-11-28"),
        ({"period": "7days"}, "2026-11-23", "2026-11-29"),
        ({"period": "month"}, "2026-11-01", "2026-11-29"),
        ({"period": "own", "from_": "2026-03-01", "to": "2026-03-31"}, "2026-03-01", "2026-03-31"),
        ({"from_": "2026-11-20"}, "2026-11-20", "2026-11-29"),
        # The form sends its days with every period.
        ({"period": "today", "from_": "2026-03-01", "to": "x"}, "2026-11-29", "2026-11-29"),
    ],
)
def test_a_period_is_whole_days(query: dict[str, str], first: str, last: str) -> None:
    assert asked(**query).days == days(first, last)


@pytest.mark.parametrize(
    ("query", "by"),
    [
        ({"period": "today"}, "hour"),
        ({"period": "7days"}, "day"),
        ({"from_": "2026-01-01", "to": "2026-11-01"}, "week"),
        ({"period": "7days", "by": "quarter_hour"}, "quarter_hour"),
        ({"period": "month", "by": "agent"}, "agent"),
    ],
)
def test_steps_suit_the_days_unless_others_are_asked_for(query: dict[str, str], by: str) -> None:
    assert asked(**query).by == by


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"period": "decade"}, "period", "Choose one"),
        ({"period": "own"}, "from", "Enter the first day"),
        ({"period": "own", "from_": "2026-02-30"}, "from", "not a day"),
        ({"period": "own", "from_": "20260201"}, "from", "not a day"),
        ({"period": "own", "from_": "0001-01-01", "to": "2026-01-01"}, "from", "not a day"),
        ({"from_": "2026-02-02", "to": "tomorrow"}, "to", "not a day"),
        ({"from_": "2026-02-02", "to": "2026-02-01"}, "to", "before the first"),
        ({"from_": "2027-02-02"}, "from", "before the first"),
        ({"from_": "1999-01-01"}, "from", "At most 3700 days"),
        ({"service": "parcels"}, "service", "no such service"),
        ({"by": "decade"}, "by", "Choose one"),
        ({"period": "yesterday", "by": "minute", "compare": "decade"}, "compare", "Choose one"),
        ({"period": "7days", "by": "minute"}, "by", "one day only"),
        ({"period": "month", "by": "quarter_hour"}, "by", "at most 7 days"),
    ],
)
def test_a_mistake_is_said_at_its_field(query: dict[str, str], field: str, words: str) -> None:
    found = mistakes(**query)
    assert found.keys() == {field}
    assert words in found[field]


def test_all_mistakes_are_said_and_everything_that_was_sent_is_there_again() -> None:
    query = {"period": "own", "from": "x", "to": "y", "service": "parcels", "by": "decade", "compare": "z"}
    found, fields = wanted(query, today=TODAY, services=SERVICES)
    assert found is None
    assert fields.mistakes.keys() == {"from", "to", "service", "by", "compare"}
    assert {name: fields[name] for name in query} == query
    assert period_of(fields) == "own"


@pytest.mark.parametrize(
    ("first", "last", "compare", "period", "before"),
    [
        ("2026-11-29", "2026-11-29", "previous", "today", ("2026-11-28", "2026-11-28")),
        ("2026-11-23", "2026-11-29", "previous", "7days", ("2026-11-16", "2026-11-22")),
        ("2026-11-01", "2026-11-29", "previous", "month", ("2026-10-01", "2026-10-29")),
        # February has fewer days than there were in March until now.
        ("2026-03-01", "2026-03-31", "previous", "month", ("2026-02-01", "2026-02-28")),
        ("2026-11-29", "2026-11-29", "week", "today", ("2026-11-22", "2026-11-22")),
        ("2026-11-01", "2026-11-29", "year", "month", ("2025-11-01", "2025-11-29")),
        ("2028-02-29", "2028-03-01", "year", "own", ("2027-02-28", "2027-03-01")),
        ("2026-11-01", "2026-11-29", "", "month", None),
    ],
)
def test_what_a_period_is_compared_with(
    first: str, last: str, compare: str, period: str, before: tuple[str, str] | None
) -> None:
    assert earlier(days(first, last), compare, period) == (None if before is None else days(*before))


def test_days_begin_and_end_with_those_of_the_timezone_also_when_the_clock_is_changed() -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    lengths = []
    for day in ("2026-03-29", "2026-10-25", "2026-11-01"):
        span, _ = spans(asked(from_=day, to=day), now, HELSINKI)
        assert span.start == milliseconds(datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=HELSINKI))
        assert span.stop is not None
        lengths.append((span.stop - span.start) // HOUR)
    assert lengths == [23, 25, 24]


def test_half_a_day_is_compared_with_half_a_day() -> None:
    now = datetime(2026, 11, 29, 10, 30, 59, tzinfo=UTC)
    _, before = spans(asked(period="today", compare="week"), now, HELSINKI)
    assert before is not None
    assert before.stop == milliseconds(datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
    # The wall clock counts: before the clock was put back this time of day came an hour earlier.
    back = datetime(2026, 10, 25, 10, 30, tzinfo=UTC)
    found, _ = wanted({"compare": "previous"}, today=date(2026, 10, 25), services=SERVICES)
    assert found is not None
    _, before = spans(found, back, HELSINKI)
    assert before is not None
    assert before.stop == milliseconds(datetime(2026, 10, 24, 9, 30, tzinfo=UTC))
    # Days that are over are compared as a whole.
    _, before = spans(asked(period="yesterday", compare="previous"), now, HELSINKI)
    assert before is not None
    assert before.stop == milliseconds(datetime(2026, 11, 27, 22, tzinfo=UTC))


def test_a_program_asks_as_the_command_does() -> None:
    found, _ = asked_by_api({"by": "day", "from": "2026-10-25", "to": "2026-10-25"}, zone=HELSINKI, today=TODAY)
    assert found is not None
    assert (found.by, found.service) == ("day", None)
    assert (found.span.stop or 0) - (found.span.start or 0) == 25 * HOUR
    everything, _ = asked_by_api({}, zone=HELSINKI, today=TODAY)
    assert everything is not None
    assert (everything.by, everything.span.start, everything.span.stop) == ("service", None, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "decade"}, "by"),
        ({"from": "x"}, "from"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "to"),
        ({"by": "minute"}, "by"),
        ({"by": "minute", "from": "2026-11-01", "to": "2026-11-29"}, "by"),
    ],
)
def test_a_program_is_refused_what_makes_no_sense_or_is_too_much(query: dict[str, str], field: str) -> None:
    found, wrong = asked_by_api(query, zone=HELSINKI, today=TODAY)
    assert found is None
    assert wrong.keys() == {field}
