"""Where it is kept whether our calls find a way out."""

from sqlalchemy import JSON, Boolean, Column, Integer, Table, Text

from callcentre.kernel.schema import Instant, metadata

route = Table(
    "route",
    metadata,
    Column("key", Text, primary_key=True),
    Column("raised", Boolean, nullable=False),
    Column("paused_until", Instant),
    Column("pauses", Integer, nullable=False),
    Column("quick", JSON, nullable=False),
    Column("unrouted", JSON, nullable=False),
    Column("suspects", JSON, nullable=False),
    Column("mute", Boolean, nullable=False),
)
