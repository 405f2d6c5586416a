"""Texts that failed and can be sent again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "failed_messages",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("message", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("number", "sender", "body")),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("service", "queue", "call", "callback")),
        sqlite_with_rowid=False,
    )
