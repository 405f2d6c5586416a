"""Runs days with a daemon that is killed, and prints what held: see scripts/chaos."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, get_args

from scripts.kills.boundaries import COMMIT, EFFECT, Boundary
from scripts.kills.databases import SQLITE, Databases, Kind, OfServer, databases
from scripts.kills.invariants import INVARIANTS, name_of, violations
from scripts.kills.plan import Day, at_boundaries, at_boundary, at_random
from scripts.kills.run import Held, Outcome, Run
from scripts.kills.tempo import PACE, Loop
from tests.testbed.ports import PortBlock
from tests.testbed.process import TESTBED
from tests.testbed.waiting import NotSeenError

FIGURES: Final = TESTBED / "figures" / "chaos.json"
FAILED: Final = TESTBED / "chaos"
"""The folders of days in which something did not hold."""

BESIDE: Final = round(60 / PACE)
"""Days side by side. They wait more than they compute; more, and the daemons come too late for their callers."""


_SHORT_RUNS: Final = 5
_SHORT_PARTS: Final = 170
"""What is part of scripts/test: other days each time, whose seeds and boundaries are printed when something does not
hold. Together they are about as many as go by side by side."""


AGAIN: Final = "day begun again, as it did not come to its end"


@dataclass(slots=True)
class Tally:
    """What was tried and what held."""

    days: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    again: int = 0
    """Days that were begun a second time, because they did not come to their end: the machine was too busy."""
    checked: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)

    def count(self, day: Day, kills: int, found: dict[str, list[str]]) -> None:
        """Count a day that is over."""
        self.days[day.kind] += 1
        self.held[day.kind] += not any(found.values())
        self.kills[day.kind] += kills
        for name, contradictions in found.items():
            self.checked[name] += 1
            self.violated[name] += bool(contradictions)

    def rows(self, database: str) -> list[dict[str, Any]]:
        """The figures, one for each kind of kill and one for each invariant."""
        kinds = [
            {"what": f"killed {kind}", "database": database, "tried": tried, "held": self.held[kind],
             "kills": self.kills[kind]}
            for kind, tried in sorted(self.days.items())
        ]  # fmt: skip
        if self.again:
            kinds.append({"what": AGAIN, "database": database, "tried": self.again, "held": self.again})
        return kinds + [
            {"what": name, "database": database, "tried": tried, "held": tried - self.violated[name]}
            for name, tried in self.checked.items()
        ]


class Series:
    """Days one after the other and side by side, each in a folder of its own in `folder`."""

    def __init__(self, folder: Path, databases: Databases, ports: PortBlock) -> None:
        self._folder = folder
        self._databases = databases
        self._ports = [ports.port() for _ in range(BESIDE)]
        self._idle: Held | None = None
        self.tally = Tally()

    async def undisturbed(self) -> dict[str, int]:
        """A day without a kill: how many commits and effects it has."""
        run = Run(self._folder / "undisturbed", self._databases, self._ports[0])
        outcome = await run.go()
        self._idle = outcome.idle
        found = violations(outcome.evidence)
        if any(found.values()):
            _complain("a day without a kill", found)
            raise SystemExit(1)
        kinds = sorted(kind for kind in outcome.counted if kind[0].isupper())
        effects = ", ".join(f"{outcome.counted[kind]} {kind}" for kind in kinds)
        print(f"a day: {outcome.counted[COMMIT]} commits, {outcome.counted[EFFECT]} effects ({effects})")
        return dict(outcome.counted)

    async def go(self, days: Iterable[Day]) -> None:
        """All of them."""
        waiting = iter(days)
        await asyncio.gather(*(self._lane(port, waiting) for port in self._ports))

    async def _lane(self, port: int, days: Iterator[Day]) -> None:
        for day in days:
            await self._try(day, port)

    async def _day(self, day: Day, port: int, folder: Path) -> Outcome:
        """The day, and once more where a daemon did not become ready: on a busy machine that is no fault of it."""
        try:
            return await Run(folder, self._databases, port, day.kills, self._idle).go()
        except NotSeenError as error:
            print(f"killed {day.kind}: {day.name} is begun again: {str(error)[:200]}", flush=True)
            self.tally.again += 1
            shutil.rmtree(folder)
            return await Run(folder, self._databases, port, day.kills, self._idle).go()

    async def _try(self, day: Day, port: int) -> None:
        folder = self._folder / f"{day.kind} {day.name}".replace(" ", "-").replace(":", "-")
        try:
            outcome = await self._day(day, port, folder)
        except Exception as error:
            kills, found = len(day.kills), {name_of(INVARIANTS[-1]): [f"the day could not be finished: {error!r}"]}
        else:
            kills, found = outcome.kills, violations(outcome.evidence)
        self.tally.count(day, kills, found)
        if any(found.values()):
            _complain(f"killed {day.kind}: {day.name}, {', '.join(map(str, day.kills))}", found)
            kept = FAILED / folder.name
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder, kept)
            print(f"  its files are in {kept}")
        else:
            shutil.rmtree(folder)


def _complain(day: str, found: dict[str, list[str]]) -> None:
    print(day)
    for name, contradictions in found.items():
        for each in contradictions[:5]:
            print(f"  {name}: {each}")
        if len(contradictions) > 5:
            print(f"  {name}: {len(contradictions) - 5} more")
    sys.stdout.flush()


def table(rows: list[dict[str, Any]]) -> str:
    """The figures for people."""
    lines = [("", "tried", "held", "kills")]
    lines += [(row["what"], f"{row['tried']:,}", f"{row['held']:,}", f"{row.get('kills', '')}") for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        line[0].ljust(widths[0])
        + "".join("  " + cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def _write(rows: list[dict[str, Any]], *, add: bool) -> list[dict[str, Any]]:
    """Write the figures; with `add` on top of those that are there. Figures of another database stay."""
    known = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else []
    merged = {(row["what"], row["database"]): row for row in known}
    for row in rows:
        key = (row["what"], row["database"])
        before = merged.get(key, {}) if add else {}
        counts = {name: value + before.get(name, 0) for name, value in row.items() if isinstance(value, int)}
        merged[key] = {**row, **counts}
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(list(merged.values()), indent=1) + "\n", encoding="utf-8")
    return [merged[row["what"], row["database"]] for row in rows]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="days with kills at random moments")
    parser.add_argument(
        "--seed", type=int, default=1, help="the seed of the first of them; the next has the next number"
    )
    parser.add_argument(
        "--boundaries", default="1/1", metavar="PART", help="of all boundaries: 2/5 is the second fifth; 0: none"
    )
    parser.add_argument("--at", type=Boundary.parse, help="just the day of this boundary, such as commit:17:after")
    parser.add_argument("--database", choices=get_args(Kind), default=SQLITE, help="the database of the days")
    parser.add_argument(
        "--kill-server", action="store_true", help="the PostgreSQL server is killed every now and then too"
    )
    parser.add_argument("--real", type=int, metavar="DAYS", help="days with a real Asterisk and a real Kannel instead")
    parser.add_argument("--seconds", type=float, help="begin no more days after this time")
    parser.add_argument("--twice", action="store_true", help="with a second kill after the restart")
    parser.add_argument("--short", action="store_true", help="a dozen days, in half a minute; writes no figures")
    parser.add_argument("--add", action="store_true", help="add to the figures of earlier parts")
    arguments = parser.parse_args()
    if arguments.short:
        arguments.runs, arguments.seed = _SHORT_RUNS, random.randrange(1_000_000)
        arguments.boundaries = f"{random.randint(1, _SHORT_PARTS)}/{_SHORT_PARTS}"
    return arguments


def _days(arguments: argparse.Namespace, counted: dict[str, int]) -> Iterator[Day]:
    if arguments.at is not None:
        yield at_boundary(arguments.at, twice=arguments.twice)
        return
    if arguments.boundaries != "0":
        part, parts = map(int, arguments.boundaries.split("/"))
        yield from islice(at_boundaries(counted), part - 1, None, parts)
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        yield at_random(seed)


def _until(days: Iterator[Day], end: float | None, ended: asyncio.Event) -> Iterator[Day]:
    """The days that begin before this time, on the monotonic clock, and before `ended` is set."""
    for day in days:
        if ended.is_set() or (end is not None and time.monotonic() > end):
            print(f"the next is {day.kind}: {day.name}")
            return
        yield day


async def _run_real(arguments: argparse.Namespace) -> int:
    from scripts.kills.real import RealDay
    from tests.testbed.bed import Bed

    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="chaos.", dir=TESTBED) as folder:
        async with Bed(Path(folder) / "bed") as bed:
            await bed.prompts.give(seconds=0.4)
            for seed in range(arguments.seed, arguments.seed + arguments.real):
                run = RealDay(bed, Path(folder) / str(seed), seed)
                found = violations(await run.go())
                tally.count(Day("with a real Asterisk", str(seed), ()), run.kills, found)
                if any(found.values()):
                    _complain(f"killed with a real Asterisk: {seed}", found)
                    shutil.copytree(Path(folder) / str(seed), FAILED / f"real-{seed}", dirs_exist_ok=True)
                await bed.clear()
    rows = _write(tally.rows("sqlite")[:1], add=arguments.add)
    print(table(rows))
    return 0 if all(row["tried"] == row["held"] for row in rows) else 1


async def _run(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos.", dir=TESTBED) as folder, ExitStack() as stack:
        ports = PortBlock(100)
        stack.callback(ports.close)
        made = stack.enter_context(databases(arguments.database, Path(folder)))
        series = Series(Path(folder), made, ports)
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        end = None if arguments.seconds is None else began + arguments.seconds
        days = _until(_days(arguments, await series.undisturbed()), end, ended)
        if arguments.kill_server and isinstance(made, OfServer):
            async with made.killed():
                await series.go(days)
            print(f"the server was killed {made.kills} times")
        else:
            await series.go(days)
    rows = series.tally.rows(arguments.database)
    if not arguments.short:
        rows = _write(rows, add=arguments.add)
    print(table(rows))
    print(f"{time.monotonic() - began:.0f} s; a second of the machine was {PACE:g} s of the daemon")
    return 0 if all(row["tried"] == row["held"] for row in rows) else 1


if __name__ == "__main__":
    given = _arguments()
    with asyncio.Runner(loop_factory=None if given.real else Loop) as runner:
        sys.exit(runner.run(_run_real(given) if given.real else _run(given)))
