"""Turns: how many requests of an organisation are served in a second, where its caps limit them.

A request above that waits for its turn, in a line of its own organisation. So a greedy one is slow for itself, and
takes no more of the processor than it may. What would have to wait for too long is refused, and only after a pause:
asking again at once makes no client faster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

BURST: Final = 1.0
"""Seconds whose requests may come all at once."""
LONGEST: Final = 2.0
"""Seconds that a request may have to wait for its turn."""


class TooManyRequests(Exception):  # noqa: N818
    """The organisation has too many requests in line."""


@dataclass(slots=True)
class Turns:
    """The lines of all organisations. `most` is how many requests of one are served in a second; None: any number."""

    most: Callable[[str | None], int | None]
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    _next: dict[str, float] = field(default_factory=dict)
    """When the next turn of an organisation begins."""

    async def turn(self, organisation: str | None) -> None:
        """Return when it is the turn of a request. Raises `TooManyRequests`."""
        wait = self.wait(organisation)
        if wait is None:
            await asyncio.sleep(LONGEST)
            raise TooManyRequests
        if wait > 0:
            await asyncio.sleep(wait)

    def wait(self, organisation: str | None) -> float | None:
        """Seconds until the turn of one more request, which is taken; None: it would be too long."""
        most = None if organisation is None else self.most(organisation)
        if most is None or organisation is None:
            return 0.0
        now = self.clock()
        turn = max(self._next.get(organisation, 0.0), now - BURST)
        if turn - now > LONGEST:
            return None
        self._next[organisation] = turn + 1 / most
        return max(0.0, turn - now)
