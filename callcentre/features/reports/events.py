"""The events of reports: somebody asks for one now, and one was made, or was not."""

from __future__ import annotations

from callcentre.kernel.event import Event


class ReportEnded(Event, frozen=True, kw_only=True):
    """A report was made and delivered, or `problem` says why not. `file` is where it is, if it has a folder."""

    report: str
    problem: str | None = None
    file: str | None = None


class ReportRequested(Event, frozen=True, kw_only=True):
    """Somebody asks for a report of the configuration now."""

    report: str
