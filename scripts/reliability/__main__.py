"""Writes docs/operate/reliability.md from the figures of the last runs: `python -m scripts.reliability`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.reliability.figures import FOLDER, rows_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate" / "reliability.md"


@dataclass(frozen=True)
class Kind:
    """A kind of run: the name of its figures, what it does, and the command that repeats it."""

    name: str
    title: str
    about: str
    command: str


KINDS = (
    Kind(
        "chaos",
        "Kills",
        "The daemon runs a scripted day with calls, callbacks, notices, surveys and texts, and is ended with SIGKILL: "
        "before and after each commit and each effect, and at random moments. Then each invariant is checked.",
        "scripts/chaos",
    ),
    Kind(
        "faults",
        "Faults",
        "Asterisk, the gateway, the database, the clock and the machine fail. Each test looks for a clear diagnosis, "
        "for callers who reach the queue, and for nothing half-written.",
        "CALLCENTRE_FIGURES=.testbed/figures scripts/test",
    ),
    Kind("fuzz", "Broken input", "Each parser of outside input gets inputs that are made to break it.", "scripts/fuzz"),
    Kind(
        "soak",
        "An hour under load",
        "Callers, callbacks, notices, surveys and texts come at a steady rate while faults happen at random moments. "
        "Memory may grow by 2 % from the second sixth of the time to the last one, and nothing may be lost. "
        "Asterisk, the phones and the daemon are real. Caches fill in the first ten minutes, so a run that is shorter "
        "than an hour says little about memory.",
        "scripts/soak --add",
    ),
    Kind("scale", "Several nodes", "Texts from phones that are on disk before they count.", "scripts/bench scale"),
)


_NONE = "No run has left figures yet."


def page(folder: Path, before: str = "") -> Iterator[str]:
    """The lines of the page. Where no run has left figures, the table of the page as it was `before` stays."""
    yield "# Reliability"
    yield ""
    yield "What was tried, how often, and what happened. `python -m scripts.reliability` writes this page from the"
    yield "figures of the last runs; no figure in it is written by hand."
    for kind in KINDS:
        yield ""
        yield f"## {kind.title}"
        yield ""
        yield kind.about
        yield f"Repeat it with `{kind.command}`."
        yield ""
        rows = rows_of(kind.name, folder)
        yield from _table(rows) if rows else _table_before(kind, before)


def _table_before(kind: Kind, before: str) -> list[str]:
    section = before.partition(f"## {kind.title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")] or [_NONE]


def _table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(row.get(name, '')) for name in columns)} |"


def _cell(value: Any) -> str:
    shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return shown.replace("|", "\\|").replace("\n", " ")


def main(folder: Path = FOLDER, file: Path = PAGE) -> None:
    """Write the page."""
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text("\n".join(page(folder, before)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
    print(f"written: {PAGE.name}", file=sys.stderr)
