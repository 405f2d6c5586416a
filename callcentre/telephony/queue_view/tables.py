"""Where the queue view is kept."""

from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table, Text

from callcentre.kernel.schema import Instant, metadata

calls = Table(
    "calls",
    metadata,
    Column("call", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("entered", Instant, nullable=False),
    Column("position", Integer, nullable=False),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("answered", Instant),
    Column("waited", Float, nullable=False),
    Column("talked", Float, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("name_prefix", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("followed", Boolean, nullable=False),
    Column("consultation", Boolean, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("beside", Text, nullable=False),
    Column("behind", Text, nullable=False),
    Column("conversations", JSON, nullable=False),
)

handling = Table(
    "handling",
    metadata,
    Column("service", Text, primary_key=True),
    Column("talks", JSON, nullable=False),
)
