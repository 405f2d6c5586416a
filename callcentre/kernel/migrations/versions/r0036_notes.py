"""Notes about people, and an index of survey answers by person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Add the table, which all daemons share, and the index."""
    op.create_table(
        "notes",
        sa.Column("note", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("organisation", "service")),
        sa.Column("caller", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("user", "text", "call")),
        sa.Column("changed_at", sa.BigInteger),
    )
    op.create_index("ix_survey_answers_caller", "survey_answers", ["caller"])
