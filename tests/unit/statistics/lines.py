"""Facts as their lines are read, and the records that they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import FactLine
from callcentre.statistics.records import Record

ABOUT = {"service": "support", "queue": "support"}
NAMES = st.none() | st.sampled_from(["a", "b"])
FACTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from((*sorted(ledger_shape().updates), "alarm.raised")),
        "service": NAMES, "queue": NAMES, "call": NAMES, "callback": NAMES, "message": NAMES, "survey": NAMES,
        "agent": NAMES, "agent_name": NAMES,
        "reason": st.none() | st.sampled_from(["answered", "abandoned", "timeout", "key", "hung_up"]),
        "by": st.none() | st.sampled_from(["sms", "customer"]),
        "position": st.none() | st.integers(1, 5),
        "wait": st.none() | st.floats(0, 100), "talk": st.none() | st.floats(0, 100),
        "estimated_wait": st.none() | st.floats(0, 100),
        "kind": st.none() | st.sampled_from(["welcome", "notice"]), "parts": st.none() | st.integers(1, 3),
        "metric": st.none() | st.sampled_from(["csat", "nps", "ces"]), "value": st.none() | st.integers(0, 10),
    }
)  # fmt: skip
"""The fields of facts that add up to anything, and of one that does not."""


def lines(*facts: dict[str, Any]) -> list[FactLine]:
    """Facts at intervals of a second, as their lines are read."""
    return [
        ledger_shape().read(msgspec.json.encode({"at": f"2026-06-03T09:00:{number:02}.000Z", "id": number, **fact}))
        for number, fact in enumerate(facts, 1)
    ]


def added_up(facts: Iterable[FactLine], ledger: Ledger | None = None) -> list[Record]:
    """The records as they are in the end."""
    ledger = ledger or Ledger(ledger_shape())
    rows: dict[tuple[type[Record], int | str], Record] = {}
    for fact in facts:
        for row in ledger.feed(fact):
            rows[type(row), row.key] = row
    return list(rows.values())


def only(kind: type[Record], rows: Iterable[Record]) -> Any:
    """The only record of a class."""
    [row] = [row for row in rows if isinstance(row, kind)]
    return row


def joined(call: str, position: int = 1, **fields: Any) -> dict[str, Any]:
    """A caller joins a queue."""
    return {"event": "queue.joined", "position": position, "waiting": position, **ABOUT, "call": call, **fields}


def answered(call: str, **fields: Any) -> dict[str, Any]:
    """An agent takes a call."""
    return {"event": "queue.left", "reason": "answered", "wait": 1, **ABOUT, "call": call, **fields}
