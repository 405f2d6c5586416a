"""Indexes of facts by text and by person, and of received texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_LEAD_TO_CALLER = (
    "event IN ('callback.accepted', 'callback.dialled', 'number.opted_in', 'number.opted_out', "
    "'number.shown', 'queue.joined', 'queue.left', 'sms.received')"
)


def upgrade() -> None:
    """Make them: some seconds for each million facts."""
    _index("ix_journal_message", ["message"], "message IS NOT NULL")
    _index("ix_journal_caller", ["caller", "at"], _LEAD_TO_CALLER)
    _index("ix_journal_received", ["at"], "event = 'sms.received'")


def _index(name: str, columns: list[str], only: str) -> None:
    op.create_index(name, "journal", columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only))
