"""Projections: what facts add up to, in tables beside the journal, written in the transaction of their facts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from callcentre.kernel.fact import Fact

Rows = Callable[[str], Awaitable[list[dict[str, Any]]]]
"""The rows of a query in the database's own SQL."""
Statement = tuple[str, list[tuple[Any, ...]]]
"""A statement in the database's own SQL, and the rows that it is carried out with."""


class Projection(Protocol):
    """Adds facts up, one by one in the order of their numbers."""

    async def load(self, rows: Rows) -> None:
        """Begin with what is kept, at the start."""

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Take the next fact. `at` is aware; the journal keeps its milliseconds."""

    def feed_line(self, line: str) -> None:
        """Take the next fact as the journal keeps it: one that was written before there was this projection."""

    def take(self) -> Iterable[Statement]:
        """What has changed since the last time."""


@dataclass(frozen=True, slots=True)
class Projects:
    """The declaration of a projection."""

    projection: Projection
