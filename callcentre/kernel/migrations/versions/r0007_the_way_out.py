"""Whether our calls find a way to a network."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table of the way out."""
    op.create_table(
        "route",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("raised", sa.Boolean, nullable=False),
        sa.Column("paused_until", Instant),
        sa.Column("pauses", sa.Integer, nullable=False),
        sa.Column("quick", sa.JSON, nullable=False),
        sa.Column("unrouted", sa.JSON, nullable=False),
        sa.Column("suspects", sa.JSON, nullable=False),
        sa.Column("mute", sa.Boolean, nullable=False),
    )
