"""The timer of reports."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.timer import Timer


class ReportDue(Timer, frozen=True, tag="report_due"):
    """It is time for the report of this name. The timer of an earlier schedule (`cron`) means nothing."""

    report: str
    cron: str
    due: datetime | None = None
