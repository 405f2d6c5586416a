"""Lets a daemon run under load and faults, and prints what came of it: see scripts/soak."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Final, get_args

from scripts.kills.databases import SQLITE, Kind
from scripts.reliability.figures import put, rows_of
from scripts.soaking.report import contradictions, rows
from scripts.soaking.run import Run, fresh
from tests.testbed.process import TESTBED

NAME: Final = "soak"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of load")
    parser.add_argument("--rate", type=float, default=2.0, help="calls a second")
    parser.add_argument("--seed", type=int, default=1, help="of what people do, and of the faults")
    parser.add_argument("--database", choices=get_args(Kind), default=SQLITE)
    parser.add_argument("--add", action="store_true", help="write the figures for scripts/reliability")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> int:
    folder = fresh(TESTBED / "soak" / f"{arguments.database}-{arguments.seed}")
    outcome = await Run(folder, arguments.database, 60 * arguments.minutes, arguments.rate, arguments.seed).go()
    for sentence in contradictions(outcome):
        print(f"  {sentence}")
    found = list(rows(outcome, arguments.database, arguments.rate))
    for row in found:
        print(f"{row['what']:<32} {row['held']:<4} {row['measured']}")
    if arguments.add:
        put(NAME, [*(row for row in rows_of(NAME) if row["database"] != arguments.database), *found])
    return 1 if any(row["held"] == "no" for row in found) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(_arguments())))
