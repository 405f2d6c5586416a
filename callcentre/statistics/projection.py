"""The ledger as the engine keeps it: fed with facts as they are, and with lines of the journal where it lags behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from callcentre.kernel.fact import Fact
from callcentre.kernel.projection import Rows, Statement
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import Told, read
from callcentre.statistics.records import Record
from callcentre.statistics.statements import Changes, remembered
from callcentre.statistics.tables import TABLES

_STAMPED = frozenset({"event", "at", "id"})


class LedgerProjection:
    """Keeps the ledger's tables."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._changes = Changes()

    async def load(self, rows: Rows) -> None:
        """Begin with the records that later facts may change, and the counts that they go on from."""
        kept: list[Record] = []
        for kind in TABLES:
            kept += [msgspec.convert(row, kind, strict=False) for row in await rows(remembered(kind))]
        self._ledger = Ledger(kept)

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Take the next fact; nothing is done about one that adds up to no figure."""
        if self._ledger.wants(fact.name):
            self._changes.take(self._ledger.feed(as_written(fact, number, at)))

    def feed_line(self, line: str) -> None:
        """Take a fact of the journal."""
        self._changes.take(self._ledger.feed(read(line)))

    def take(self) -> Iterable[Statement]:
        """The records that have changed, each once."""
        if not self._changes:
            return ()
        statements = list(self._changes.statements())
        self._changes = Changes()
        return statements


def as_written(fact: Fact, number: int, at: datetime) -> Told:
    """A fact as its line would be read: to the millisecond."""
    names, values = _fields_of(type(fact))
    moment = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Told(event=fact.name, at=moment, id=number, **dict(zip(names, values(fact), strict=True)))


@cache
def _fields_of(kind: type[Fact]) -> tuple[tuple[str, ...], Any]:
    names = tuple(name for name in Told.__struct_fields__ if name not in _STAMPED and name in kind.__struct_fields__)
    return names, attrgetter(*names)
