"""The table of notices."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from callcentre.kernel.schema import Instant, metadata

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
    Column("state", Text, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("answer_to", Text),
    Column("call", Text),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant),
    Column("promised_on", Text),
    Column("answer", Text),
    Column("opted_out", Boolean, nullable=False),
    Column("ended", Text),
    Column("helped", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("replies", Integer, nullable=False),
)
