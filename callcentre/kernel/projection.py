"""Projections: tables that are computed from facts, written in the transaction of the facts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from callcentre.kernel.fact import Fact

Rows = Callable[[str], Awaitable[list[dict[str, Any]]]]
"""Runs a query in the database's own SQL and returns the rows."""
Statement = tuple[str, list[tuple[Any, ...]]]
"""A statement in the database's own SQL, and the rows to run it with."""


class Projection(Protocol):
    """Adds facts up, one at a time in the order of their numbers."""

    async def load(self, rows: Rows) -> None:
        """Load what is stored, at the start."""

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Add the next fact. `at` is aware, in whole milliseconds as in the log."""

    def feed_line(self, line: bytes) -> None:
        """Add the next fact from its line in the journal: one from before there was this projection."""

    def take(self) -> Iterable[Statement]:
        """The changes since the last call."""


@dataclass(frozen=True, slots=True)
class Projects:
    """The declaration of a projection."""

    projection: Projection
