"""How often each number was dialled today, as a row for each number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_dialled = sa.table("dialled", sa.column("day", sa.Text), sa.column("numbers", sa.JSON))


def upgrade() -> None:
    """Make rows of the numbers that one cell held before."""
    numbers = op.create_table(
        "dialled_numbers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, nullable=False, index=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
    )
    connection = op.get_bind()
    for day, calls_by_caller in connection.execute(sa.select(_dialled.c.day, _dialled.c.numbers)).all():
        for caller, calls in calls_by_caller.items():
            row = {"key": f"{day} {caller}", "day": day, "caller": caller, "calls": calls}
            connection.execute(sa.insert(numbers).values(row))
    with op.batch_alter_table("dialled") as dialled:
        dialled.drop_column("numbers")
