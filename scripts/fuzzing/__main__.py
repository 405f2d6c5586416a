"""Tries every target for some seconds, prints a table, and writes the figures: see `scripts/fuzz`."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from scripts.fuzzing.targets import TARGETS

TOP: Final = Path(__file__).parents[2]
FOLDER: Final = TOP / ".testbed" / "fuzz"
FIGURES: Final = TOP / ".testbed" / "figures" / "fuzz.json"

_EXECUTED: Final = re.compile(r"stat::number_of_executed_units:\s*([0-9]+)")
_PROGRESS: Final = re.compile(r"^#([0-9]+)\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was tried, how often, how often it broke, and for how many seconds."""

    what: str
    tried: int
    found: int
    seconds: float


def main() -> int:
    """Fuzz the targets that are named, or all of them. 1 when any of them broke."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("--seconds", type=int, default=30, help="for each target; 30 by default")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="targets at once")
    parser.add_argument("--list", action="store_true", help="only list the targets, and what each reads")
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all by default")
    chosen = parser.parse_args()
    if chosen.list:
        for target in TARGETS.values():
            print(f"{target.name:28} {target.reads}")
        return 0
    names = chosen.names or list(TARGETS)
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}; scripts/fuzz --list names them")
    with ThreadPoolExecutor(chosen.jobs) as pool:
        rows = list(pool.map(lambda name: _fuzzed(name, chosen.seconds), names))
    _put(rows)
    print(f"{sum(row.tried for row in rows):,} inputs, {sum(row.found for row in rows)} findings")
    return 1 if any(row.found for row in rows) else 0


def _fuzzed(name: str, seconds: int) -> Row:
    """One target, in a process of its own."""
    folder = FOLDER / name.replace(" ", "-").replace("'", "").replace("/", "")
    before = set(_found(folder))
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "scripts.fuzzing.one", name, str(seconds), str(folder)],
        cwd=TOP, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    took = time.monotonic() - begun
    broke = [line for line in done.stderr.splitlines() if line.startswith("FOUND ")]
    # libFuzzer itself ends a run that takes too long or too much memory.
    ended = 0 if done.returncode == 0 else 1
    executed = _EXECUTED.search(done.stderr)
    counted = [executed[1]] if executed else _PROGRESS.findall(done.stderr)
    row = Row(name, int(counted[-1]) if counted else 0, len(broke) + ended, round(took, 1))
    print(f"{row.what:28} {row.tried:>10,} tried {row.found:>4} found {row.seconds:>7.1f} s", flush=True)
    for line in broke:
        print(f"    {line.removeprefix('FOUND ')}")
    if ended:
        print("    " + "\n    ".join(done.stderr.splitlines()[-12:]))
    for path in sorted(set(_found(folder)) - before):
        print(f"    {path.relative_to(TOP)}")
    return row


def _found(folder: Path) -> list[Path]:
    return list((folder / "found").glob("*"))


def _put(rows: Sequence[Row]) -> None:
    """Write the figures; those of targets that were not tried now stay as they are."""
    known = {row["what"]: row for row in json.loads(FIGURES.read_text())} if FIGURES.exists() else {}
    known |= {row.what: asdict(row) for row in rows}
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(list(known.values()), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
