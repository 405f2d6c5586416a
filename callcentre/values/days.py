"""Days of a timezone, as the daily counts go by."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """The day of a moment as an ISO date in a timezone."""
    return at.astimezone(zone).date().isoformat()


def midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in a timezone."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
