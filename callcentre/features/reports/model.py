"""The planned reports, and those that failed. A crash may lose both: the timers are on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcentre.kernel.decision import Record

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from callcentre.features.reports.settings import ReportSettings


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
