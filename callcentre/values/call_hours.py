"""When an outgoing call may ring: a time of day, in the timezone of the called person.

libphonenumber knows the timezones of a number by its prefix. A number that is not bound to a place (a mobile of a large
country, a free-phone number) has several.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException
from phonenumbers.timezone import time_zones_for_number

from callcentre.values.hours import DailyWindow

ALWAYS: Final = DailyWindow(0, 0)
"""The whole day, written "00:00-24:00"."""

CACHED_NUMBERS: Final = 1024
"""Numbers of which each function keeps what it found out. A number is asked about many times within a call, and then
not for hours: more of them take memory and save nothing."""

_FURTHEST: Final = timedelta(days=2)
"""Overlaps of the hours of two zones recur daily; a change of the clocks may remove one of them."""


def next_call(hours: DailyWindow | None, e164: str, at: datetime, zone: ZoneInfo) -> datetime:
    """When a number may ring: `at` within the hours, else the beginning of the next hours in UTC.

    A number with several possible timezones is called when it is within the hours in all of them. If that is never the
    case, or the timezone is unknown, `zone` decides. `at` is aware; None as hours: always.
    """
    if hours is None or hours.is_whole_day:
        return at
    zones = zones_of(e164) or (zone,)
    common = _common(hours, zones, at)
    return common or _common(hours, (zone,), at) or at


def _common(hours: DailyWindow, zones: tuple[ZoneInfo, ...], at: datetime) -> datetime | None:
    """The first moment from `at` on that is within the hours in every zone; None: not within two days."""
    moment = at
    while moment <= at + _FURTHEST:
        outside = next((zone for zone in zones if not hours.contains(moment, zone)), None)
        if outside is None:
            return moment
        # No earlier moment is within the hours of this zone, so none is skipped.
        moment = hours.next_start(moment, outside)
    return None


@lru_cache(maxsize=CACHED_NUMBERS)
def zones_of(e164: str) -> tuple[ZoneInfo, ...]:
    """The possible timezones of a number (E.164 with its plus); empty when they are unknown."""
    try:
        names = time_zones_for_number(phonenumbers.parse(e164))
        return tuple(_zone(name) for name in names)
    except (NumberParseException, ValueError, LookupError):
        # The name for an unknown zone, or a name that this machine's tzdata does not have.
        return ()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
