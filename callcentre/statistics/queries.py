"""Queries of the rows that count within a span of time. The same serve SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from callcentre.kernel.schema import Instant
from callcentre.statistics.periods import Span

_AT_ONCE: Final = 500
"""Rows in memory at a time, however many a query finds. With more, Python looks through them for garbage."""


def counted(
    columns: Iterable[sa.ColumnElement[Any]], time: sa.Column[Any], span: Span, service: str | None
) -> sa.Select[Any]:
    """Asks for columns of the rows whose time is within a span and that are of a service; None: of any or of none."""
    found = sa.select(*columns).select_from(time.table)
    if span.start is not None:
        found = found.where(time >= _bound(time, span.start))
    if span.stop is not None:
        found = found.where(time < _bound(time, span.stop))
    if service is not None:
        # A row that names no service is of none.
        found = found.where(time.table.c.service == service if "service" in time.table.c else sa.false())
    return found


def _bound(time: sa.Column[Any], milliseconds: int) -> int | datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if isinstance(time.type, Instant) else milliseconds


_STREAMED: Final = {"stream_results": True, "max_row_buffer": 10 * _AT_ONCE}
"""For PostgreSQL, which would send all rows at once. SQLite finds each when it is asked for."""


def streamed(database: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, read from the database as they are taken. Who takes not all of them closes the iterator."""
    with database.execute(query, execution_options=_STREAMED) as result:
        for some in result.partitions(_AT_ONCE):
            # Rows of SQLAlchemy are compared in Python: to count equal ones takes twice as long.
            yield from map(tuple, some)


def extent(database: sa.Connection, times: Iterable[sa.Column[int]]) -> tuple[int, int] | None:
    """The first and the last moment of all these columns; None when all are empty."""
    # Two queries: SQLite answers each from the index at once, but both together by reading everything.
    queries = [sa.select(which(time)) for time in times for which in (sa.func.min, sa.func.max)]
    found = [moment for query in queries if (moment := database.execute(query).scalar()) is not None]
    return (min(found), max(found)) if found else None


def number_of(database: sa.Connection, query: sa.Select[Any]) -> int:
    """How many rows a query has."""
    return database.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
