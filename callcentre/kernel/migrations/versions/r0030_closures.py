"""Services that staff has closed for now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add the table, which all daemons share."""
    op.create_table(
        "service_closures",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("why", "by")),
    )
