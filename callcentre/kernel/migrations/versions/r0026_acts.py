"""Who did something in the browser or by `/api`, from where, and why: fields of facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the fields, and an index of the facts that are acts."""
    for name in ("user", "organisation", "address", "why"):
        op.add_column("journal", sa.Column(name, sa.Text))
    only = sa.text('"user" IS NOT NULL')
    op.create_index("ix_journal_user", "journal", ["user"], sqlite_where=only, postgresql_where=only)
