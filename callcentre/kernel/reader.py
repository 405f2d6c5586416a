"""Reads single rows for rules, on its own connection, while the rule waits.

A rule is a plain function, and an indexed read takes some ten microseconds of a SQLite file, and some hundred of a
server. The connection reads beside the writer's, which may be in the middle of a commit, and never waits for it.
Statements go to the driver as prepared SQL text; through SQLAlchemy each read of a file would cost four times as much.

A server may keep silent. Its connection is read in a thread, and a rule waits for it no longer than `_LONGEST`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

from callcentre.kernel.records import Unreadable

_LONGEST: Final = 0.25
"""Seconds. A server that is silent for longer counts as unreadable: no event is decided during the wait."""

_Column = tuple[str, Callable[[Any], Any] | None]
"""The name of a column, and the function that converts the driver's value to ours."""


class Readable(Protocol):
    """What the reader needs of a kind of database."""

    engine: Engine

    @property
    def shared(self) -> bool: ...

    def prepare_reader(self, connection: Any) -> None: ...

    def interrupt(self, connection: Any) -> None: ...


class Reader:
    """Opened and closed together with the writer's connection, in the writer's thread; read from another."""

    def __init__(self, database: Readable) -> None:
        self._database = database
        self._engine = database.engine
        self._lock = threading.Lock()
        self._connection: PoolProxiedConnection | None = None
        self._thread: ThreadPoolExecutor | None = None

    def open(self) -> None:
        """Connect. Raises what the database raises."""
        # Without the lock: a database that is locked makes this wait for seconds, and rules must not wait with it.
        connection = self._engine.raw_connection()
        self._database.prepare_reader(connection)
        with self._lock:
            self._connection = connection
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader") if self._database.shared else None

    def close(self) -> None:
        """Disconnect, after a read in progress has ended."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        thread, self._thread = self._thread, None
        if thread is not None:
            # A read in progress ends with the connection.
            thread.shutdown(wait=False)
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
            parameter = value if bind is None else bind(value)
            try:
                if self._thread is None:
                    found = _fetched(self._connection, statement, parameter, most_below)
                else:
                    reading = self._thread.submit(_fetched, self._connection, statement, parameter, most_below)
                    found = reading.result(_LONGEST)
            except TimeoutError:
                self._database.interrupt(self._connection)
                self._end()
                raise Unreadable("the server does not answer") from None
            except self._engine.dialect.loaded_dbapi.Error as error:
                raise Unreadable(str(error)) from error
        return [
            {name: one if process is None else process(one) for (name, process), one in zip(names, row, strict=True)}
            for row in found
        ]


def _fetched(
    connection: PoolProxiedConnection, statement: str, value: Any, most: int | None
) -> Sequence[Sequence[Any]]:
    cursor = connection.cursor()
    try:
        cursor.execute(statement, {"value": value} if "%(value)s" in statement else (value,))
        # The rows come in the order of the index, and those that are not fetched are not read.
        return cursor.fetchall() if most is None else cursor.fetchmany(most)
    finally:
        cursor.close()


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
