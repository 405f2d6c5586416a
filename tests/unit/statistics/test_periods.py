"""Spans and calendar periods, also in the nights when clocks are changed."""
# ruff: noqa: DTZ001, E501 - Hypothesis draws moments without a zone; a table is read by its rows

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.statistics.periods import Unit, milliseconds, periods, span

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR = 60 * 60 * 1000


def at(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))


def named(unit: Unit, start: str, stop: str, zone: ZoneInfo = HELSINKI) -> list[tuple[str, float]]:
    """The periods by name, and how many hours each has."""
    return [(each.name, (each.stop - each.start) / HOUR) for each in periods(unit, at(start), at(stop), zone)]


@pytest.mark.parametrize(
    ("unit", "start", "stop", "expected"),
    [
        # Forward: there is no hour 3 on 29 March.
        ("hour", "2026-03-29T00:30Z", "2026-03-29T01:30Z", [("2026-03-29T02:00+02:00", 1), ("2026-03-29T04:00+03:00", 1)]),
        ("day", "2026-03-28T12:00Z", "2026-03-30T12:00Z", [("2026-03-28", 24), ("2026-03-29", 23), ("2026-03-30", 24)]),
        # Back: the hour 3 comes twice on 25 October.
        ("hour", "2026-10-25T00:10Z", "2026-10-25T02:10Z", [
            ("2026-10-25T03:00+03:00", 1), ("2026-10-25T03:00+02:00", 1), ("2026-10-25T04:00+02:00", 1),
        ]),
        ("day", "2026-10-24T22:00Z", "2026-10-25T22:00Z", [("2026-10-25", 25)]),
        ("week", "2026-10-25T12:00Z", "2026-10-26T12:00Z", [("2026-W43", 169), ("2026-W44", 168)]),
        # The first days of 2027 belong to the last week of 2026 (ISO 8601).
        ("week", "2027-01-01T12:00Z", "2027-01-01T13:00Z", [("2026-W53", 168)]),
        ("day", "2026-06-03T12:00Z", "2026-06-03T12:00Z", [("2026-06-03", 24)]),
    ],
)  # fmt: skip
def test_periods_are_those_of_the_calendar_on_the_wall(
    unit: Unit, start: str, stop: str, expected: list[tuple[int | str, ...]]
) -> None:
    assert named(unit, start, stop) == expected


def test_an_hour_of_a_zone_that_is_half_an_hour_off_is_an_hour_of_its_own_clock() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    assert named("hour", "2026-06-03T12:00Z", "2026-06-03T12:31Z", kolkata) == [
        ("2026-06-03T17:00+05:30", 1), ("2026-06-03T18:00+05:30", 1),
    ]  # fmt: skip


def test_where_a_clock_is_put_back_by_half_an_hour_that_hour_is_half_as_long_again() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert named("hour", "2026-04-04T14:10Z", "2026-04-04T15:40Z", lord_howe) == [
        ("2026-04-05T01:00+11:00", 1.5), ("2026-04-05T02:00+10:30", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [("2026-03-29", "2026-03-29", 23), ("2026-10-25", "2026-10-25", 25), ("2026-06-01", "2026-06-02", 48)],
)
def test_a_span_holds_its_days_whole(first: str, last: str, hours: int) -> None:
    found = span(date.fromisoformat(first), date.fromisoformat(last), HELSINKI)
    assert found.start is not None
    assert found.stop is not None
    assert (found.stop - found.start) / HOUR == hours


def test_a_span_without_days_is_without_ends() -> None:
    found = span(None, None, HELSINKI)
    assert (found.start, found.stop) == (None, None)


@given(
    st.sampled_from(["hour", "day", "week"]),
    st.sampled_from(["Europe/Helsinki", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "UTC"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 20 * 24 * 60),
)  # fmt: skip
def test_periods_hold_every_moment_once(unit: Unit, zone: str, begin: datetime, minutes: int) -> None:
    start = begin.replace(tzinfo=UTC)
    stop = start + timedelta(minutes=minutes)
    found = list(periods(unit, milliseconds(start), milliseconds(stop), ZoneInfo(zone)))
    if minutes:
        assert found[0].start <= milliseconds(start)
        assert found[-1].stop >= milliseconds(stop)
    assert all(one.stop == other.start for one, other in pairwise(found))
    assert len({each.name for each in found}) == len(found)
