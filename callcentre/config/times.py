"""Durations, times of day, dates and timezones in the notation of the file."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from callcentre.config.scalars import Scalar, Schema, but_is, shown, texts
from callcentre.config.templates import suggestion
from callcentre.values.call_hours import ALWAYS
from callcentre.values.hours import DailyWindow, Interval, in_order, is_holiday_place, parse_intervals

_DURATION: Final = re.compile(
    r"(?:([0-9]{1,5})d)? ?(?:([0-9]{1,6})h)? ?(?:([0-9]{1,7})m)? ?(?:([0-9]{1,8}(?:\.[0-9]{1,6})?)s)?"
)
_LONGEST: Final = timedelta(days=3660)


def parse_duration(text: str) -> timedelta:
    """Read "90s", "5m", "2h", "14d", and their sums from large to small such as "1h30m". Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        if re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError(f"has no unit: {shown(text)}; write {text}s, {text}m, {text}h or {text}d")
        raise ValueError(f"is not a duration: {shown(text)}; write e.g. 90s, 5m, 2h, 14d or 1h30m")
    days, hours, minutes, seconds = (part or "0" for part in found.groups())
    whole_seconds, _, fraction = seconds.partition(".")
    return timedelta(
        days=int(days),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(whole_seconds),
        microseconds=int(fraction.ljust(6, "0")),
    )


def format_duration(duration: timedelta) -> str:
    """Write a duration in the notation of the file, from large to small: "1h30m"; zero is "0s"."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds}.{duration.microseconds:06}".rstrip("0") if duration.microseconds else str(seconds)
    parts = ((str(duration.days), "d"), (str(hours), "h"), (str(minutes), "m"), (exact, "s"))
    return "".join(amount + unit for amount, unit in parts if amount != "0") or "0s"


def duration(at_least: timedelta = timedelta(0), at_most: timedelta = _LONGEST) -> Scalar[timedelta]:
    """A duration within bounds, both included."""

    def check(length: timedelta) -> timedelta:
        if not at_least <= length <= at_most:
            raise ValueError(
                f"must be from {format_duration(at_least)} to {format_duration(at_most)}, not {format_duration(length)}"
            )
        return length

    return Scalar(
        kind=timedelta,
        wants="a duration such as 90s or 5m",
        read=parse_duration,
        schema=texts(r"(?=[0-9])([0-9]+d)? ?([0-9]+h)? ?([0-9]+m)? ?([0-9]+(\.[0-9]+)?s)?"),
        check=check,
        write=format_duration,
    )


Duration = Annotated[timedelta, duration()]

_CLOCK: Final = r"([01]?[0-9]|2[0-4]):[0-5][0-9]"
_SPAN: Final = rf"{_CLOCK}\s*[-–]\s*{_CLOCK}"
Window = Annotated[
    DailyWindow,
    Scalar(
        kind=DailyWindow,
        wants='a time span such as "21:00-07:00"',
        read=DailyWindow.parse,
        schema=texts(_SPAN),
    ),
]


def _call_hours(text: str) -> DailyWindow:
    found = re.fullmatch(r"0?0:00\s*[-–]\s*24:00", text)
    return ALWAYS if found else DailyWindow.parse(text)


CallHours = Annotated[
    DailyWindow,
    Scalar(
        kind=DailyWindow,
        wants='a time span such as "08:00-21:00"',
        read=_call_hours,
        schema=texts(_SPAN),
    ),
]
"""The hours of a day within which people are called; 00:00-24:00 is always."""


class _OneDay:
    """The opening hours of one day: a text with commas, a list of texts, or `closed`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._typed,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda day: ", ".join(map(str, day)) or "closed"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        text = texts(rf"closed|{_SPAN}(\s*,\s*{_SPAN})*")
        return {"anyOf": [text, {"type": "array", "items": text}, {"type": "null"}]}

    @staticmethod
    def _typed(value: object) -> tuple[Interval, ...]:
        match value:
            case None:
                return ()
            case str():
                return parse_intervals(value)
            case list() | tuple() if all(isinstance(piece, str | Interval) for piece in value):
                pieces = [parse_intervals(piece) if isinstance(piece, str) else (piece,) for piece in value]
                return in_order(interval for piece in pieces for interval in piece)
            case _:
                raise ValueError(f'needs opening hours such as "08:00-12:00, 13:00-16:00", or closed{but_is(value)}')


OneDay = Annotated[tuple[Interval, ...], _OneDay()]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        raise ValueError(f"is not a date: {shown(text)}; write it as 2026-12-24") from None


Date = Annotated[
    date,
    Scalar(
        kind=date,
        wants="a date such as 2026-12-24",
        read=_date,
        schema={"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        write=date.isoformat,
    ),
]


def _holiday_place(text: str) -> str:
    place = text.upper()
    if not is_holiday_place(place):
        raise ValueError(f"is not a country whose holidays are known: {shown(text)}; write e.g. FI, DE-BY or null")
    return place


HolidayPlace = Annotated[
    str, Scalar(kind=str, wants="a country such as FI", read=_holiday_place, schema={"type": "string"})
]


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The names of all timezones. Finding them reads hundreds of files."""
    return frozenset(available_timezones())


def _zone(text: str) -> ZoneInfo:
    if text not in _zones():
        near = suggestion(text, _zones())
        raise ValueError(f"is not a timezone: {shown(text)}; {near or 'write e.g. Europe/Helsinki'}")
    return ZoneInfo(text)


ZONE: Final = Scalar(kind=ZoneInfo, wants="a timezone such as Europe/Helsinki", read=_zone, schema={"type": "string"})
Timezone = Annotated[ZoneInfo, ZONE]
