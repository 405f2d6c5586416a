"""The planned reports, and those that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from callcentre.features.reports.settings import ReportSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The reports whose timers are set, as they were configured then. A crash may forget it: the timers are on disk."""

    reports: tuple[ReportSettings, ...]
    zone: ZoneInfo

    @property
    def key(self) -> str:
        return "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A report that an alarm was raised for. A crash may forget it."""

    report: str

    @property
    def key(self) -> str:
        return self.report


class Plans:
    """The state of the reports."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.failing: set[str] = set()

    def put(self, record: Plan | Failing) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Plan():
                self.plan = record
            case Failing():
                self.failing.add(record.report)
            case _:
                assert_never(record)

    def delete(self, record: Plan | Failing) -> None:
        """Forget a record."""
        match record:
            case Plan():
                self.plan = None
            case Failing():
                self.failing.discard(record.report)
            case _:
                assert_never(record)
