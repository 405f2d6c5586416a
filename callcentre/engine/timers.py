"""Timers that survive: rows in the database, and one job of APScheduler armed for the earliest of them."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.date import DateTrigger

from callcentre.domain.events import TimerDue

_JOB = "next timer"


class Timers:
    """What is due when. Only the engine sets and cancels, together with the rows."""

    def __init__(
        self, scheduler: BaseScheduler, submit: Callable[[TimerDue], None], clock: Callable[[], datetime]
    ) -> None:
        self._scheduler = scheduler
        self._submit = submit
        self._clock = clock
        self._due: dict[str, datetime] = {}
        self._order: list[tuple[datetime, str]] = []
        self._armed: datetime | None = None
        self._running = False

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: str, due: datetime) -> None:
        """Set a timer, in place of the one with this key."""
        self._due[key] = due
        heapq.heappush(self._order, (due, key))

    def cancel(self, key: str) -> None:
        """Forget a timer."""
        self._due.pop(key, None)

    def take(self, event: TimerDue) -> bool:
        """Whether this is still wanted: it may have been moved or cancelled since it fell due. Forgets it if so."""
        if self._due.get(event.key) != event.due:
            return False
        del self._due[event.key]
        return True

    def start(self) -> None:
        """Begin to wake; what fell due while we were away falls due now."""
        self._running = True
        self.arm()

    def stop(self) -> None:
        """Wake no more; the rows stay."""
        self._running = False
        if self._armed is not None:
            self._scheduler.remove_job(_JOB)
            self._armed = None

    def arm(self) -> None:
        """Arm the scheduler for the earliest timer, if that is another than before."""
        while self._order and self._due.get(self._order[0][1]) != self._order[0][0]:
            heapq.heappop(self._order)
        earliest = self._order[0][0] if self._order else None
        if not self._running or earliest == self._armed:
            return
        if earliest is None:
            self._scheduler.remove_job(_JOB)
        else:
            self._scheduler.add_job(
                self._fire,
                DateTrigger(earliest),
                id=_JOB,
                replace_existing=True,
                misfire_grace_time=None,
            )
        self._armed = earliest

    async def _fire(self) -> None:
        self._armed = None
        now = self._clock()
        while self._order and self._order[0][0] <= now:
            due, key = heapq.heappop(self._order)
            if self._due.get(key) == due:
                self._submit(TimerDue(at=now, key=key, due=due))
        self.arm()
