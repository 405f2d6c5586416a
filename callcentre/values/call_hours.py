"""When a call of ours may ring: a time of day, in the time of the person who is called.

Which timezone a number belongs to is what libphonenumber knows of its prefix. A number that is carried about (a mobile
of a large country, a free-phone number) belongs to several.
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

_FURTHEST: Final = timedelta(days=2)
"""Zones whose hours overlap do so every day; a change of the clocks may take one overlap away."""


def next_call(hours: DailyWindow | None, e164: str, at: datetime, zone: ZoneInfo) -> datetime:
    """When a number may ring: `at` itself within the hours, else their next beginning in UTC.

    A number that may be in several timezones is called when it is within the hours in all of them. Where that is never,
    and where the zone is not known, `zone` decides. `at` is aware; None as hours: always.
    """
    if hours is None or hours.is_whole_day:
        return at
    zones = zones_of(e164) or (zone,)
    common = _common(hours, zones, at)
    return common or _common(hours, (zone,), at) or at


def _common(hours: DailyWindow, zones: tuple[ZoneInfo, ...], at: datetime) -> datetime | None:
    """The first moment from `at` that is within the hours in every zone; None: not within two days."""
    moment = at
    while moment <= at + _FURTHEST:
        outside = next((zone for zone in zones if not hours.contains(moment, zone)), None)
        if outside is None:
            return moment
        # No earlier moment is within the hours of this zone, so none is skipped.
        moment = hours.next_start(moment, outside)
    return None


@lru_cache(maxsize=8192)
def zones_of(e164: str) -> tuple[ZoneInfo, ...]:
    """The timezones that a number (E.164 with its plus) may be in; none when they are not known."""
    try:
        names = time_zones_for_number(phonenumbers.parse(e164))
        return tuple(_zone(name) for name in names)
    except (NumberParseException, ValueError, LookupError):
        # The name for an unknown zone, and names that this machine's tzdata does not have.
        return ()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
