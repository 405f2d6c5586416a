"""What other features may read of the live pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callcentre.features.live.model import LiveRecords, RaisedAlarm

__all__ = ["RaisedAlarm", "RaisedAlarms"]


@dataclass(frozen=True, slots=True)
class RaisedAlarms:
    """The alarms that are raised."""

    records: LiveRecords

    def all(self) -> Sequence[RaisedAlarm]:
        """All of them, the oldest first."""
        return sorted(self.records.alarms.values(), key=lambda each: each.since)
