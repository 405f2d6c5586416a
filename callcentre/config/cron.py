"""Cron expressions: minute, hour, day, month, weekday, in a timezone.

APScheduler reads them. It is imported only where a file has one, because every command reads the file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from callcentre.config.scalars import Scalar, shown, texts
from callcentre.values.characters import printable

_FIELDS: Final = ("minute", "hour", "day", "month", "weekday")
_BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
_UTC: Final = ZoneInfo("UTC")
_LATER: Final = timedelta(microseconds=1)


def next_time(cron: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time after `after` (aware) that an expression means in the timezone `zone`, in UTC.

    None when there is none. A time that the clock skips counts as if the clock had not been put forward. A time that
    comes twice counts once, except for expressions of every hour. Raises ValueError.
    """
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(cron, timezone=zone)
    every_hour = "*" in cron.split()[1]
    found = _following(trigger, after)
    while found is not None and found.astimezone(zone).fold and not every_hour:
        # The same hour again, since the clock was put back. Cron daemons, too, run a job of a fixed hour once.
        found = _following(trigger, found)
    return found


def _following(trigger: Any, after: datetime) -> datetime | None:
    found: datetime | None = trigger.get_next_fire_time(None, after.astimezone(UTC) + _LATER)
    return None if found is None else found.astimezone(UTC)


def _cron(text: str) -> str:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"needs five fields (minute hour day month weekday), not {len(fields)}: {shown(text)}; "
            'write e.g. "0 7 * * mon"'
        )
    if re.search("[0-9]", fields[-1]):
        raise ValueError(
            f"numbers weekdays, which some programs count from Sunday and others from Monday: {shown(text)}; "
            "write mon, mon-fri or sat,sun"
        )
    try:
        comes = next_time(text, _UTC, _BEGIN)
    except ValueError as error:
        said = printable(str(error))  # It quotes the text.
        raise ValueError(f'is not a cron expression: {shown(text)} ({said}); write e.g. "0 7 * * mon"') from error
    if comes is None:
        raise ValueError(f"never comes: {shown(text)}")
    return " ".join(fields)


CRON: Final = Scalar(
    kind=str, wants='a cron expression such as "0 7 * * mon"', read=_cron, schema=texts(r"(\S+\s+){4}\S+")
)
Cron = Annotated[str, CRON]
