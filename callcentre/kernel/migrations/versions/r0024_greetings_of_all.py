"""Whom one daemon has welcomed, no other daemon welcomes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_FIELDS = ("key", "service", "caller", "message", "at")


def upgrade() -> None:
    """Make one row of the greetings of a caller for a service, the latest of all daemons."""
    op.rename_table("greetings", "greetings_of_nodes")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("ALTER INDEX greetings_pkey RENAME TO greetings_of_nodes_pkey")
    latest = op.create_table(
        "greetings",
        sa.Column("key", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _FIELDS[1:-1]),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    before = sa.table("greetings_of_nodes", sa.column("node"), *map(sa.column, _FIELDS))
    place = sa.func.row_number().over(partition_by=before.c.key, order_by=before.c.at.desc()).label("place")
    ranked = sa.select(before, place).subquery()
    rows = sa.select(*(ranked.c[name] for name in _FIELDS)).where(ranked.c.place == 1)
    connection.execute(sa.insert(latest).from_select(list(_FIELDS), rows))
    op.drop_table("greetings_of_nodes")
