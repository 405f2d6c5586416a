"""Where texts under way, and the wish for none, are kept."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, false

from callcentre.kernel.schema import Instant, metadata

messages = Table(
    "messages",
    metadata,
    Column("message", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("wanted_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("unclear", Integer, nullable=False, server_default="0"),
    Column("answers", Boolean, nullable=False, server_default=false()),
    Column("service", Text),
    Column("queue", Text),
    Column("call", Text),
    Column("callback", Text),
)

budget = Table(
    "sms_budget",
    metadata,
    Column("key", Text, primary_key=True),
    Column("day", Text, nullable=False),
    Column("used", Integer, nullable=False),
    Column("exhausted", Boolean, nullable=False),
)

doubt = Table(
    "sms_doubt",
    metadata,
    Column("key", Text, primary_key=True),
    Column("texts", Integer, nullable=False),
    Column("raised", Boolean, nullable=False),
)

received = Table(
    "received",
    metadata,
    Column("source", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False, server_default="sms"),
)
