"""The deletion of what has expired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcentre.kernel.clock_steps.model import ClockSteps
from callcentre.kernel.decision import NOTHING, Change, Decision
from callcentre.kernel.event import Tick
from callcentre.kernel.records import Unreadable
from callcentre.kernel.retention.model import Retention

MOST: Final = 200
"""Rows of a table that are deleted in a second, in one transaction. More wait for the next second."""


@dataclass(slots=True)
class Expiry:
    """Deletes what has expired, of everything that declares a retention."""

    declared: Sequence[Retention]
    steps: ClockSteps

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Delete some of what has expired. The rest is found by the next tick.

        A clock that went forward by mistake must not delete anything, so its new time counts only once it is confirmed.
        """
        changes: list[Change] = []
        for retention in self.declared:
            try:
                changes += retention.changes(self.steps.confirmed(at), MOST)
            except Unreadable:
                # It can wait until the database can be read. The tick, and what other components do with it, cannot.
                continue
        return Decision(changes=tuple(changes)) if changes else NOTHING
