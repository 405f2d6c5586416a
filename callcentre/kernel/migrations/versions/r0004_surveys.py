"""Surveys under way, who was asked when, and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of the surveys."""
    op.create_table(
        "surveys",
        sa.Column("survey", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("caller_name", sa.Text, nullable=False),
        sa.Column("wait", sa.Float, nullable=False),
        sa.Column("talk", sa.Float, nullable=False),
        sa.Column("ended_at", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("sender", sa.Text),
        sa.Column("asked_at", Instant),
        sa.Column("invalid_told", sa.Boolean, nullable=False),
        sa.Column("heard", sa.Text),
    )
    op.create_table(
        "surveys_last_asked",
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "survey_answers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("agent_name", sa.Text),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("wait", sa.Float, nullable=False),
        sa.Column("talk", sa.Float, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("value", sa.Integer),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_index("ix_survey_answers_at", "survey_answers", ["at"])
