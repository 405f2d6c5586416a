"""The journal, the outbox, timers; calls, texts and greetings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the first version."""
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("call", sa.Text),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_index("ix_journal_call", "journal", ["call"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("effect", sa.Text, nullable=False),
    )
    op.create_table(
        "timers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("due", Instant, nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "calls",
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller_name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("joined_at", Instant, nullable=False),
        sa.Column("entered", Instant, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("answered", Instant),
        sa.Column("waited", sa.Float, nullable=False),
        sa.Column("talked", sa.Float, nullable=False),
    )
    op.create_table(
        "handling",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("talks", sa.JSON, nullable=False),
    )
    op.create_table(
        "pulse",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("message", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("wanted_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("call", sa.Text),
    )
    op.create_table(
        "sms_budget",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("exhausted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "received",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "suppressions",
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table("welcome_considered", sa.Column("call", sa.Text, primary_key=True))
    op.create_table(
        "greetings",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
