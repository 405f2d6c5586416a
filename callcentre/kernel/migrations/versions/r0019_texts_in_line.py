"""Texts wait in line for one turn after the other, in place of a turn that is fixed when each is requested."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_timers = sa.table("timers", sa.column("key", sa.Text))


def upgrade() -> None:
    """Each text that has a turn joins the line at that time."""
    op.add_column("messages", sa.Column("in_line", sa.Boolean, nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    for (before,) in connection.execute(sa.select(_timers.c.key)).all():
        if before.startswith('{"timer":"text_turn"'):
            after = msgspec.json.encode(msgspec.json.decode(before) | {"timer": "text_due"}).decode()
            connection.execute(sa.update(_timers).where(_timers.c.key == before).values(key=after))
