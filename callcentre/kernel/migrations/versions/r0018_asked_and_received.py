"""Find people who were asked, and texts that were received, by their times; and which survey asked a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the indexes. The survey that asked is the one that was asked at the same time, where it has not ended."""
    op.add_column("surveys_last_asked", sa.Column("survey", sa.Text))
    op.execute(
        "UPDATE surveys_last_asked SET survey = (SELECT survey FROM surveys"
        " WHERE surveys.caller = surveys_last_asked.caller AND surveys.asked_at = surveys_last_asked.at)"
    )
    op.create_index("ix_surveys_last_asked_at", "surveys_last_asked", ["at"])
    op.create_index("ix_received_at", "received", ["at"])
