"""Rows as they are stored, with values of the driver: also one that cannot be converted to ours can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine

_ROWS: Final = 1_000
"""Rows in memory at a time."""

_STREAMED: Final = {"stream_results": True, "max_row_buffer": _ROWS}
"""For PostgreSQL, which would send all rows at once. SQLite finds each when it is asked for."""


def stored_rows(
    table: sa.Table, connection: sa.Connection, *, of_node: str | None = None, ordered: bool = False
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a table, some at a time, with the values of the driver. `ordered`: by the last column of the key."""
    stored = as_stored(table, connection.dialect)
    query = sa.select(*stored.columns)
    if of_node is not None:
        query = query.where(stored.c.node == of_node)
    if ordered:
        query = query.order_by(stored.c[list(table.primary_key)[-1].name])
    with connection.execute(query, execution_options=_STREAMED) as result:
        for some in result.partitions(_ROWS):
            yield [tuple(row) for row in some]


class Converted:
    """Makes a row of the driver one of ours. Raises what the conversion of a value raises."""

    def __init__(self, table: sa.Table, dialect: Dialect) -> None:
        self._columns = [(column.name, _conversion(column.type, dialect)) for column in table.columns]

    def __call__(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row by the names of its columns."""
        return {
            name: value if convert is None or value is None else convert(value)
            for (name, convert), value in zip(self._columns, row, strict=True)
        }


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    if isinstance(kind, sa.JSON):
        return msgspec.json.decode
    if isinstance(kind, TypeDecorator):
        return kind.dialect_impl(dialect).result_processor(dialect, None)
    return bool if isinstance(kind, sa.Boolean) else None


def as_stored(table: sa.Table, dialect: Dialect) -> sa.Table:
    """The table with columns whose values are those of the driver."""
    columns = (sa.Column(column.name, _stored_type(column.type, dialect)) for column in table.columns)
    return sa.Table(table.name, sa.MetaData(), *columns)


def _stored_type(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    if isinstance(kind, sa.JSON):
        return _JsonText() if dialect.name == "postgresql" else sa.Text()
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


class _JsonText(TypeDecorator[str]):
    """The text of PostgreSQL's JSON, which it keeps as it was written."""

    impl = sa.Text
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        return sa.cast(bindparam, sa.JSON)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        return sa.cast(column, sa.Text)
