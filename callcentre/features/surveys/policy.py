"""Which callers are asked, and when: pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callcentre.values.hours import DailyWindow

if TYPE_CHECKING:
    from callcentre.features.surveys.settings import SurveySettings

STALE_AFTER: Final = timedelta(days=1)
"""A survey that is later than this is not sent: people no longer remember the call."""

DOUBLE_WITHIN: Final = timedelta(seconds=5)
"""The same words within this time after the next question answer the question before: nobody reads that fast."""


def skip(
    rules: SurveySettings,
    *,
    talk: float,
    opted_out: bool,
    last_asked: datetime | None,
    open_already: bool,
    sampled: bool,
    due: datetime,
) -> str | None:
    """Why a caller whose number may be texted is not asked at `due`; None when the caller is asked.

    `talk` is in seconds. `last_asked` is when this person was last asked by any service. `open_already` says whether
    an earlier survey of this person still waits for its text to go out or for an answer.
    """
    if talk < rules.min_talk.total_seconds():
        return "min_talk"
    if opted_out:
        return "opted_out"
    if quarantined(rules.quarantine, last_asked=last_asked, open_already=open_already, at=due):
        return "quarantine"
    return None if sampled else "sample"


def quarantined(quarantine: timedelta, *, last_asked: datetime | None, open_already: bool, at: datetime) -> bool:
    """Whether a person was asked too recently to be asked again. With a quarantine of zero nobody was.

    `last_asked` may be later than `at`, because the clock was set back since. By more than a quarantine, it is the time
    of a clock that was wrong, and tells nothing.
    """
    if not quarantine:
        return False
    return open_already or (last_asked is not None and abs(at - last_asked) < quarantine)


def stale_at(rules: SurveySettings, ended_at: datetime) -> datetime:
    """The time from which on it is too late to ask about a call that ended at `ended_at`."""
    return min(ended_at + rules.after + STALE_AFTER, ended_at + rules.expires)


def send_at(
    between: DailyWindow | None, quiet: DailyWindow | None, at: datetime, *, zone: ZoneInfo, quiet_zone: ZoneInfo,
    before: datetime,
) -> datetime | None:  # fmt: skip
    """The time from `at` on at which a question may go out: within `between` and outside the quiet hours.

    The windows are wall-clock times of their zones. None when there is no such time earlier than `before`.
    """
    while at < before:
        if between is not None and not between.contains(at, zone):
            at = between.next_start(at, zone)
        elif quiet is not None and quiet.contains(at, quiet_zone):
            at = quiet.next_end(at, quiet_zone)
        else:
            return at
    return None
