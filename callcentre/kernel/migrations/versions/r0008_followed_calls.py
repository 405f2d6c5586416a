"""Which channel carries a call by now, what of it was a consultation, and its earlier conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """A call that is known has the channel that it began with."""
    with op.batch_alter_table("calls") as calls:
        for name in ("carrier", "bridge", "beside", "behind"):
            calls.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
        for name in ("followed", "consultation"):
            calls.add_column(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
        calls.add_column(sa.Column("conversations", sa.JSON, nullable=False, server_default="[]"))
