"""Deletes the counts of days that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import NOTHING, Decision, DeleteBelow, Put
from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import Count, CountsDropped
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.days import day_of


@dataclass(slots=True)
class DayOver:
    """Deletes the counts of earlier days."""

    rules: SettingsInForce
    dropped: Collection[CountsDropped]

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Delete the counts of days that are over: they limit nothing any more, and they name people by hash."""
        today = day_of(at, self.rules.settings.timezone)
        if self.dropped.only == CountsDropped(before=today):
            return NOTHING
        return Decision(changes=(DeleteBelow(Count, "day", today), Put(CountsDropped(before=today))))
