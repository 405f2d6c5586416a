"""Compares the ledger with the journal: the records as they are stored, and as the facts add up to them anew.

The records that are added up lie in a temporary file, so that memory does not grow with them.

Old facts may have been deleted. Then only records are compared that began with a fact which is still there. Columns
that lead to a person may have been emptied, in the journal or in a record; an empty one is equal to everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from callcentre.kernel import journal, schema
from callcentre.kernel.stored import Converted, stored_rows
from callcentre.kernel.verification import UNREADABLE, Difference, Differences, explained, guarded
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import RecordTable
from callcentre.statistics.statements import Changes, put
from callcentre.statistics.tables import ledger_table

_RECORDS_AT_ONCE: Final = 10_000
"""What is put at once."""

_ENTERED: Final = "entered"
"""The single value with the number of the last fact that was entered (`callcentre.kernel.engine`)."""

_PERSONAL: Final = frozenset({"number", "caller", "call", "callback", "message", "survey"})
"""Columns that lead to a person."""

_TEMPORARY: Final = sa.URL.create("sqlite", database="file:", query={"uri": "true"})
"""A file name that is empty: SQLite makes a file of its own and deletes it (https://sqlite.org/inmemorydb.html)."""

_Row = Mapping[str, Any]


def verify_ledger(connection: sa.Connection, shape: LedgerShape) -> Differences:
    """The differences of journal and ledger, node by node. `connection` is that of `read_only`."""
    tables = (schema.journal, *map(ledger_table, shape.tables))
    names = sa.union(*(sa.select(table.c.node) for table in tables))
    try:
        with connection.begin_nested():
            nodes = [_Facts(connection, shape, node) for node in sorted(connection.execute(names).scalars())]
    except UNREADABLE as error:
        yield Difference("journal", "journal", "readable", explained(error))
        return
    for facts in nodes:
        yield from _verify_node(connection, shape, facts)


def _verify_node(connection: sa.Connection, shape: LedgerShape, facts: _Facts) -> Differences:
    node = facts.node
    with _temporary(shape) as added_up:
        yield from guarded(connection, "journal", f"journal {node}", facts.add_up(added_up))
        for kept in shape.tables:
            # How many calls were answered since the first fact cannot be told without the first fact.
            if facts.complete or "open" in kept.record.__struct_fields__:
                found = _compare(connection, added_up, kept, facts)
                yield from guarded(connection, "ledger", f"{kept.name} {node}", found)


@contextmanager
def _temporary(shape: LedgerShape) -> Iterator[sa.Connection]:
    engine = sa.create_engine(_TEMPORARY, poolclass=NullPool)
    with engine.connect() as ledger:
        for kept in shape.tables:
            ledger_table(kept).create(ledger)
        yield ledger
        ledger.rollback()


class _Facts:
    """The facts of a node. `first` is the number of the first one that is still there."""

    def __init__(self, connection: sa.Connection, shape: LedgerShape, node: str) -> None:
        self._connection = connection
        self._shape = shape
        self.node = node
        meta, numbers = schema.meta.c, schema.journal.c
        asked = sa.select(meta.value).where(meta.node == node, meta.key == _ENTERED)
        self._entered = int(connection.execute(asked).scalar() or 0)
        first = sa.select(sa.func.min(numbers.id)).where(numbers.node == node)
        self.first: int = connection.execute(first).scalar() or self._entered + 1

    @property
    def complete(self) -> bool:
        """Whether none has been deleted."""
        return self.first <= 1

    def add_up(self, into: sa.Connection) -> Differences:
        """Put the records that the facts add up to, and yield gaps and facts that cannot be read."""
        ledger, changes = Ledger(self._shape), Changes(self._shape)
        following, fed = self.first, 0
        for number, line in self._lines():
            where = f"journal {self.node} {number}"
            if number != following:
                yield Difference("journal", where, f"the number {following}", str(number))
            following = number + 1
            if isinstance(line, BaseException):
                yield Difference("journal", where, "a fact", explained(line))
                continue
            try:
                fact = self._shape.read(line)
            except UNREADABLE as error:
                yield Difference("journal", where, "a fact", explained(error))
                continue
            if number > self._entered:
                continue  # The next start enters it.
            changes.take(ledger.feed(fact))
            fed += 1
            if fed % _RECORDS_AT_ONCE == 0:
                put(into, self.node, changes.rows())
                changes = Changes(self._shape)
        put(into, self.node, changes.rows())
        if following <= self._entered:
            where = f"journal {self.node}"
            yield Difference("journal", where, f"facts up to {self._entered}", f"up to {following - 1}")

    def _lines(self) -> Iterator[tuple[int, bytes | BaseException]]:
        converted = Converted(schema.journal, self._connection.dialect)
        place = list(schema.journal.c.keys()).index("id")
        for some in stored_rows(schema.journal, self._connection, of_node=self.node, ordered=True):
            for row in some:
                try:
                    yield row[place], journal.line_of(converted(row))
                except UNREADABLE as error:
                    yield row[place], error


def _compare(connection: sa.Connection, added_up: sa.Connection, kept: RecordTable, facts: _Facts) -> Differences:
    """Row by row, and the sums of all numbers."""
    table, node = ledger_table(kept), facts.node
    key, *columns = (column.name for column in table.columns if column.name != "node")
    if not facts.complete:
        columns = [name for name in columns if name not in kept.of_earlier]
    numbers = [column.name for column in table.columns if isinstance(column.type, sa.Integer | sa.BigInteger)]
    sums = {name: [0, 0] for name in numbers if name in columns}
    for expected, found in _pairs(_ordered(added_up, table, node), _ordered(connection, table, node), key):
        known: Any = (found or expected or {})[key]
        if not facts.complete and (known < facts.first or found is None):
            # Of a record that began before, or that began with a fact in the middle only because the first is gone.
            continue
        for name, both in sums.items():
            both[0] += (expected or {}).get(name) or 0
            both[1] += (found or {}).get(name) or 0
        where = f"{kept.name} {node} {known}"
        if expected is None or found is None:
            yield Difference(
                "ledger", where, "no row" if expected is None else "a row", "none" if found is None else "a row"
            )
            continue
        for name in columns:
            if expected[name] != found[name] and not (name in _PERSONAL and not (expected[name] and found[name])):
                yield Difference("ledger", f"{where} {name}", _shown(expected[name]), _shown(found[name]))
    for name, (expected_sum, found_sum) in sums.items():
        if expected_sum != found_sum:
            yield Difference("sum", f"{kept.name} {node} {name}", str(expected_sum), str(found_sum))


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


def _ordered(connection: sa.Connection, table: sa.Table, node: str) -> Iterator[_Row]:
    """The rows of a node in the order of their keys. Those with texts as keys are few: one for each queue."""
    converted = Converted(table, connection.dialect)
    rows = (converted(row) for some in stored_rows(table, connection, of_node=node, ordered=True) for row in some)
    key = list(table.primary_key)[-1]
    # The databases sort texts differently.
    return iter(sorted(rows, key=lambda row: str(row[key.name]))) if isinstance(key.type, sa.Text) else rows


def _pairs(one: Iterator[_Row], other: Iterator[_Row], key: str) -> Iterator[tuple[_Row | None, _Row | None]]:
    """The rows of both with the same key; None: there is none."""
    left, right = next(one, None), next(other, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[key] < right[key]):
            yield left, None
            left = next(one, None)
        elif left is None or right[key] < left[key]:
            yield None, right
            right = next(other, None)
        else:
            yield left, right
            left, right = next(one, None), next(other, None)
