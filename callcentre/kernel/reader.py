"""Reads single rows for rules, on its own connection, in the thread that decides.

A rule cannot wait for another thread, and an indexed read of SQLite takes some ten microseconds. The connection reads
beside the writer's, which may be in the middle of a commit, and never waits for it: SQLite in WAL mode allows both.
Statements go to the driver as prepared SQL text; through SQLAlchemy each read would cost four times as much.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

from callcentre.kernel.records import Unreadable

_MILLISECONDS: Final = 100
"""A database that is locked for longer counts as unreadable: no event is decided during the wait."""

_Column = tuple[str, Callable[[Any], Any] | None]
"""The name of a column, and the function that converts the driver's value to ours."""


class Reader:
    """Opened and closed together with the writer's connection, in the writer's thread; read from another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: PoolProxiedConnection | None = None

    def open(self) -> None:
        """Connect. Raises what the database raises."""
        # Without the lock: a database that is locked makes this wait for seconds, and rules must not wait with it.
        connection = self._engine.raw_connection()
        connection.cursor().execute(f"PRAGMA busy_timeout={_MILLISECONDS}")
        with self._lock:
            self._connection = connection

    def close(self) -> None:
        """Disconnect, after a read in progress has ended."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(Exception):
                    connection.close()

    def rows(self, column: sa.Column[Any], value: Any) -> list[Mapping[str, Any]]:
        """The rows whose column has this value. Raises `Unreadable`."""
        return self._found(column, value)

    def below(self, column: sa.Column[Any], value: Any, most: int) -> list[Mapping[str, Any]]:
        """At most so many rows whose column is below this value, the lowest first. Raises `Unreadable`."""
        return self._found(column, value, most)

    def _found(self, column: sa.Column[Any], value: Any, most_below: int | None = None) -> list[Mapping[str, Any]]:
        statement, names, bind = _select(column, self._engine, below=most_below is not None)
        with self._lock:
            if self._connection is None:
                raise Unreadable("the database is not open")
            try:
                cursor = self._connection.cursor()
                cursor.execute(statement, (value if bind is None else bind(value),))
                # The rows come in the order of the index, and those that are not fetched are not read.
                found = cursor.fetchall() if most_below is None else cursor.fetchmany(most_below)
                cursor.close()
            except self._engine.dialect.loaded_dbapi.Error as error:
                raise Unreadable(str(error)) from error
        return [
            {name: one if process is None else process(one) for (name, process), one in zip(names, row, strict=True)}
            for row in found
        ]


@cache
def _select(
    column: sa.Column[Any], engine: Engine, *, below: bool
) -> tuple[str, tuple[_Column, ...], Callable[[Any], Any] | None]:
    """The SQL for the rows of a value or below it, their columns, and what converts our value to the driver's."""
    dialect = engine.dialect
    rows = sa.select(column.table)
    bound: sa.BindParameter[Any] = sa.bindparam("value")
    statement = rows.where(column < bound).order_by(column) if below else rows.where(column == bound)
    columns = tuple(
        (each.name, each.type.dialect_impl(dialect).result_processor(dialect, None)) for each in column.table.columns
    )
    return str(statement.compile(dialect=dialect)), columns, column.type.dialect_impl(dialect).bind_processor(dialect)
