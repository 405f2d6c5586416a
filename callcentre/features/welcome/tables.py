"""Where it is kept who was greeted."""

from sqlalchemy import Column, Table, Text

from callcentre.kernel.schema import Instant, metadata

considered = Table(
    "welcome_considered",
    metadata,
    Column("call", Text, primary_key=True),
)

greetings = Table(
    "greetings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
