"""The fact of reports. The name and fields of a fact, once shipped, keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class ReportWasRequested(Fact, frozen=True, tag="report.requested"):
    """Somebody had a report made, besides its schedule.

    report: the report's name.
    """

    report: str
