"""The key of a timer names its purpose and what it is about, as JSON, in place of a text with a prefix."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_timers = sa.table("timers", sa.column("key", sa.Text))

# The longer prefix first: "text turn" begins like "text".
_PREFIXES = (
    ("callback again ", "callback_waits", "callback"),
    ("callback rings ", "customer_rings", "callback"),
    ("notice report ", "delivery_awaited", "callback"),
    ("notice forget ", "notice_forgotten", "callback"),
    ("notice rings ", "auto_agent_rings", "callback"),
    ("survey due ", "survey_due", "survey"),
    ("survey over ", "survey_expires", "survey"),
    ("talk ", "answer_awaited", "call"),
    ("text turn ", "text_turn", "message"),
    ("text ", "text_due", "message"),
)


def upgrade() -> None:
    """Write each key anew. A key that no version has written stays as it is."""
    connection = op.get_bind()
    for (before,) in connection.execute(sa.select(_timers.c.key)).all():
        after = _typed(before)
        if after is not None:
            key = msgspec.json.encode(after).decode()
            connection.execute(sa.update(_timers).where(_timers.c.key == before).values(key=key))


def _typed(key: str) -> dict[str, str] | None:
    if key == "clock stepped":
        return {"timer": "clock_settles"}
    if key.startswith("report "):
        report, _, cron = key.removeprefix("report ").partition(" ")
        return {"timer": "report_due", "report": report, "cron": cron}
    for prefix, tag, field in _PREFIXES:
        if key.startswith(prefix):
            return {"timer": tag, field: key.removeprefix(prefix)}
    return None
