"""Notices of callbacks, and which callback a text is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of the notices."""
    op.add_column("messages", sa.Column("callback", sa.Text))
    op.create_table(
        "notices",
        sa.Column("callback", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("answer_to", sa.Text),
        sa.Column("call", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Instant),
        sa.Column("promised_on", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("opted_out", sa.Boolean, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("helped", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("replies", sa.Integer, nullable=False),
    )
