"""Daemons that share a database send each other commands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the table of commands for other daemons."""
    op.create_table(
        "node_messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False, index=True),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("caller", "command", "body")),
    )
