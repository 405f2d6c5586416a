"""What is read and written of the ledger's tables, by the engine and by the program that adds up a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from msgspec.structs import astuple

from callcentre.kernel.projection import TableRows
from callcentre.kernel.statements import upsert_into
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import Record, RecordTable
from callcentre.statistics.tables import ledger_table


def remembered(kept: RecordTable, node: str) -> sa.Select[Any]:
    """Asks for the records that the ledger of a node begins with."""
    table = ledger_table(kept)
    found = sa.select(table).where(table.c.node == node)
    return found.where(table.c.open) if "open" in table.c else found


class Changes:
    """Records to be put, each as it was last."""

    def __init__(self, shape: LedgerShape) -> None:
        self._tables = shape.tables
        self._rows: dict[type[Record], dict[int | str, Record]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def take(self, records: Iterable[Record]) -> None:
        """Have these put, in place of what was to be put by the same keys."""
        for record in records:
            self._rows.setdefault(type(record), {})[record.key] = record

    def of(self, kind: type[Record], key: int | str) -> Record | None:
        """The record of a class that is to be put by this key."""
        return self._rows.get(kind, {}).get(key)

    def rows(self) -> Iterator[TableRows]:
        """The rows of each table, without the node."""
        for kept in self._tables:
            if rows := self._rows.get(kept.record):
                yield ledger_table(kept), [astuple(row) for row in rows.values()]


def put(ledger: sa.Connection, node: str, changed: Iterable[TableRows]) -> None:
    """Write rows of a node as the store does, in the transaction that the connection has begun."""
    for table, rows in changed:
        cursor = ledger.connection.cursor()
        upsert_into(table, ledger.dialect).run_in_order(cursor, [(node, *row) for row in rows])
        cursor.close()
