"""The planned reports, and those that failed. A crash may lose both: the timers are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from callcentre.features.reports.settings import ReportSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The reports whose timers are set, as they were configured then."""

    reports: tuple[ReportSettings, ...]
    zone: ZoneInfo

    @property
    def key(self) -> str:
        return "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A report that an alarm was raised for."""

    report: str

    @property
    def key(self) -> str:
        return self.report
