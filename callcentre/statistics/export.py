"""Everything of one kind row by row, as it is kept, such as every call or every survey answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Span
from callcentre.statistics.workbooks import Known, Value

Read = Callable[[Any, ZoneInfo], Value]


def as_kept(value: Any, _zone: ZoneInfo) -> Value:
    """A column that is exported as it is kept."""
    result: Value = value
    return result


def as_moment(milliseconds: int | None, zone: ZoneInfo) -> Value:
    """A column with a time."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, zone)


def as_seconds(milliseconds: int | None, _zone: ZoneInfo) -> Value:
    """A column with a length."""
    return None if milliseconds is None else milliseconds / 1000


def as_truth(value: int | None, _zone: ZoneInfo) -> Value:
    """A column with yes or no."""
    return None if value is None else bool(value)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: `source` is what it is in the table, in SQL."""

    name: str
    source: str
    read: Read = as_kept


def plain(*names: str) -> tuple[Column, ...]:
    """Columns that are exported as they are kept, by the same name."""
    return tuple(Column(name, name) for name in names)


@dataclass(frozen=True, slots=True)
class Source:
    """A table with the column of the time that counts, in so many units a millisecond."""

    table: str
    time: str
    columns: tuple[Column, ...]
    units: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A kind of rows that `callcentre export` writes.

    place: the order in the help of the command; those with a lower one come first.
    sources: where the rows are, all with the same columns. The first whose table is there is read.
    meanings: what each column is.
    """

    name: str
    place: int
    sources: tuple[Source, ...]
    meanings: Mapping[str, str]


PERSON = {
    "service": "the key of the service",
    "queue": "the queue",
    "number": "the person's number, masked",
    "caller": "a keyed hash that distinguishes people",
}
"""What the columns of most exports are that say whom a row is about."""
AGENT = {"agent": "the agent's device", "agent_name": "the agent's name, where the queue knows it"}
"""What the columns are that name an agent."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`rows`, each with a value for every column; they are read as they are taken. `known` tells how many there are."""

    columns: Sequence[str]
    known: Known
    rows: Iterator[Sequence[Value]]


def exported(
    ledger: sqlite3.Connection, export: Export, zone: ZoneInfo, *, span: Span, service: str | None = None
) -> Exported:
    """All rows of a kind within a span of time, in the order of time."""
    source = _source(ledger, export)
    conditions = ["1"]
    values: list[int | str] = []
    for limit, comparison in ((span.start, ">="), (span.stop, "<")):
        if limit is not None:
            conditions.append(f"{source.time} {comparison} ?")
            values.append(limit * source.units)
    if service is not None:
        # A row that names no service is of none.
        conditions.append("service = ?" if any(column.name == "service" for column in source.columns) else "? IS NULL")
        values.append(service)
    where = f"FROM {source.table} WHERE {' AND '.join(conditions)}"
    (total,) = ledger.execute(f"SELECT count(*) {where}", values).fetchone()
    columns = ", ".join(column.source for column in source.columns)
    found = ledger.execute(f"SELECT {columns} {where} ORDER BY {source.time}", values)
    readers = [column.read for column in source.columns]
    rows = ([read(value, zone) for read, value in zip(readers, row, strict=True)] for row in found)
    return Exported([column.name for column in source.columns], _known(ledger, source, total), rows)


_NUMBERS: Final = frozenset({"INTEGER", "FLOAT", "BOOLEAN"})
"""The types of SQL whose columns have no texts."""


def _known(ledger: sqlite3.Connection, source: Source, rows: int) -> Known:
    types = dict(ledger.execute("SELECT name, type FROM pragma_table_info(?)", (source.table,)))
    moments = frozenset(column.name for column in source.columns if column.read is as_moment)
    numbers = frozenset(
        column.name
        for column in source.columns
        if column.read in (as_seconds, as_truth) or (column.read is as_kept and types.get(column.source) in _NUMBERS)
    )
    names = frozenset(column.name for column in source.columns)
    return Known(rows, texts=names - moments - numbers, moments=moments)


def _source(ledger: sqlite3.Connection, export: Export) -> Source:
    there = {name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return next(source for source in export.sources if source.table in there)
