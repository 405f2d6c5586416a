"""Callbacks, how often was dialled, and wishes from outside; facts are found by callback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the callbacks."""
    op.add_column("journal", sa.Column("callback", sa.Text))
    op.create_index("ix_journal_callback", "journal", ["callback"])
    op.create_table(
        "callbacks",
        sa.Column("callback", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller_name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("joined_at", Instant, nullable=False),
        sa.Column("taken_at", Instant, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("call", sa.Text),
        sa.Column("agent_call", sa.Text),
        sa.Column("dialled_at", Instant),
        sa.Column("not_before", Instant),
        sa.Column("why", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("connected_at", Instant),
    )
    op.create_table(
        "dialled",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.Column("alarmed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "dial_time",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("seconds", sa.JSON, nullable=False),
    )
    op.create_table(
        "callback_requests",
        sa.Column("request", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("callback", sa.Text),
        sa.Column("existing", sa.Boolean, nullable=False),
        sa.Column("refusal", sa.Text),
    )
