"""How far the clock went forward of late.

A clock that was set forward by days may be a mistake, which NTP or an administrator corrects within minutes. What
cannot be undone goes by the earlier time meanwhile: the deletion of rows, and whether a person is asked again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record

CONFIRMED_AFTER: Final = timedelta(hours=1)
"""A new time that has held for so long is right."""


class WentForward(Record, frozen=True, kw_only=True):
    """By how much the clock went forward (`by`) within the last hour, and when that is confirmed (`until`)."""

    by: timedelta
    until: datetime

    @property
    def key(self) -> str:
        return "clock"


class ClockSteps:
    """What the clock went forward by, until it is confirmed. It is not stored."""

    def __init__(self) -> None:
        self.forward = Collection(WentForward)

    def confirmed(self, at: datetime) -> datetime:
        """The time `at` without what the clock went forward by and is not confirmed: it is surely not later."""
        forward = self.forward.only
        return at if forward is None or at >= forward.until else at - forward.by
