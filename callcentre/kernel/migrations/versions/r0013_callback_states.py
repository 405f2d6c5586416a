"""What a callback is doing, with what is known in that state only, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from callcentre.kernel.schema import Instant

revision = "0013"
down_revision = "0012"

_OF_A_STATE = (
    "phase", "call", "agent_call", "dialled_at", "not_before", "why", "agent", "agent_name", "connected_at",
)  # fmt: skip

_before = sa.table(
    "callbacks",
    sa.column("callback", sa.Text),
    sa.column("taken_at", Instant),
    sa.column("phase", sa.Text),
    sa.column("call", sa.Text),
    sa.column("agent_call", sa.Text),
    sa.column("dialled_at", Instant),
    sa.column("not_before", Instant),
    sa.column("why", sa.Text),
    sa.column("agent", sa.Text),
    sa.column("agent_name", sa.Text),
    sa.column("connected_at", Instant),
    sa.column("state", sa.Text),
)


def upgrade() -> None:
    """Make one value of the columns that held it before."""
    with op.batch_alter_table("callbacks") as callbacks:
        callbacks.add_column(sa.Column("state", sa.Text, nullable=False, server_default='{"state":"waiting"}'))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_before)).mappings().all():
        state = msgspec.json.encode(_state(row)).decode()
        connection.execute(sa.update(_before).where(_before.c.callback == row["callback"]).values(state=state))
    with op.batch_alter_table("callbacks") as callbacks:
        for name in _OF_A_STATE:
            callbacks.drop_column(name)
        callbacks.alter_column("state", server_default=None)


def _state(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The state of one callback, as JSON has it."""
    phase, call, agent_call = row["phase"], row["call"] or "", row["agent_call"]
    postponed = _postponed(row["not_before"], row["why"])
    match phase:
        case "waiting":
            return postponed or {"state": phase}
        case "reserving":
            return {"state": phase, "agent_call": agent_call or ""}
        case "dialling" | "asking":
            dialled_at = row["dialled_at"] or row["taken_at"]
            return {"state": phase, "call": call, "dialled_at": dialled_at, "agent_call": agent_call}
        case "accepted":
            return {"state": phase, "call": call, "agent_call": agent_call}
        case "connected":
            bridge = None
            if agent_call is not None:
                bridge = {"agent_call": agent_call, "since": row["connected_at"] or row["taken_at"]}
            agent = {"agent": row["agent"], "agent_name": row["agent_name"]}
            return {"state": phase, "call": call, **agent, "bridge": bridge}
        case _:
            return {"state": phase, "call": call, "agreed": postponed}


def _postponed(until: datetime | None, why: str | None) -> dict[str, Any] | None:
    return None if until is None else {"state": "postponed", "until": until, "why": why or "failed"}
