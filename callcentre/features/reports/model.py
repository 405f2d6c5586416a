"""The planned reports, those that failed, and the last results. A crash may lose the first two: timers are on disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from callcentre.kernel.decision import Record

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from callcentre.features.reports.settings import ReportSettings


_LONGEST: Final = timedelta(hours=2)
"""A report that began before is not being made any more, whatever happened to it: one may take an hour."""


class Plan(Record, frozen=True, kw_only=True):
    """The reports whose timers are set, as they were configured then."""

    reports: tuple[ReportSettings, ...]
    zone: ZoneInfo

    @property
    def key(self) -> str:
        return "plan"


class Failing(Record, frozen=True, kw_only=True):
    """A report that an alarm was raised for."""

    report: str

    @property
    def key(self) -> str:
        return self.report


class ReportRun(Record, frozen=True, kw_only=True):
    """The last time that a report was made, or was to be, and the last one that was made.

    `by` is the account that asked for it; None: its schedule. `ended` is None while it is made, `problem` says why it
    was not. `made` and `file` are about the last one that was made: a later failure leaves it. `file` is where it is;
    None: it went out as a mail only.
    """

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"began", "ended", "made"})

    report: str
    began: datetime
    ended: datetime | None = None
    problem: str | None = None
    by: str | None = None
    made: datetime | None = None
    file: str | None = None

    @property
    def key(self) -> str:
        return self.report

    def is_going_on(self, at: datetime) -> bool:
        """Whether it is being made at this time, or waits for another one that is."""
        return self.ended is None and at - self.began < _LONGEST
