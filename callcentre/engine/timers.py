"""Timers that survive, rows in the database and one job of APScheduler armed for the earliest; and what is repeated."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.date import DateTrigger

from callcentre.domain.events import TimerDue


def repeat(scheduler: BaseScheduler, seconds: float, work: Callable[[], None]) -> None:
    """Do something every so many seconds in the loop's own thread, once however many were missed."""

    # A plain function would be run in another thread, and the engine takes events in its own only.
    async def run() -> None:
        work()

    scheduler.add_job(run, "interval", seconds=seconds, misfire_grace_time=None)


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
        self._job: Job | None = None
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
        self._disarm()

    def arm(self) -> None:
        """Arm the scheduler for the earliest timer, if that is another than before."""
        while self._order and self._due.get(self._order[0][1]) != self._order[0][0]:
            heapq.heappop(self._order)
        earliest = self._order[0][0] if self._order else None
        if not self._running or earliest == self._armed:
            return
        self._disarm()
        if earliest is not None:
            # A job of its own each time: one whose id still runs is skipped for ever, and `_fire` itself arms the next.
            self._job = self._scheduler.add_job(self._fire, DateTrigger(earliest), misfire_grace_time=None)
            self._armed = earliest

    def _disarm(self) -> None:
        if self._job is not None:
            with suppress(JobLookupError):  # It has gone off, and what it does comes in a moment.
                self._job.remove()
        self._job = self._armed = None

    async def _fire(self) -> None:
        if not self._running:
            return
        self._disarm()
        now = self._clock()
        while self._order and self._order[0][0] <= now:
            due, key = heapq.heappop(self._order)
            if self._due.get(key) == due:
                self._submit(TimerDue(at=now, key=key, due=due))
        self.arm()
