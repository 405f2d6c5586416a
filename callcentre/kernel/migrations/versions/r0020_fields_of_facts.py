"""A column for each field that all facts may have, and an index of those facts only that are about a callback.

Facts that are in the journal stay as they are: a year of them would take minutes to write anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Hash

revision = "0020"
down_revision = "0019"

_TEXTS = ("service", "queue", "message", "survey", "agent", "agent_name", "number", "reason", "by")


def upgrade() -> None:
    """Rename the column of the line, and make the others."""
    # Not as a batch of Alembic, which would copy the table.
    op.execute("ALTER TABLE journal RENAME COLUMN line TO further")
    for name in _TEXTS:
        op.add_column("journal", sa.Column(name, sa.Text))
    op.add_column("journal", sa.Column("caller", Hash))
    op.drop_index("ix_journal_callback")
    only = sa.text("callback IS NOT NULL")
    op.create_index("ix_journal_callback", "journal", ["callback"], sqlite_where=only, postgresql_where=only)
