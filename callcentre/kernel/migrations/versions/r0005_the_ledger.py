"""The ledger: visits, offers, callbacks, texts, surveys and answers. The engine enters what the journal has already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _make(name: str, time: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("open", sa.Boolean, nullable=False),
        *columns,
    )
    op.create_index(f"ix_{name}_{time}", name, [time])
    op.create_index(f"ix_{name}_open", name, ["key"], sqlite_where=sa.text("open"))


def upgrade() -> None:
    """Make the tables of the ledger."""
    _make(
        "visits",
        "joined",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("caller", sa.Text),
        sa.Column("joined", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("waiting", sa.Integer),
        sa.Column("estimated", sa.Integer),
        sa.Column("outcome", sa.Text),
        sa.Column("left_at", sa.Integer),
        sa.Column("wait", sa.Integer, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("talk", sa.Integer),
    )
    _make(
        "offers",
        "at",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
    )
    _make(
        "callback_records",
        "at",
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("caller", sa.Text),
        sa.Column("taken_by", sa.Text),
        sa.Column("position", sa.Integer),
        sa.Column("served", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ended", sa.Integer),
        sa.Column("ended_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("connected", sa.Integer),
        sa.Column("wait", sa.Integer),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("kept", sa.Boolean),
        sa.Column("notice", sa.Text),
        sa.Column("notice_by", sa.Text),
    )
    _make(
        "text_records",
        "at",
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("call", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("caller", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("changed", sa.Integer),
    )
    _make(
        "survey_records",
        "at",
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("call", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("invalid", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    _make(
        "scores",
        "asked",
        sa.Column("survey", sa.Text),
        sa.Column("question", sa.Text),
        sa.Column("metric", sa.Text),
        sa.Column("value", sa.Float),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("call", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("wait", sa.Integer),
        sa.Column("talk", sa.Integer),
    )
    op.create_table(
        "served",
        sa.Column("queue", sa.Text, primary_key=True),
        sa.Column("answered", sa.Integer, nullable=False),
    )
