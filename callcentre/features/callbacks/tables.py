"""Where callbacks are kept."""

from sqlalchemy import JSON, Boolean, Column, Integer, Table, Text

from callcentre.kernel.schema import Instant, Nested, metadata

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
