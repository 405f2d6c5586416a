"""Spans of time in the configured timezone: days from and to, and the calendar hours, days and weeks within."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["minute", "quarter_hour", "hour", "day", "week"]

_QUARTER = timedelta(minutes=15)
"""Every timezone's clock differs from UTC by whole quarters of an hour, before and after each of its changes."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on and until before another, as milliseconds since 1970 UTC; None is without end."""

    start: int | None = None
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A minute, quarter hour, hour, day or week by its name, as milliseconds since 1970 UTC."""

    name: str
    start: int
    stop: int


def milliseconds(moment: datetime) -> int:
    """An aware moment as milliseconds since 1970 UTC."""
    return round(moment.timestamp() * 1000)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins: where the clock is put forward at midnight, when it was."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span(first: date | None, last: date | None, zone: ZoneInfo) -> Span:
    """From the beginning of a day to the end of another, both included; None leaves that side open."""
    return Span(
        None if first is None else milliseconds(midnight(first, zone)),
        None if last is None else milliseconds(midnight(last + timedelta(days=1), zone)),
    )


def periods(unit: Unit, start: int, stop: int, zone: ZoneInfo) -> Iterator[Period]:
    """The calendar periods that hold the time from `start` until before `stop`, in order.

    An hour, a quarter of one or a minute is named `2026-10-25T03:00+02:00` by its beginning: the offset tells the two
    apart that a clock put back makes of one. A day is `2026-10-25`, and has 23, 24 or 25 hours; a week `2026-W43` is
    that of ISO 8601, from Monday on.
    """
    first = datetime.fromtimestamp(start // 1000, UTC).astimezone(zone)
    match unit:
        case "minute":
            yield from _steps(first.replace(second=0), timedelta(minutes=1), stop, zone)
        case "quarter_hour":
            yield from _steps(first.replace(minute=first.minute // 15 * 15, second=0), _QUARTER, stop, zone)
        case "hour":
            yield from _hours(first, stop, zone)
        case "day":
            yield from _days(first.date(), 1, stop, zone)
        case "week":
            yield from _days(first.date() - timedelta(days=first.weekday()), 7, stop, zone)


def _days(day: date, length: int, stop: int, zone: ZoneInfo) -> Iterator[Period]:
    begins = milliseconds(midnight(day, zone))
    while begins < stop:
        year, week, _ = day.isocalendar()
        name = day.isoformat() if length == 1 else f"{year}-W{week:02}"
        day += timedelta(days=length)
        ends = milliseconds(midnight(day, zone))
        yield Period(name, begins, ends)
        begins = ends


def _steps(first: datetime, step: timedelta, stop: int, zone: ZoneInfo) -> Iterator[Period]:
    moment = first.astimezone(UTC)
    begins = milliseconds(moment)
    while begins < stop:
        name = moment.astimezone(zone).isoformat(timespec="minutes")
        moment += step
        ends = milliseconds(moment)
        yield Period(name, begins, ends)
        begins = ends


def _hours(first: datetime, stop: int, zone: ZoneInfo) -> Iterator[Period]:
    # In steps and in UTC: adding to a local time would count hours of the wall clock.
    moment = first.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    name, begins = _hour(moment, zone), milliseconds(moment)
    while begins < stop:
        moment += _QUARTER
        following = _hour(moment, zone)
        if following != name:
            ends = milliseconds(moment)
            yield Period(name, begins, ends)
            name, begins = following, ends


def _hour(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(minute=0).isoformat(timespec="minutes")
