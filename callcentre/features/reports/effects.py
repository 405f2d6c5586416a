"""What is to be done outside, once the decision is on disk.

An effect is never exactly-once: each says what a crash between its commit and its outcome means.
"""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.effect import Crash, Effect


class MakeReport(Effect, frozen=True, tag="make_report"):
    """Make the report of this name that was due then, one after the other."""

    report: str
    due: datetime

    @property
    def lane(self) -> str:
        return "reports"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_LEAST_ONCE
