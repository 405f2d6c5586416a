"""The priority of callers and callbacks in their queue, and what the PBX put before a caller's name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; those who wait already have no priority."""
    for table in ("calls", "callbacks"):
        op.add_column(table, sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
        op.add_column(table, sa.Column("name_prefix", sa.Text, nullable=False, server_default=""))
