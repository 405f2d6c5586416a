"""The last result of each scheduled report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "report_runs",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("report", sa.Text, primary_key=True),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in ("problem", "by")),
        sa.Column("made", sa.BigInteger),
        sa.Column("file", sa.Text),
        sqlite_with_rowid=False,
    )
