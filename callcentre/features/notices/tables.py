"""The table of notices."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from callcentre.kernel.schema import Instant, Nested, metadata

notices = Table(
    "notices",
    metadata,
    Column("callback", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", Nested, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("answer_to", Text),
    Column("attempts", Integer, nullable=False),
    Column("promised_on", Text),
    Column("answer", Text),
    Column("opted_out", Boolean, nullable=False),
    Column("ended", Nested),
    Column("helped", Boolean, nullable=False),
    Column("replies", Integer, nullable=False),
)
