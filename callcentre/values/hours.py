"""When a service is open, in the wall-clock time of its timezone.

Opening hours are written as wall-clock times. Everything measured is absolute time, so an hour before closing is sixty
minutes also in nights when the clocks change. A written time that comes twice in such a night means the first of the
two. A time that is skipped counts from the offset before the change (RFC 5545, 3.3.5).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays
from holidays.registry import EntityLoader

from callcentre.values.characters import shown

MIDNIGHT: Final = 24 * 60
_INTERVAL: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")
# The holidays of every country recur within a year, and weekdays many times more often.
_FURTHEST: Final = timedelta(days=400)
_HALF_A_DAY: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Part of one day: `start` and `end` in minutes since midnight, 0 to 1440, the end not included."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MIDNIGHT:
            raise ValueError(f"{self} must begin before it ends; hours past midnight go to the next day")

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Read "08:00-16:00"; the end may be 24:00. Raises ValueError with a sentence for the administrator."""
        return cls(*_minutes(text))


def parse_intervals(text: str) -> tuple[Interval, ...]:
    """Read one day: "08:00-12:00, 13:00-16:00", or "closed"; ordered. Raises ValueError when they overlap."""
    if text.strip().casefold() == "closed":
        return ()
    return in_order(Interval.parse(piece.strip()) for piece in text.split(","))


def in_order(intervals: Iterator[Interval] | tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Order the intervals of a day. Intervals that touch are joined. Raises ValueError when they overlap."""
    day: list[Interval] = []
    for interval in sorted(intervals):
        if day and interval.start < day[-1].end:
            raise ValueError(f"{day[-1]} and {interval} overlap; write them as one")
        if day and interval.start == day[-1].end:
            day[-1] = Interval(day[-1].start, interval.end)
        else:
            day.append(interval)
    return tuple(day)


ALL_DAY: Final = (Interval(0, MIDNIGHT),)
ALL_WEEK: Final = (ALL_DAY,) * 7


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """A time of day that recurs daily, such as quiet hours; "21:00-07:00" runs over midnight.

    `start` and `end` are minutes since midnight, 0 to 1439, the end not included. Two equal values mean the whole day.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end or MIDNIGHT)}"

    @property
    def is_whole_day(self) -> bool:
        """Whether every moment is inside."""
        return self.start == self.end

    @classmethod
    def parse(cls, text: str) -> "DailyWindow":
        """Read "21:00-07:00". Raises ValueError with a sentence for the administrator."""
        start, end = _minutes(text)
        if start % MIDNIGHT == end % MIDNIGHT:
            raise ValueError(f"{text.strip()} begins when it ends; write another end, or null for no limit")
        return cls(start % MIDNIGHT, end % MIDNIGHT)

    def meets(self, interval: Interval) -> bool:
        """Whether it has a minute in common with part of a day."""
        if self.start < self.end:
            return interval.start < self.end and interval.end > self.start
        return interval.start < self.end or interval.end > self.start

    def contains(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether `at`, which is aware, is inside by the wall clock of `zone`."""
        today = at.astimezone(zone).date()
        return self.is_whole_day or any(
            # By absolute times, so that it ends when `next_end` says also in nights when the clocks change.
            _at(day, self.start, zone) <= at < _at(day + timedelta(days=self.end <= self.start), self.end, zone)
            for day in (today - timedelta(days=1), today)
        )

    def next_start(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first start after `at`, aware, in UTC."""
        return _next(self.start, at, zone)

    def next_end(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first end after `at`, aware, in UTC."""
        return _next(self.end, at, zone)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The opening hours of a service.

    `weekdays` has seven days from Monday, each with its intervals in order. `holidays` is a country of the `holidays`
    package whose public holidays are closed ("FI", or with a subdivision "DE-BY"), or None. `exceptions` replace whole
    days. `closures` are times at which it is closed whatever the hours say, each from its first time to before its
    second, aware. Closing at 24:00 and opening at 00:00 does not count as closing. All `at` are aware; results are
    aware, in UTC.
    """

    zone: ZoneInfo
    weekdays: tuple[tuple[Interval, ...], ...] = ALL_WEEK
    holidays: str | None = None
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=lambda: MappingProxyType({}))
    closures: tuple[tuple[datetime, datetime], ...] = ()

    def on(self, day: date) -> tuple[Interval, ...]:
        """The intervals of one date: its exception, else nothing on a holiday, else those of its weekday."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.holidays is not None and day in public_holidays(self.holidays, day.year):
            return ()
        return self.weekdays[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether the service is open at this moment. At the moment of closing it is not."""
        return any(start <= at < end for start, end in self._spans(at, timedelta(0)))

    def stays_until(self, at: datetime) -> datetime:
        """A time up to which `is_open` gives the same answer as at `at`: the next time in the hours, or earlier."""
        # The spans reach the end of tomorrow, which is more than twelve hours away.
        changes = (moment for span in self._spans(at, timedelta(0)) for moment in span if moment > at)
        return min(changes, default=at + _HALF_A_DAY)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the service, open at `at`, next closes. None when it never does, and when it is closed."""
        return self._end_of_opening(at, _FURTHEST)

    def closes_within(self, at: datetime, margin: timedelta) -> bool:
        """Whether the service is closed at some moment from `at` to `at + margin`, both included."""
        return not self.is_open(at) or self._end_of_opening(at, margin) is not None

    def next_opening(self, at: datetime) -> datetime | None:
        """When the service, closed at `at`, next opens; `at` itself when it is open. None: not in 400 days."""
        if self.is_open(at):
            return at.astimezone(UTC)
        return next((start for start, _ in self._spans(at, _FURTHEST) if start >= at), None)

    @property
    def never_closes(self) -> bool:
        """Whether it is always open: whole days all week, no holidays, no exception that closes."""
        return (
            self.holidays is None
            and not self.closures
            and all(day == ALL_DAY for day in self.weekdays)
            and all(day == ALL_DAY for day in self.exceptions.values())
        )

    def _end_of_opening(self, at: datetime, margin: timedelta) -> datetime | None:
        if self.never_closes:
            return None
        # In UTC, because adding to a local time would add hours of the wall clock.
        furthest = at.astimezone(UTC) + margin
        end: datetime | None = None
        for start, stop in self._spans(at, margin):
            if end is None:
                end = stop if start <= at < stop else None
            elif start > end:
                return end
            else:
                end = max(end, stop)
            if end is not None and end > furthest:
                return None
        return end

    def _spans(self, at: datetime, margin: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """The openings as absolute times, in order, from the day before `at` to the day after `at + margin`."""
        moment = at.astimezone(UTC)
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        end = (moment + margin).astimezone(self.zone).date() + timedelta(days=1)
        while day <= end:
            spans = (
                (_at(day, interval.start, self.zone), _at(day, interval.end, self.zone)) for interval in self.on(day)
            )
            # When a clock is put forward, a short interval may become empty, and two may change their order.
            yield from sorted(self._without_closures((start, stop) for start, stop in spans if start < stop))
            day += timedelta(days=1)

    def _without_closures(self, spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
        for closed, opened in self.closures:
            spans = [
                left
                for start, stop in spans
                for left in ((start, min(stop, closed)), (max(start, opened), stop))
                if left[0] < left[1]
            ]
        yield from spans


class Timetable:
    """Which of several services are open. It is found out once for each time at which that may change."""

    def __init__(self, hours: Mapping[str, OpeningHours]) -> None:
        self._hours = hours
        self._open: frozenset[str] = frozenset()
        self._since: datetime | None = None
        self._until: datetime | None = None

    def open_at(self, at: datetime) -> frozenset[str]:
        """The names of the services that are open at `at`, which is aware."""
        if self._since is None or self._until is None or not self._since <= at < self._until:
            self._open = frozenset(name for name, hours in self._hours.items() if hours.is_open(at))
            self._since = at
            self._until = min((hours.stays_until(at) for hours in self._hours.values()), default=at + _HALF_A_DAY)
        return self._open


@lru_cache(maxsize=256)
def public_holidays(place: str, year: int) -> frozenset[date]:
    """The public holidays of a country, or of its subdivision after a hyphen, in one year."""
    country, _, subdivision = place.partition("-")
    return frozenset(_country(country)(subdiv=subdivision or None, years=year))


@cache
def _country(code: str) -> Any:
    """The class of a country, from its module alone.

    To import the module by its name would import its package first, which imports the modules of all countries.
    """
    entry = getattr(holidays, code)
    spec = PathFinder.find_spec(entry.module_name, [f"{path}/countries" for path in holidays.__path__])
    if spec is None or spec.loader is None:
        raise ImportError(f"no module {entry.module_name}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, entry.entity_name)


def is_holiday_place(place: str) -> bool:
    """Whether `public_holidays` knows the country ("FI") or its subdivision ("DE-BY")."""
    country, hyphen, subdivision = place.partition("-")
    if country not in EntityLoader.get_country_codes(include_aliases=True):
        return False
    return not hyphen or subdivision in _country(country).subdivisions


def _minutes(text: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'is not a time span: {shown(text.strip())}; write e.g. "08:00-16:00"')
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    for hour, minute in ((start_hour, start_minute), (end_hour, end_minute)):
        if minute > 59 or hour * 60 + minute > MIDNIGHT:
            raise ValueError(f"{hour:02}:{minute:02} is not a time of day; write 00:00 to 24:00")
    return start_hour * 60 + start_minute, end_hour * 60 + end_minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@lru_cache(maxsize=4096)
def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    day, minutes = (day + timedelta(days=1), 0) if minutes == MIDNIGHT else (day, minutes)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)


def _next(minutes: int, at: datetime, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date()
    coming = (_at(day + timedelta(days=ahead), minutes, zone) for ahead in range(3))
    return next(moment for moment in coming if moment > at)
