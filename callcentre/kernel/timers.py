"""Timers that survive restarts: rows in the database, and one call of the event loop for the earliest. Also the tick.

The loop only makes timers precise: the daemon's own clock decides what is due, and every tick calls `wake` as well.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from callcentre.kernel.event import TimerDue

log = structlog.get_logger(__name__)


_LEFTOVERS = 1024
"""So many entries of timers that were moved or cancelled may lie in the order, beside as many as there are timers."""


async def repeat(seconds: float, work: Callable[[], None]) -> NoReturn:
    """Call `work` every so many seconds of elapsed time until cancelled. Missed calls are made once."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + seconds, loop.time())
        await asyncio.sleep(due - loop.time())
        try:
            work()
        except Exception:
            log.exception("tick.failed")


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer is due. `wall`: that time of day, also when the clock is set meanwhile."""

    at: datetime
    wall: bool = False


class Timers:
    """All timers and when they are due. Only the engine sets and cancels timers, together with their rows."""

    def __init__(self, submit: Callable[[TimerDue], None], clock: Callable[[], datetime]) -> None:
        self._submit = submit
        self._clock = clock
        self._due: dict[str, Due] = {}
        self._order: list[tuple[datetime, str]] = []
        self._armed: datetime | None = None
        self._call: asyncio.TimerHandle | None = None
        self._running = False
        self._held = 0

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: str, due: datetime, *, wall: bool = False) -> None:
        """Set a timer, in place of the one with this key."""
        self._due[key] = Due(due, wall)
        # A timer that is moved or cancelled leaves its entry behind, and most are cancelled long before they are due:
        # that of a text waits for its report for two days.
        if len(self._order) > 2 * len(self._due) + _LEFTOVERS:
            self._order_anew()
        else:
            heapq.heappush(self._order, (due, key))

    def _order_anew(self) -> None:
        self._order = [(due.at, key) for key, due in self._due.items()]
        heapq.heapify(self._order)

    def cancel(self, key: str) -> bool:
        """Remove a timer. Returns whether it was set."""
        return self._due.pop(key, None) is not None

    def take(self, event: TimerDue) -> bool:
        """Whether the timer is still due: it may have been moved or cancelled meanwhile. Removes it if so."""
        known = self._due.get(event.key)
        if known is None or known.at != event.due:
            return False
        del self._due[event.key]
        return True

    # --- a clock that is set ---------------------------------------------------------------------

    def hold(self) -> None:
        """Deliver no timer until `move` is called as often: the clock was set, and the timers are in the old time."""
        self._held += 1
        self._disarm()

    def move(self, delta: timedelta) -> Iterator[tuple[str, Due]]:
        """Move all timers with the clock, except those that mean the wall clock, and deliver again.

        Yields the moved ones.
        """
        moved = {key: Due(due.at + delta) for key, due in self._due.items() if not due.wall}
        self._due |= moved
        self._order_anew()
        self._held -= 1
        return iter(moved.items())

    # --- delivery --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start delivery. Timers that became due while the daemon was off are due now."""
        self._running = True
        self.arm()

    def stop(self) -> None:
        """Stop delivery; the rows stay."""
        self._running = False
        self._disarm()

    def arm(self) -> None:
        """Have the loop wake us for the earliest timer, if that has changed."""
        while self._order and ((due := self._due.get(self._order[0][1])) is None or due.at != self._order[0][0]):
            heapq.heappop(self._order)
        earliest = self._order[0][0] if self._order else None
        if not self._running or self._held or earliest == self._armed:
            return
        self._disarm()
        if earliest is not None:
            seconds = (earliest - self._clock()).total_seconds()
            self._call = asyncio.get_running_loop().call_later(seconds, self._fire)
            self._armed = earliest

    def _disarm(self) -> None:
        if self._call is not None:
            self._call.cancel()
        self._call = self._armed = None

    def _fire(self) -> None:
        self._disarm()
        self.wake()

    def wake(self) -> None:
        """Submit every timer that is due."""
        if not self._running or self._held:
            return
        now = self._clock()
        while self._order and self._order[0][0] <= now:
            due, key = heapq.heappop(self._order)
            known = self._due.get(key)
            if known is not None and known.at == due:
                self._submit(TimerDue(at=now, key=key, due=due))
        self.arm()
