"""Statements of the writer: made once with SQLAlchemy for a dialect, and then carried out by the driver.

SQLAlchemy takes most of the time of a small statement: it looks the compiled form up, makes a context, and runs type
conversions that most columns do not need. A live call is a dozen small statements. The same statements are compiled for
SQLite and for PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from callcentre.kernel.schema import belongs_to_node

_Convert = Callable[[Any], Any]


class Prepared:
    """One statement and the order of its parameters; `parameters` makes a row of ours one of the driver's."""

    def __init__(self, statement: sa.ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        names: Sequence[str] = compiled.positiontup or list(compiled.binds)
        self._positional: bool = compiled.positional
        self._columns: list[tuple[str, _Convert | None]] = [
            (name, _conversion(compiled.binds[name].type, dialect)) for name in names
        ]

    def parameters(self, row: Mapping[str, Any]) -> Any:
        """A row by the names of its columns, as the driver takes it."""
        columns = self._columns
        if self._positional:
            return tuple([row[name] if convert is None else convert(row[name]) for name, convert in columns])
        return {name: row[name] if convert is None else convert(row[name]) for name, convert in columns}

    def run(self, cursor: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each row. Raises what the driver raises."""
        parameters = self.parameters
        cursor.executemany(self.sql, [parameters(row) for row in rows])

    def begun(self, cursor: Any, row: Mapping[str, Any]) -> Any:
        """Carry it out for one row on a cursor of its own, which then has the rows that it returns."""
        cursor.execute(self.sql, self.parameters(row))
        return cursor

    def run_in_order(self, cursor: Any, rows: Iterable[Sequence[Any]]) -> None:
        """The same for rows whose values are in the order of the parameters: no value is looked up by its name."""
        if not self._positional:
            names = [name for name, _ in self._columns]
            self.run(cursor, [dict(zip(names, row, strict=True)) for row in rows])
            return
        conversions = [(place, convert) for place, (_, convert) in enumerate(self._columns) if convert is not None]
        driver_rows = [list(row) for row in rows]
        for row in driver_rows:
            for place, convert in conversions:
                row[place] = convert(row[place])
        cursor.executemany(self.sql, driver_rows)


def _conversion(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    """What makes a value of ours one of the driver's; None: it is one already."""
    convert: _Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is None and dialect.name == "postgresql" and isinstance(kind, sa.Text):
        return _without_zero
    return convert


def _without_zero(value: str | None) -> str | None:
    """A text as PostgreSQL takes it: it refuses the character zero, which a caller's name or a text may contain."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if value is not None and "\x00" in value else value


@cache
def insert_into(table: sa.Table, dialect: Dialect) -> Prepared:
    """New rows. The parameters are in the order of the table's columns."""
    return Prepared(sa.insert(table), dialect)


def insert_of(dialect: Dialect) -> Any:
    """The function that makes an INSERT with ON CONFLICT: PostgreSQL's or SQLite's, which have no base in common."""
    return postgresql.insert if dialect.name == "postgresql" else sqlite.insert


@cache
def upsert_into(table: sa.Table, dialect: Dialect) -> Prepared:
    """Rows in place of those with their keys."""
    statement = insert_of(dialect)(table)
    keys = [column.name for column in table.primary_key]
    updates = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if not updates:
        return Prepared(statement.on_conflict_do_nothing(index_elements=keys), dialect)
    return Prepared(statement.on_conflict_do_update(index_elements=keys, set_=updates), dialect)


@cache
def add_to(column: sa.Column[Any], dialect: Dialect, *, limited: bool) -> Prepared:
    """Add `added` to a count, in a row that may be new; `limited`: while the sum is at most `most`.

    It returns a row where that was done, and none where it was not.
    """
    statement = insert_of(dialect)(column.table)
    total = column + sa.bindparam("added", type_=column.type)
    keys = [key.name for key in column.table.primary_key]
    within = total <= sa.bindparam("most", type_=column.type) if limited else None
    added = statement.on_conflict_do_update(index_elements=keys, set_={column.name: total}, where=within)
    return Prepared(added.returning(column), dialect)


@cache
def delete_by(column: sa.Column[Any], dialect: Dialect) -> Prepared:
    """The rows whose column has the value `gone`; of a table whose rows belong to daemons, those of `of_node`."""
    statement = sa.delete(column.table).where(column == sa.bindparam("gone"))
    if belongs_to_node(column.table):
        statement = statement.where(column.table.c.node == sa.bindparam("of_node"))
    return Prepared(statement, dialect)
