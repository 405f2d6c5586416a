"""Statements of the writer: made once with SQLAlchemy for a dialect, and then carried out by the driver.

SQLAlchemy takes most of the time of a small statement: it looks the compiled form up, makes a context, and runs type
conversions that most columns do not need. A live call is a dozen small statements. Compiled for another dialect, the
same statements serve another database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Dialect

_Convert = Callable[[Any], Any]


class Prepared:
    """One statement and the order of its parameters; `parameters` makes a row of ours one of the driver's."""

    def __init__(self, statement: sa.ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        names: Sequence[str] = compiled.positiontup or list(compiled.binds)
        self._positional: bool = compiled.positional
        self._columns: list[tuple[str, _Convert | None]] = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
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


@cache
def insert_into(table: sa.Table, dialect: Dialect) -> Prepared:
    """New rows. The parameters are in the order of the table's columns."""
    return Prepared(sa.insert(table), dialect)


@cache
def upsert_into(table: sa.Table, dialect: Dialect) -> Prepared:
    """Rows in place of those with their keys."""
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    updates = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if not updates:
        return Prepared(statement.on_conflict_do_nothing(index_elements=keys), dialect)
    return Prepared(statement.on_conflict_do_update(index_elements=keys, set_=updates), dialect)


@cache
def delete_by(column: sa.Column[Any], dialect: Dialect) -> Prepared:
    """The rows whose column has the value `gone`."""
    return Prepared(sa.delete(column.table).where(column == sa.bindparam("gone")), dialect)
