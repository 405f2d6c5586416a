"""The catalogue of faults: what was made to fail, and for each the tests that say what happens then.

A test names the faults that it brings about: `@pytest.mark.fault("Asterisk: killed")`. With the environment variable
CALLCENTRE_FIGURES, the path of a folder, each run adds its outcomes to `faults.json` there: a row for each fault, how
often it was tried, and how often all that its test demands held.
"""

from __future__ import annotations

import fcntl
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CATALOGUE: Final = (
    "Asterisk: stopped",
    "Asterisk: killed",
    "Asterisk: reloaded",
    "Asterisk: slow to start",
    "Asterisk: ARI answers 401",
    "Asterisk: ARI answers 500",
    "Asterisk: half-open WebSocket",
    "Asterisk: flood of events",
    "Asterisk: ApplicationReplaced",
    "Asterisk: clock 10 s off",
    "Gateway: refused",
    "Gateway: silent",
    "Gateway: slow by 10 s",
    "Gateway: answers 500",
    "Gateway: answers 503",
    "Gateway: accepted and then dead",
    "Gateway: garbage",
    "Gateway: throttled",
    "Gateway: reports early",
    "Gateway: reports late",
    "Gateway: reports twice",
    "Gateway: unknown reports",
    "Store: locked by another process",
    "Store: disk full",
    "Store: read-only",
    "Store: corrupt",
    "Store: failed migration",
    "Store: older program on a newer schema",
    "Server: restarted",
    "Server: silent for 30 s",
    "Server: killed, and its copy takes over",
    "Time: clock set back by an hour",
    "Time: clock set forward by an hour",
    "Time: spring night in Helsinki",
    "Time: autumn night in Helsinki",
    "Time: spring night in Stockholm",
    "Time: autumn night in Stockholm",
    "Time: midnight",
    "Time: leap day",
    "Resources: 64 file descriptors",
    "Resources: 150 MB of memory",
)

FIGURES: Final = "CALLCENTRE_FIGURES"

Outcomes = Counter[tuple[str, bool]]
"""How often each fault was tried with which outcome: whether all held."""


def add_to(file: Path, outcomes: Mapping[tuple[str, bool], int]) -> None:
    """Add outcomes to the rows in `file`, in the order of the catalogue. Several runs may do so at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as rows:
        fcntl.flock(rows, fcntl.LOCK_EX)
        rows.seek(0)
        known = {row["what"]: row for row in json.loads(rows.read() or "[]")}
        for (what, held), count in outcomes.items():
            row = known.setdefault(what, {"what": what, "tried": 0, "held": 0})
            row["tried"] += count
            row["held"] += count if held else 0
        rows.truncate(0)
        rows.write(json.dumps([known[what] for what in CATALOGUE if what in known], indent=1) + "\n")
