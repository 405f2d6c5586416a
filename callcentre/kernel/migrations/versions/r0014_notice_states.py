"""The state of a notice, and how its callback ended, each as one value with what is known in that state only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0014"
down_revision = "0013"

_notices = sa.table(
    "notices",
    sa.column("callback", sa.Text),
    sa.column("state", sa.Text),
    sa.column("call", sa.Text),
    sa.column("not_before", Instant),
    sa.column("ended", sa.Text),
    sa.column("late", sa.Boolean),
)


def upgrade() -> None:
    """Move the columns that hold for some states only into the state."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_notices)).mappings().all():
        ended = None if row["ended"] is None else {"how": row["ended"], "answered_late": bool(row["late"])}
        values = {"state": _json(_state(row)), "ended": None if ended is None else _json(ended)}
        connection.execute(sa.update(_notices).where(_notices.c.callback == row["callback"]).values(**values))
    with op.batch_alter_table("notices") as notices:
        for name in ("call", "not_before", "late"):
            notices.drop_column(name)


def _state(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The state of one notice, as JSON has it."""
    name, not_before = row["state"], row["not_before"]
    match name:
        case "ringing" | "talking":
            return {"state": name, "call": row["call"] or ""}
        case "call_due":
            return _call_due(not_before)
        case "skipped":
            return {"state": name, "due": None if not_before is None else _call_due(not_before)}
        case _:
            return {"state": name}


def _call_due(not_before: datetime | None) -> dict[str, Any]:
    return {"state": "call_due", "not_before": not_before}


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()
