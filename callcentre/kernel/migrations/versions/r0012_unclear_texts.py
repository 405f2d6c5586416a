"""Texts whose outcome is unclear, texts that answer others, and how it is known that somebody wants none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Texts under way begin with no unclear try; who wants no texts said so by text, since there was no other way."""
    op.add_column("messages", sa.Column("unclear", sa.Integer, nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("answers", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("suppressions", sa.Column("by", sa.Text, nullable=False, server_default="sms"))
    op.create_table(
        "sms_doubt",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("texts", sa.Integer, nullable=False),
        sa.Column("raised", sa.Boolean, nullable=False),
    )
