"""The event of reports: one was made, or was not."""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEnded(Event):
    """A scheduled report was made and delivered, or `problem` says why not."""

    report: str
    problem: str | None = None
