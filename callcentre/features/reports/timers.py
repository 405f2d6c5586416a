"""The timer of reports."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.timer import Timer


class ReportDue(Timer, frozen=True, tag="report_due"):
    """It is time for the report of this name. A timer of an earlier schedule (`cron`) has no effect."""

    report: str
    cron: str
    due: datetime | None = None
