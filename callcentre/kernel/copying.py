"""Copies the rows of one database into another, between SQLite and PostgreSQL, and proves that they are the same.

Values are read and written as they are stored: a JSON text keeps its spaces. The sum of a table is the same in any
order of its rows, since the two kinds of database sort texts differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from callcentre.kernel import migrations, schema
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.exclusive import exclusive, explained
from callcentre.kernel.reading import read_only
from callcentre.kernel.stored import as_stored, stored_rows

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_encode = msgspec.msgpack.Encoder().encode

_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """A table of both databases. `replaced` counts texts that PostgreSQL does not take as they were."""

    table: str
    rows: int
    sum: str
    replaced: int = 0


def copy(source: Database, target: Database) -> list[Copied]:
    """Copy everything into an empty database, in one transaction. Returns what is in both, table by table. Blocking.

    Nobody may use either of them meanwhile: what a daemon does after the moment of the copy would be in one of them
    only, and both would send the same texts. `metadata` must have the tables of all components.

    Raises `InUse` while a daemon runs, and `StoreError`; then the target is as it was.
    """
    if _same(source, target):
        raise StoreError(f"{target}: is the database itself; name another one")
    with read_only(source) as rows, explained(source):
        _require_this_version(rows, source)
        nodes = rows.execute(sa.select(schema.meta.c.node).distinct()).scalars().all()
    with (
        exclusive(source, [node for node in nodes if node != schema.SHARED]),
        exclusive(target),
        read_only(source) as rows,
    ):
        return copy_rows(rows, source, target)


def _same(one: Database, other: Database) -> bool:
    if one.path is not None and other.path is not None:
        return one.path.resolve() == other.path.resolve()
    return one.url == other.url


def copy_rows(rows: sa.Connection, source: Database, target: Database) -> list[Copied]:
    """Copy what a connection of `read_only` sees, as `copy` does, without a lock. Raises `StoreError`."""
    _require_this_version(rows, source)
    with explained(target), migrations.writing(target) as there:
        migrations.bring_up_to_date(there, target)
        _require_empty(there, target)
        return [_copy_table(table, rows, there, source, target) for table in schema.metadata.sorted_tables]


def _require_this_version(connection: sa.Connection, database: Database) -> None:
    found = migrations.revision(connection)
    if found != migrations.HEAD:
        raise StoreError(
            f"{database}: has schema {found or 'none'}, and this version {migrations.HEAD}; "
            "run `callcentre database upgrade` first"
        )


def _require_empty(connection: sa.Connection, database: Database) -> None:
    for table in schema.metadata.sorted_tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise StoreError(f"{database}: has rows already, in {table.name}; name an empty database, or a new file")


def _copy_table(
    table: sa.Table, rows: sa.Connection, there: sa.Connection, source: Database, target: Database
) -> Copied:
    without_zero = there.dialect.name == "postgresql"
    count = total = replaced = 0
    insert = sa.insert(as_stored(table, there.dialect))
    names = [column.name for column in table.columns]
    try:
        for some in _read(table, rows):
            taken = some
            if without_zero:
                taken = [_without_zero(row) for row in some]
                replaced += sum(new is not row for new, row in zip(taken, some, strict=True))
            total += sum(map(_digest, taken))
            count += len(taken)
            there.execute(insert, [dict(zip(names, row, strict=True)) for row in taken])
        copied = _summed(table.name, count, total, replaced)
        found = _sum_of(table, there)
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            described(source, error, f"nothing was copied: {table.name} has what {target} does not take")
        ) from error
    if (found.rows, found.sum) != (copied.rows, copied.sum):
        raise StoreError(
            f"{target}: nothing was copied: of {table.name}, {copied.rows} rows with the sum {copied.sum} were "
            f"written, and {found.rows} with the sum {found.sum} are read back; see `callcentre database verify`"
        )
    return copied


def _sum_of(table: sa.Table, connection: sa.Connection) -> Copied:
    count = total = 0
    for some in _read(table, connection):
        total += sum(map(_digest, some))
        count += len(some)
    return _summed(table.name, count, total)


def _summed(name: str, count: int, total: int, replaced: int = 0) -> Copied:
    return Copied(name, count, f"{total % 2**64:016x}", replaced)


def _digest(row: _Row) -> int:
    """The number that stands for a row in the sum of its table."""
    return int.from_bytes(blake2b(_encode(row), digest_size=8).digest(), "big")


# --- rows as they are stored -----------------------------------------------------------------------


def _read(table: sa.Table, connection: sa.Connection) -> Iterator[Sequence[_Row]]:
    floats = [place for place, column in enumerate(table.columns) if isinstance(column.type, sa.Float)]
    for rows in stored_rows(table, connection):
        yield [_without_negative_zero(row, floats) for row in rows] if floats else rows


def _without_negative_zero(row: _Row, floats: Sequence[int]) -> _Row:
    """SQLite stores a whole number of a float column as an integer, which has no negative zero."""
    if any(row[place] == 0 for place in floats):
        return tuple(0.0 if place in floats and value == 0 else value for place, value in enumerate(row))
    return row


def _without_zero(row: _Row) -> _Row:
    """The row as PostgreSQL takes it, as the store writes it too; the same row where there is nothing to replace."""
    if any(isinstance(value, str) and "\x00" in value for value in row):
        return tuple(value.replace("\x00", _REPLACEMENT) if isinstance(value, str) else value for value in row)
    return row
