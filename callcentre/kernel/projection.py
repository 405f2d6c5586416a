"""Projections: tables that are computed from facts, written in the transaction of the facts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from callcentre.kernel.decision import Rewrite
from callcentre.kernel.fact import Fact

Rows = Callable[[sa.Select[Any]], Awaitable[list[dict[str, Any]]]]
"""Runs a query and returns the rows."""
TableRows = tuple[sa.Table, list[tuple[Any, ...]]]
"""Rows for a table, each in place of the one with its primary key. The values are in the order of the columns, without
`node`: the store adds its own."""


class Projection(Protocol):
    """Adds facts up, one at a time in the order of their numbers."""

    async def load(self, rows: Rows, node: str) -> None:
        """Load what is stored of this node, at the start."""

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Add the next fact. `at` is aware, in whole milliseconds as in the log."""

    def feed_line(self, line: bytes) -> None:
        """Add the next fact from its line in the journal: one from before there was this projection."""

    def rewritten(self, rewrite: Rewrite) -> None:
        """A stored row changes otherwise than by a fact. Follow, if it is one of ours that is remembered."""

    def take(self) -> Iterable[TableRows]:
        """The rows that have changed since the last call."""


@dataclass(frozen=True, slots=True)
class Projects:
    """The declaration of a projection."""

    projection: Projection
