"""The effect of reports: making one."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.effect import Crash, Effect


class MakeReport(Effect, frozen=True, tag="make_report"):
    """Make the report of this name that was due at this time. Reports are made one after the other."""

    report: str
    due: datetime

    @property
    def lane(self) -> str:
        return "reports"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_LEAST_ONCE
