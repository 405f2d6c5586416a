"""What a visitor asks for in the address of the statistics: days, service, groups and comparison."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Span, milliseconds, span
from callcentre.statistics.questions import UNITS, By

PERIODS: Final = ("today", "yesterday", "7days", "month", "own")
COMPARISONS: Final = ("", "previous", "week", "year")
GROUPS: Final = ("minute", "quarter_hour", "hour", "day", "week", "service", "queue", "agent", "node")

MOST_DAYS: Final[Mapping[str, int]] = {"minute": 1, "quarter_hour": 7, "hour": 31, "day": 800, "week": 3_700}
"""Days of which a page shows groups of a unit: with more, nobody finds anything in its table."""

MOST_DAYS_OF_API: Final[Mapping[str, int]] = {"minute": 7, "quarter_hour": 92, "hour": 366}
"""Days of which a program gets groups of a short unit."""

_LONGEST: Final = 3_700
"""Days of any question: ten years."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field: a sentence in English, with `%(name)s` for values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Whole days of a timezone, both ends included."""

    first: date
    last: date

    @property
    def number(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question of a visitor, with usable values.

    earlier: the days to compare with; None: no comparison.
    """

    days: Days
    by: By
    service: str | None = None
    earlier: Days | None = None

    @property
    def over_time(self) -> bool:
        """Whether each group is a period of time."""
        return self.by in UNITS


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields as they were sent, to be shown again, and what is wrong with each."""

    sent: Mapping[str, str]
    mistakes: dict[str, Mistake] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.sent.get(name, "").strip()


def wanted(query: Mapping[str, str], *, today: date, services: Collection[str]) -> tuple[Wanted | None, Fields]:
    """What the address asks for; None: it has mistakes. `services` are those that the visitor may see."""
    fields = Fields({name: value[:100] for name, value in query.items()})
    days = _days(fields, today)
    service = fields["service"] or None
    if service is not None and service not in services:
        fields.mistakes["service"] = Mistake("There is no such service.")
    by = _by(fields, days)
    compare = fields["compare"]
    if compare not in COMPARISONS:
        fields.mistakes["compare"] = Mistake("Choose one of the list.")
    if fields.mistakes or days is None or by is None:
        return None, fields
    return Wanted(days=days, by=by, service=service, earlier=earlier(days, compare, fields["period"])), fields


def period_of(fields: Fields) -> str:
    """The name of the period; days of one's own need not be named."""
    return fields["period"] or ("own" if fields["from"] or fields["to"] else "today")


def _days(fields: Fields, today: date) -> Days | None:
    period = period_of(fields)
    match period:
        case "today":
            return Days(first=today, last=today)
        case "yesterday":
            return Days(first=today - _DAY, last=today - _DAY)
        case "7days":
            return Days(first=today - 6 * _DAY, last=today)
        case "month":
            return Days(first=today.replace(day=1), last=today)
        case "own":
            return _own_days(fields, today)
        case _:
            fields.mistakes["period"] = Mistake("Choose one of the list.")
            return None


def _own_days(fields: Fields, today: date) -> Days | None:
    if not fields["from"]:
        fields.mistakes["from"] = Mistake("Enter the first day.")
    first, last = day(fields, "from"), day(fields, "to") or today
    if fields.mistakes.keys() & {"from", "to"} or first is None:
        return None
    if last < first:
        where = "to" if fields["to"] else "from"
        fields.mistakes[where] = Mistake("The last day is before the first.")
        return None
    days = Days(first=first, last=last)
    if days.number > _LONGEST:
        fields.mistakes["from"] = Mistake("At most %(days)s days can be shown.", {"days": _LONGEST})
        return None
    return days


def day(fields: Fields, name: str) -> date | None:
    """The day in a field; None for an empty one, and for a mistake."""
    if not fields[name]:
        return None
    try:
        found = date.fromisoformat(fields[name])
    except ValueError:
        found = date.min
    if not 1970 < found.year < 9000 or found.isoformat() != fields[name]:
        fields.mistakes[name] = Mistake("This is not a day. Write it as 2026-12-24.")
        return None
    return found


def _by(fields: Fields, days: Days | None) -> By | None:
    by = fields["by"]
    if by and by not in GROUPS:
        fields.mistakes["by"] = Mistake("Choose one of the list.")
        return None
    if days is None:
        return None
    if not by:
        return "hour" if days.number <= 2 else "day" if days.number <= 62 else "week"
    most = MOST_DAYS.get(by, _LONGEST)
    if days.number > most:
        fields.mistakes["by"] = (
            Mistake("This is shown of one day only. Choose one day, or longer steps.")
            if most == 1
            else Mistake("This is shown of at most %(days)s days. Choose fewer days, or longer steps.", {"days": most})
        )
        return None
    return cast("By", by)


# --- /api ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiQuestion:
    """A question of a program: as the command `stats` takes it, without a limit of days for large groups."""

    by: By
    span: Span
    service: str | None


def asked_by_api(
    query: Mapping[str, str], *, zone: ZoneInfo, today: date
) -> tuple[ApiQuestion | None, Mapping[str, Mistake]]:
    """What a program asks for; None: the parameters have mistakes."""
    fields = Fields({name: value[:100] for name, value in query.items()})
    first, last = day(fields, "from"), day(fields, "to")
    if first is not None and last is not None and last < first:
        fields.mistakes["to"] = Mistake("The last day is before the first.")
    by = fields["by"] or "service"
    if by not in GROUPS:
        fields.mistakes["by"] = Mistake("One of %(groups)s.", {"groups": ", ".join(GROUPS)})
    most = MOST_DAYS_OF_API.get(by, 0)
    if most and not fields.mistakes and (first is None or ((last or today) - first).days >= most):
        fields.mistakes["by"] = Mistake("This is for at most %(days)s days: give from and to.", {"days": most})
    if fields.mistakes:
        return None, fields.mistakes
    return ApiQuestion(by=cast("By", by), span=span(first, last, zone), service=fields["service"] or None), {}


# --- comparison ----------------------------------------------------------------------------------


def earlier(days: Days, compare: str, period: str = "own") -> Days | None:
    """The days to compare with."""
    match compare:
        case "previous" if period == "month":
            first = (days.first - _DAY).replace(day=1)
            # The same days of the month before; all of it when it is shorter.
            return Days(first=first, last=min(first + (days.number - 1) * _DAY, days.first - _DAY))
        case "previous":
            return Days(first=days.first - days.number * _DAY, last=days.first - _DAY)
        case "week":
            return Days(first=days.first - 7 * _DAY, last=days.last - 7 * _DAY)
        case "year":
            return Days(first=_year_before(days.first), last=_year_before(days.last))
        case _:
            return None


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def spans(wanted: Wanted, now: datetime, zone: ZoneInfo) -> tuple[Span, Span | None]:
    """The time that is asked for, and the time to compare it with.

    When today is among the days, the earlier ones end at the same time of day as `now`: else half a day would be
    compared with a whole one.
    """
    current = span(wanted.days.first, wanted.days.last, zone)
    if wanted.earlier is None:
        return current, None
    before = span(wanted.earlier.first, wanted.earlier.last, zone)
    local = now.astimezone(zone)
    if wanted.days.last != local.date():
        return current, before
    at = datetime.combine(wanted.earlier.last, local.time().replace(second=0, microsecond=0), zone).astimezone(UTC)
    return current, Span(before.start, milliseconds(at))
