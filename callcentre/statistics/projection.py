"""The ledger as the engine keeps it: fed with facts as they are, and with lines of the journal where it lags behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from callcentre.kernel.decision import Rewrite
from callcentre.kernel.fact import Fact
from callcentre.kernel.projection import Rows, TableRows
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import FactLine
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import Record
from callcentre.statistics.statements import Changes, remembered

_, _, _, _, *_COMMON = FactLine.__struct_fields__
"""The fields of every fact, behind what the engine adds: event, at, id and node."""
_common = attrgetter(*_COMMON)


class LedgerProjection:
    """Keeps the ledger's tables."""

    def __init__(self, shape: LedgerShape) -> None:
        self._shape = shape
        self._kept = {kept.name: kept for kept in shape.tables}
        self._ledger = Ledger(shape)
        self._changes = Changes(shape)
        self._as_written = AsWritten(shape)

    async def load(self, rows: Rows, node: str) -> None:
        """Begin with the records of the node that later facts may change, and the counts that they go on from."""
        kept: list[Record] = []
        for table in self._shape.tables:
            names = table.record.__struct_fields__
            stored = await rows(remembered(table, node))
            kept += [msgspec.convert({name: row[name] for name in names}, table.record) for row in stored]
        self._ledger = Ledger(self._shape, kept)
        self._as_written = AsWritten(self._shape, node)

    def feed(self, fact: Fact, number: int, at: datetime) -> None:
        """Take the next fact; nothing is done about one that adds up to no figure."""
        if self._ledger.wants(fact.name):
            self._changes.take(self._ledger.feed(self._as_written(fact, number, at)))

    def feed_line(self, line: bytes) -> None:
        """Take a fact of the journal."""
        self._changes.take(self._ledger.feed(self._shape.read(line)))

    def rewritten(self, rewrite: Rewrite) -> None:
        """Change a record that is still open as its row changes: it is written again with its next fact."""
        kept = self._kept.get(rewrite.table)
        if kept is not None and rewrite.values is not None:
            known = self._changes.of(kept.record, rewrite.key) or self._ledger.remembered(kept.record, rewrite.key)
            if known is not None:
                self._ledger.replaced(known, after := replace(known, **rewrite.values))
                self._changes.take((after,))

    def take(self) -> Iterable[TableRows]:
        """The records that have changed, each once."""
        if not self._changes:
            return ()
        rows = list(self._changes.rows())
        self._changes = Changes(self._shape)
        return rows


class AsWritten:
    """Gives a fact of a node as its line would be read."""

    def __init__(self, shape: LedgerShape, node: str = "main") -> None:
        self._line = shape.line
        self._node = node
        self._further: dict[type[Fact], tuple[str, ...]] = {}

    def __call__(self, fact: Fact, number: int, at: datetime) -> FactLine:
        """The line of a fact with this number, written at this time."""
        further = self._further.get(type(fact))
        if further is None:
            further = self._further[type(fact)] = self._further_fields(type(fact))
        return self._line(
            fact.name, at, number, self._node, *_common(fact), **{name: getattr(fact, name) for name in further}
        )

    def _further_fields(self, kind: type[Fact]) -> tuple[str, ...]:
        known = kind.__struct_fields__
        return tuple(name for name in self._line.__struct_fields__ if name in known and name not in _COMMON)
