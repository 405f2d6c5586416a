"""The ledger as the engine keeps it: fed with facts as they are, and with lines of the journal where it lags behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec

from callcentre.kernel.fact import Fact
from callcentre.kernel.projection import Rows, Statement
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import FactLine
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import Record
from callcentre.statistics.statements import Changes, remembered

_STAMPED = frozenset({"event", "at", "id"})


class LedgerProjection:
    """Keeps the ledger's tables."""

    def __init__(self, shape: LedgerShape) -> None:
        self._shape = shape
        self._ledger = Ledger(shape)
        self._changes = Changes(shape)
        self._as_written = AsWritten(shape)

    async def load(self, rows: Rows) -> None:
        """Begin with the records that later facts may change, and the counts that they go on from."""
        kept: list[Record] = []
        for table in self._shape.tables:
            kept += [msgspec.convert(row, table.record, strict=False) for row in await rows(remembered(table))]
        self._ledger = Ledger(self._shape, kept)

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Take the next fact; nothing is done about one that adds up to no figure."""
        if self._ledger.wants(fact.name):
            self._changes.take(self._ledger.feed(self._as_written(fact, number, at)))

    def feed_line(self, line: str) -> None:
        """Take a fact of the journal."""
        self._changes.take(self._ledger.feed(self._shape.read(line)))

    def take(self) -> Iterable[Statement]:
        """The records that have changed, each once."""
        if not self._changes:
            return ()
        statements = list(self._changes.statements())
        self._changes = Changes(self._shape)
        return statements


class AsWritten:
    """Gives a fact as its line would be read: to the millisecond."""

    def __init__(self, shape: LedgerShape) -> None:
        self._line = shape.line
        self._known: dict[type[Fact], tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]] = {}

    def __call__(self, fact: Fact, number: int, at: datetime) -> FactLine:
        """The line of a fact with this number, written at this time."""
        kind = type(fact)
        if kind not in self._known:
            fields = self._line.__struct_fields__
            names = tuple(name for name in fields if name not in _STAMPED and name in kind.__struct_fields__)
            self._known[kind] = names, attrgetter(*names)
        names, values = self._known[kind]
        moment = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return self._line(event=fact.name, at=moment, id=number, **dict(zip(names, values(fact), strict=True)))
