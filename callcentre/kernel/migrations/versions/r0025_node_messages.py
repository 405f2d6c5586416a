"""Daemons that share a database send each other commands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the table of commands for other daemons, and that of callers whose callback another daemon has."""
    op.create_table(
        "node_messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False, index=True),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("caller", "command", "body")),
    )
    op.create_table(
        "callbacks_elsewhere",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "callback", "service", "caller")),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("renewed_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
