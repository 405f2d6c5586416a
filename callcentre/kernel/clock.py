"""The daemon's clock. It advances by elapsed time, and is compared with the wall clock only when `look` is called.

Between two calls no step of the wall clock (NTP after the start, an administrator, a machine that slept) changes
anything: `now` never goes back. `look` is called once a tick. It follows a small difference without a word. It returns
a step, which goes through the engine as one event, so that everything stored in the old time is moved in one commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from callcentre.kernel.moments import STEP

_NONE: Final = timedelta(0)


def wall() -> datetime:
    """The wall clock: aware, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Wall time that advances by elapsed time. `elapsed` is in seconds and must not be affected by a set clock."""

    def __init__(self, wall: Callable[[], datetime] = wall, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._base, self._since = wall(), elapsed()
        self._latest = self._base

    def now(self) -> datetime:
        """The time: aware, in UTC. Earlier than before only after a `look` that returned a step back."""
        self._latest = max(self._latest, self._base + timedelta(seconds=self._elapsed() - self._since))
        return self._latest

    def look(self) -> timedelta:
        """Follow the wall clock. Returns by how much it was set since the last look, zero when it was not."""
        expected, self._since = self._base + timedelta(seconds=self._elapsed() - self._since), self._elapsed()
        # Later than expected where the clock was set back a little, and time did not advance for so long.
        before = max(self._latest, expected)
        self._base = self._wall()
        if abs(self._base - before) <= STEP:
            return _NONE
        self._latest = self._base
        return self._base - before
