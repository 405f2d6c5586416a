"""The texts that the configuration file had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "rule_versions",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("daemon", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        *(sa.Column(name, sa.Text) for name in ("user", "organisation", "why", "restored")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sha256", "text")),
    )
