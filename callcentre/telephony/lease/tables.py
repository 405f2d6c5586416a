"""Where the last beat is kept."""

from sqlalchemy import Column, Table, Text

from callcentre.kernel.schema import Instant, metadata

pulse = Table(
    "pulse",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
