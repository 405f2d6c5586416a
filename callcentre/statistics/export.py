"""Everything of one kind row by row, as it is kept, such as every call or every survey answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Span
from callcentre.statistics.records import RecordTable
from callcentre.statistics.workbooks import Known, Value

# SQLAlchemy is imported with the first export: the help of a command would wait for it.
if TYPE_CHECKING:
    import sqlalchemy as sa

    from callcentre.kernel.records import Records

Read = Callable[[Any, ZoneInfo], Value]


def as_kept(value: Any, _zone: ZoneInfo) -> Value:
    """A column that is exported as it is kept."""
    result: Value = value
    return result


def as_moment(time: int | datetime | None, zone: ZoneInfo) -> Value:
    """A column with a time: milliseconds since 1970 UTC in the ledger, an aware moment in other tables."""
    if isinstance(time, datetime):
        return time.astimezone(zone)
    return None if time is None else datetime.fromtimestamp(time / 1000, zone)


def as_seconds(milliseconds: int | None, _zone: ZoneInfo) -> Value:
    """A column with a length."""
    return None if milliseconds is None else milliseconds / 1000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: `source` is its column in the table."""

    name: str
    source: str
    read: Read = as_kept


def plain(*names: str) -> tuple[Column, ...]:
    """Columns that are exported as they are kept, by the same name."""
    return tuple(Column(name, name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A kind of rows that `callcentre export` writes.

    place: the order in the help of the command; those with a lower one come first.
    table: where the rows are: a table of the ledger, or rows of all nodes that a component has.
    time: the column of the table with the time that counts.
    meanings: what each column is.
    """

    name: str
    place: int
    table: RecordTable | Callable[[], Records[Any]]
    time: str
    columns: tuple[Column, ...]
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
NODE = {"node": "the daemon that the row is from"}
"""What the last column is where each node has rows of its own."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`rows`, each with a value for every column; they are read as they are taken. `known` tells how many there are."""

    columns: Sequence[str]
    known: Known
    rows: Iterator[Sequence[Value]]


def exported(
    ledger: sa.Connection, export: Export, zone: ZoneInfo, *, span: Span, service: str | None = None
) -> Exported:
    """All rows of a kind within a span of time, in the order of time."""
    from callcentre.statistics.queries import counted, number_of, streamed

    table = _table(export)
    time = table.c[export.time]
    found = counted((table.c[column.source] for column in export.columns), time, span, service)
    readers = [column.read for column in export.columns]
    # Of rows with the same time, in every database the same first.
    in_order = streamed(ledger, found.order_by(time, *table.primary_key))
    rows = ([read(value, zone) for read, value in zip(readers, row, strict=True)] for row in in_order)
    return Exported([column.name for column in export.columns], _known(export, table, number_of(ledger, found)), rows)


def _table(export: Export) -> sa.Table:
    from callcentre.statistics.tables import ledger_table

    return ledger_table(export.table) if isinstance(export.table, RecordTable) else export.table().table


def _known(export: Export, table: sa.Table, rows: int) -> Known:
    from sqlalchemy import Boolean, Float, Integer

    moments = frozenset(column.name for column in export.columns if column.read is as_moment)
    numbers = frozenset(
        column.name
        for column in export.columns
        if column.name not in moments and isinstance(table.c[column.source].type, Integer | Float | Boolean)
    )
    names = frozenset(column.name for column in export.columns)
    return Known(rows, texts=names - moments - numbers, moments=moments)
