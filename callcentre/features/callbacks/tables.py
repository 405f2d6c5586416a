"""Where callbacks are kept."""

from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Integer, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from callcentre.kernel.schema import Instant, metadata


class Nested(TypeDecorator[Any]):
    """A value with fields of its own, stored as JSON. Times in it are ISO 8601."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else msgspec.json.decode(value)


callbacks = Table(
    "callbacks",
    metadata,
    Column("callback", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("state", Nested, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("name_prefix", Text, nullable=False),
    Column("withheld", Boolean, nullable=False),
)

dialled = Table(
    "dialled",
    metadata,
    Column("key", Text, primary_key=True),
    Column("day", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("alarmed", Boolean, nullable=False),
)

dial_time = Table(
    "dial_time",
    metadata,
    Column("key", Text, primary_key=True),
    Column("seconds", JSON, nullable=False),
)

requests = Table(
    "callback_requests",
    metadata,
    Column("request", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("callback", Text),
    Column("existing", Boolean, nullable=False),
    Column("refusal", Text),
)
