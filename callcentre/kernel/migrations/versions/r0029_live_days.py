"""The figures of the day for live pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "live_days",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        *(sa.Column(name, _WHOLE, nullable=False) for name in ("offered", "answered", "in_time")),
        sa.Column("waited", sa.Float, nullable=False),
        *(sa.Column(name, _WHOLE, nullable=False) for name in ("abandoned", "late", "texts_failed")),
        sqlite_with_rowid=False,
    )
