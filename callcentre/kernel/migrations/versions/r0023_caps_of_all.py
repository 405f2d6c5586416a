"""The calls and the texts of a day are counted for all daemons that share a database.

What is left of the tables of a daemon is whether it has raised the alarm of a cap.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Take the counts over."""
    _shared("dialled_days", "total", "dialled", "alarmed")
    _shared("sms_days", "used", "sms_budget", "exhausted")


def _shared(days: str, count: str, before: str, alarm: str) -> None:
    connection = op.get_bind()
    counts = op.create_table(
        days, sa.Column("day", sa.Text, primary_key=True), sa.Column(count, _WHOLE, nullable=False)
    )  # fmt: skip
    known = sa.table(before, sa.column("day", sa.Text), sa.column(count, _WHOLE), sa.column(alarm, sa.Boolean))
    summed = sa.select(known.c.day, sa.cast(sa.func.sum(known.c[count]), _WHOLE)).group_by(known.c.day)
    connection.execute(sa.insert(counts).from_select(["day", count], summed))
    connection.execute(sa.delete(known).where(sa.not_(known.c[alarm])))
    op.drop_column(before, count)
    op.drop_column(before, alarm)
