"""Which timers mean a time of day and stay when the clock is set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """A timer that is known is taken for one that means an elapsed time, but for those of reports."""
    with op.batch_alter_table("timers") as timers:
        timers.add_column(sa.Column("wall", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE timers SET wall = true WHERE key LIKE 'report %'")
