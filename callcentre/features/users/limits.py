"""How many wrong passwords count until no password counts for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.features.users.model import Tries

WRONG: Final = 10
WITHIN: Final = timedelta(minutes=10)
CLOSED_FOR: Final = timedelta(minutes=15)
KEPT_FOR: Final = timedelta(minutes=30)
"""After that, a row with wrong passwords says nothing any more."""


def closed_until(tries: Tries | None, at: datetime) -> datetime | None:
    """Until when no password counts; None: it does.

    An end that is further away than any closing lasts was decided before the clock was set back, and is over.
    """
    if tries is None or tries.closed_until is None or not at < tries.closed_until <= at + CLOSED_FOR:
        return None
    return tries.closed_until


def after_wrong(tries: Tries | None, name: str, at: datetime) -> Tries:
    """The tries (`name` is their key) with one more at `at`. The tenth within ten minutes closes the log-in."""
    now = at.timestamp()
    before = () if tries is None else tries.wrong
    wrong = (*(each for each in before if now - WITHIN.total_seconds() < each <= now), now)
    known = Tries(hash=name, at=at, wrong=wrong)
    return known if len(wrong) < WRONG else replace(known, wrong=(), closed_until=at + CLOSED_FOR)
