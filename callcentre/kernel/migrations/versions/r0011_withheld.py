"""Which callbacks were taken by callers with a withheld number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Of a callback that is open it is not known any more: it counts as taken by somebody with a number."""
    with op.batch_alter_table("callbacks") as callbacks:
        callbacks.add_column(sa.Column("withheld", sa.Boolean, nullable=False, server_default=sa.false()))
