"""The tables that the engine itself keeps, and the column types that features share.

Features declare the tables of their own records in their `tables.py`, on the same `metadata`. The schema of a
running database is made by the migrations; a test holds the two equal.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text, false
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 UTC: it sorts, and means the same everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + timedelta(microseconds=value)


# `line` is the fact as it is logged: what the log says and what the database says are the same bytes.
journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("call", Text, index=True),
    Column("callback", Text, index=True),
    Column("line", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("effect", Text, nullable=False),
)

timers = Table(
    "timers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("due", Instant, nullable=False),
    Column("wall", Boolean, nullable=False, server_default=false()),
)

# Single values: the key that numbers are hashed with, how far the log has been written.
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
