"""Find the counts of earlier days without a look at all counts."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_bounds_day", "bounds", ["day"])
