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
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.pool import PoolProxiedConnection

from callcentre.kernel.records import Unreadable
from callcentre.kernel.statements import Prepared

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

    def __init__(self, database: Readable, node: str) -> None:
        self._database = database
        self._engine = database.engine
        self._node = node
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

    def span(self, column: sa.Column[Any], low: Any, high: Any, most: int) -> list[Mapping[str, Any]]:
        """At most so many rows of this daemon whose column is from `low` to `high`, the lowest first.

        Raises `Unreadable`.
        """
        prepared, names = _select_span(column, self._engine)
        values = prepared.parameters({"low": low, "high": high, "most": most, "skipped": 0, "of_node": self._node})
        return [_converted(row, names) for row in self._rows(prepared.sql, values, None)]

    def of_others(self, column: sa.Column[Any], value: Any) -> list[Mapping[str, Any]]:
        """The rows of other daemons whose column has this value. Raises `Unreadable`."""
        if not self._database.shared:
            return []
        return [row for row in self._found(column, value) if row["node"] != self._node]

    def _found(self, column: sa.Column[Any], value: Any, most_below: int | None = None) -> list[Mapping[str, Any]]:
        statement, names, bind = _select(column, self._engine, below=most_below is not None)
        parameter = value if bind is None else bind(value)
        values = {"value": parameter} if "%(value)s" in statement else (parameter,)
        return [_converted(row, names) for row in self._rows(statement, values, most_below)]

    def _rows(self, statement: str, values: Any, most: int | None) -> Sequence[Sequence[Any]]:
        """The rows of the driver. Raises `Unreadable`."""
        with self._lock:
            if self._connection is None:
                raise Unreadable("the database is not open")
            try:
                if self._thread is None:
                    return _fetched(self._connection, statement, values, most)
                reading = self._thread.submit(_fetched, self._connection, statement, values, most)
                return reading.result(_LONGEST)
            except TimeoutError:
                self._database.interrupt(self._connection)
                self._end()
                raise Unreadable("the server does not answer") from None
            except self._engine.dialect.loaded_dbapi.Error as error:
                raise Unreadable(str(error)) from error


def _converted(row: Any, names: tuple[_Column, ...]) -> Mapping[str, Any]:
    return {name: one if process is None else process(one) for (name, process), one in zip(names, row, strict=True)}


@cache
def _select_span(column: sa.Column[Any], engine: Engine) -> tuple[Prepared, tuple[_Column, ...]]:
    """The statement for the rows of a daemon with a value in a span, and their columns."""
    table = column.table
    low, high = (sa.bindparam(name, type_=column.type) for name in ("low", "high"))
    statement = sa.select(table).where(column >= low, column <= high)
    if "node" in table.c:
        statement = statement.where(table.c.node == sa.bindparam("of_node", type_=sa.Text()))
    # For SQLite, SQLAlchemy writes an OFFSET beside a LIMIT in any case: by our name.
    most, skipped = (sa.bindparam(name, type_=sa.Integer()) for name in ("most", "skipped"))
    ordered = statement.order_by(column).limit(most).offset(skipped)
    return Prepared(ordered, engine.dialect), _columns(table, engine)


def _columns(table: sa.FromClause, engine: Engine) -> tuple[_Column, ...]:
    return tuple((each.name, _conversion(each.type, engine.dialect)) for each in table.columns)


def _conversion(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # Drivers give floats as they are. SQLAlchemy would ask by which type the server sent them.
    if isinstance(kind, sa.Float):
        return None
    process: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return process


def _fetched(
    connection: PoolProxiedConnection, statement: str, values: Any, most: int | None
) -> Sequence[Sequence[Any]]:
    cursor = connection.cursor()
    try:
        cursor.execute(statement, values)
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
    columns = _columns(column.table, engine)
    return str(statement.compile(dialect=dialect)), columns, column.type.dialect_impl(dialect).bind_processor(dialect)
