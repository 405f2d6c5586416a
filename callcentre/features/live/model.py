"""What the live pages remember: the figures of the day, and the alarms that are raised."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record


class DayFigures(Record, frozen=True, kw_only=True):
    """What has happened in a service today, `day` in its timezone (ISO). Waits are seconds.

    `in_time` of the answered calls waited no longer than the threshold of the service level, `late` of the abandoned
    ones longer. `waited` is the sum of the waits of answered calls.
    """

    service: str
    day: str
    offered: int = 0
    answered: int = 0
    in_time: int = 0
    waited: float = 0.0
    abandoned: int = 0
    late: int = 0
    texts_failed: int = 0

    @property
    def key(self) -> str:
        return self.service

    @property
    def service_level(self) -> float | None:
        """Answered within the threshold ÷ (answered + abandoned after it), from 0 to 1; None without such calls."""
        counted = self.answered + self.late
        return self.in_time / counted if counted else None


class RaisedAlarm(Record, frozen=True, kw_only=True):
    """An alarm that is raised since `since`. Not stored: alarms are raised anew after a restart."""

    reason: str
    since: datetime
    queue: str | None = None

    @property
    def key(self) -> str:
        return self.reason


class LiveRecords:
    """The records of the live pages."""

    def __init__(self) -> None:
        self.days = Collection(DayFigures, table="live_days", key="service")
        self.alarms = Collection(RaisedAlarm)
