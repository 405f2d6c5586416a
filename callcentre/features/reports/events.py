"""The event of reports: one was made, or was not."""

from __future__ import annotations

from callcentre.kernel.event import Event


class ReportEnded(Event, frozen=True, kw_only=True):
    """A scheduled report was made and delivered, or `problem` says why not."""

    report: str
    problem: str | None = None
