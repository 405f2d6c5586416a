"""Figures and exports of a synthetic year of a million calls, and what adding facts costs as the year grows.

The commands run as a person runs them, each in a process of its own: its start is part of the figure.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml

from callcentre.kernel.database import Database
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.synthetic import YEAR, Pace, make
from tests.testbed.configuration import merged, shipped
from tests.testbed.waiting import NotSeenError

CALLS = 1_000_000
RUNS = 3
MONTH = ("--from", f"{YEAR}-03-01", "--to", f"{YEAR}-03-31")
BY_AGENT = ("stats", "--by", "agent", "--format", "json")

SECONDS_AIM_MONTH, SECONDS_AIM_YEAR = 1.0, 5.0
EXPORT_AIMS = {"csv": (60.0, 300), "xlsx": (40.0, 50)}
"""Seconds and megabytes."""
BYTES_AIM = 1000
"""Of journal and ledger, for a call."""
TIMES_AIM = 1.5
"""How much longer a fact may take in the last tenth of the year than in the first."""


@dataclass(frozen=True, slots=True)
class _Ran:
    seconds: float
    megabytes: float


async def _run(folder: Path, *arguments: str) -> _Ran:
    """A command, its output thrown away; seconds of the clock, and the most memory it had."""
    return await asyncio.to_thread(_waited_for, folder, arguments)


_MEASURED = """
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000)
"""
"""Runs a command out of a small process: Linux counts to a child's largest size that of its parent until it execs."""


def _waited_for(folder: Path, arguments: tuple[str, ...]) -> _Ran:
    command = [sys.executable, "-m", "callcentre", *arguments, "-c", str(folder / "config.yaml")]
    measured = subprocess.run([sys.executable, "-c", _MEASURED, *command], stdout=subprocess.PIPE, check=True)
    code, seconds, megabytes = map(float, measured.stdout.split())
    if code != 0:
        raise NotSeenError(f"callcentre {' '.join(arguments)} ended with {code:.0f}")
    return _Ran(seconds, megabytes)


async def _usual(folder: Path, *arguments: str) -> _Ran:
    """The median of some runs."""
    runs = [await _run(folder, *arguments) for _ in range(RUNS)]
    return sorted(runs, key=lambda run: run.seconds)[RUNS // 2]


async def run(bench: Bench) -> list[Figure]:
    """Make the year, then ask for its figures and its rows."""
    folder = bench.folder("year")
    settings = merged(shipped(), {"store": {"url": "sqlite:///callcentre.db"}})
    (folder / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    bench.say(f"generating a year of {CALLS:,} calls")
    database = folder / "callcentre.db"
    pace = await asyncio.to_thread(make, Database.of_file(database), CALLS)
    bench.say("asking for its figures")
    month, year = await _usual(folder, *BY_AGENT, *MONTH), await _usual(folder, *BY_AGENT)
    bench.say("exporting it")
    exports = {}
    for form in ("csv", "xlsx"):
        exports[form] = await _run(
            folder, "export", "calls", "--format", form, "--output", str(folder / f"calls.{form}")
        )
    return [
        _pace(pace),
        _size(database),
        _timed("stats --by agent for a month", month, SECONDS_AIM_MONTH),
        _timed("stats --by agent for the year", year, SECONDS_AIM_YEAR),
        *(_exported(form, ran) for form, ran in exports.items()),
    ]


def _pace(pace: Pace) -> Figure:
    first, last = pace.tenths[0], pace.tenths[-1]
    return Figure(
        f"Adding a fact to journal and ledger, a year of {CALLS:,} calls",
        f"{first:.1f} µs in its first tenth, {last:.1f} µs in its last",
        f"at most {TIMES_AIM:g} times",
        last < first * TIMES_AIM,
    )


def _size(database: Path) -> Figure:
    with closing(sqlite3.connect(database)) as connection:
        ((size,),) = connection.execute("SELECT sum(pgsize) FROM dbstat")
    name = f"Bytes of journal and ledger for a call, a year of {CALLS:,} calls"
    return Figure(name, f"{size / CALLS:,.0f}", f"at most {BYTES_AIM:,}", size <= BYTES_AIM * CALLS)


def _timed(name: str, ran: _Ran, aim: float) -> Figure:
    measured = f"{ran.seconds:.2f} s, {ran.megabytes:.0f} MB"
    return Figure(f"`{name}`", measured, f"below {aim:g} s", ran.seconds < aim)


def _exported(form: str, ran: _Ran) -> Figure:
    name, measured = f"`export calls --format {form}`, {CALLS:,} rows", f"{ran.seconds:.1f} s, {ran.megabytes:.0f} MB"
    seconds, megabytes = EXPORT_AIMS[form]
    met = ran.seconds <= seconds and ran.megabytes <= megabytes
    return Figure(name, measured, f"at most {seconds:g} s and {megabytes} MB", met)
