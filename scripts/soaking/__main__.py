"""Lets a daemon run under load and faults, and prints what came of it: see scripts/soak."""

from __future__ import annotations

import argparse
import asyncio
import pickle
import sys
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any, Final, get_args

from scripts.kills.databases import SQLITE, Kind
from scripts.kills.invariants import violations
from scripts.reliability.figures import put, rows_of
from scripts.soaking.run import Outcome, Run, fresh
from scripts.soaking.samples import Sample, flatness
from tests.testbed.process import TESTBED

NAME: Final = "soak"
_SHOWN: Final = 8


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of load")
    parser.add_argument("--rate", type=float, default=2.0, help="calls a second")
    parser.add_argument("--seed", type=int, default=1, help="of what people do, and of the faults")
    parser.add_argument("--database", choices=get_args(Kind), default=SQLITE)
    parser.add_argument("--add", action="store_true", help="write the figures for scripts/reliability")
    return parser.parse_args()


def _rows(outcome: Outcome, database: str, rate: float) -> Iterator[dict[str, Any]]:
    """The figures: what, how it was measured, and whether it held."""

    def row(what: str, measured: str, held: bool | None = None) -> dict[str, Any]:
        return {"what": what, "database": database, "measured": measured, "held": {None: "", True: "yes", False: "no"}[held]}

    minutes = outcome.seconds / 60
    yield row(
        "load",
        f"{minutes:.0f} minutes, {rate:g} calls a second: {outcome.callers:,} callers, "
        f"{len(outcome.evidence.originated):,} phones rung, {outcome.texts:,} texts, "
        f"{len(outcome.evidence.facts):,} facts",
    )
    faults = Counter(one.name for one in outcome.happened)
    yield row("faults", f"{sum(faults.values())}: " + ", ".join(f"{n} × {name}" for name, n in sorted(faults.items())))
    for what, figure in (
        ("resident memory", lambda one: one.rss),
        ("memory that is no file", lambda one: one.anonymous),
        ("descriptors", lambda one: one.descriptors),
        ("threads", lambda one: one.threads),
    ):
        yield _flat(row, what, outcome, figure)
    events = outcome.samples[-1].events - outcome.samples[0].events
    cpu = outcome.samples[-1].cpu - outcome.samples[0].cpu
    yield row("processor time", f"{1000 * cpu / max(1, outcome.callers):.1f} ms a call, {events:,.0f} events")
    yield row(
        "every caller seen",
        f"{outcome.callers:,} callers, {outcome.let_by} came and went while the daemon was not ready, "
        f"{len(outcome.unseen)} were overlooked",
        not outcome.unseen,
    )
    yield row("calls that ended with Asterisk", f"{outcome.cut}")
    for name, found in violations(outcome.evidence).items():
        yield row(name, f"{len(found)} contradictions", not found)


def _flat(row: Any, what: str, outcome: Outcome, figure: Any) -> dict[str, Any]:
    flat = flatness(outcome.samples, outcome.seconds, figure)
    unit, by = ("MB", 1000) if "memory" in what else ("", 1)
    measured = (
        f"median {flat.second / by:.1f} {unit} in the second sixth, {flat.last / by:.1f} {unit} in the last: "
        f"{flat.growth:+.2f} %; slope {flat.slope:+.2f} % an hour; most {max(map(figure, outcome.samples)) / by:.1f} {unit}"
    )
    row_: dict[str, Any] = row(what, measured.replace("  ", " "), flat.holds if what == "resident memory" else None)
    return row_


def _print(outcome: Outcome, rows: list[dict[str, Any]]) -> None:
    for name, found in violations(outcome.evidence).items():
        for each in found[:_SHOWN]:
            print(f"  {name}: {each}")
        if len(found) > _SHOWN:
            print(f"  {name}: {len(found) - _SHOWN} more")
    for one in outcome.unseen[:_SHOWN]:
        print(f"  overlooked: {one}")
    for row in rows:
        print(f"{row['what']:<32} {row['held']:<4} {row['measured']}")


async def _run(arguments: argparse.Namespace) -> int:
    folder = fresh(TESTBED / "soak" / f"{arguments.database}-{arguments.seed}")
    run = Run(folder, arguments.database, 60 * arguments.minutes, arguments.rate, arguments.seed)
    outcome = await run.go()
    (folder / "outcome.pickle").write_bytes(pickle.dumps((outcome, arguments.database, arguments.rate)))
    rows = list(_rows(outcome, arguments.database, arguments.rate))
    _print(outcome, rows)
    if arguments.add:
        put(NAME, [*(row for row in rows_of(NAME) if row["database"] != arguments.database), *rows])
    return 1 if any(row["held"] == "no" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(_arguments())))
