"""The table of what is counted for each person and day."""

from sqlalchemy import Column, Integer, Table, Text

from callcentre.kernel.schema import metadata

bounds = Table(
    "bounds",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("used", Integer, nullable=False),
)
