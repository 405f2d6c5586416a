"""Days in a timezone, for daily counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """The date of a moment in a timezone, in ISO format."""
    return at.astimezone(zone).date().isoformat()


def midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in a timezone."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
