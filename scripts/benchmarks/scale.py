"""Decisions in a second by 1, 2 and 4 nodes on one PostgreSQL, beside one node on SQLite with `synchronous=FULL`.

Each decision is a text from a phone that is on disk before it counts. The server has its usual settings: each commit is
on disk. All sizes take turns, so that each finds the same machine, and each round has ratios of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import defaultdict
from itertools import count
from statistics import median

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.reliability.figures import put
from tests.testbed.postgresql import server
from tests.testbed.process import python_environment

ROUNDS = 3
SECONDS = 3.0
NODES = (1, 2, 4)
RATIO_AIM = 3.0


async def _together(urls: list[tuple[str, str]]) -> list[dict[str, float]]:
    """The figures of nodes that begin together; each is a database and a name."""
    nodes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scripts.benchmarks.node", url, node, str(SECONDS), env=dict(python_environment()),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for url, node in urls
    ]  # fmt: skip
    for node in nodes:
        assert node.stdout is not None
        await node.stdout.readline()
    found = await asyncio.gather(*(node.communicate(b"go\n") for node in nodes))
    return [json.loads(said) for said, _ in found]


async def run(bench: Bench) -> list[Figure]:
    """The benchmark."""
    rates: dict[str, list[float]] = defaultdict(list)
    commits: dict[str, list[float]] = defaultdict(list)
    numbers = count(1)

    def note(name: str, found: list[dict[str, float]]) -> None:
        rates[name].append(sum(one["decisions"] for one in found))
        commits[name].append(max(one["commit_ms"] for one in found))

    with server({}) as running:
        for turn in range(1, ROUNDS + 1):
            bench.say(f"scale: round {turn} of {ROUNDS}")
            file = bench.folder("scale") / "callcentre.db"
            note("SQLite FULL, 1 node", await _together([(f"sqlite:///{file}", "main")]))
            for nodes in NODES:
                url = running.make(f"scale{next(numbers)}")
                migrations.upgrade(Database(url))
                note(f"PostgreSQL, {nodes} nodes", await _together([(url, f"node{each}") for each in range(nodes)]))
    figures = [
        Figure(f"{name}: decisions/s, and one commit", f"{median(found):.0f}, {median(commits[name]):.1f} ms")
        for name, found in rates.items()
    ]
    one, four = rates["PostgreSQL, 1 nodes"], rates["PostgreSQL, 4 nodes"]
    ratio = median(many / alone for alone, many in zip(one, four, strict=True))
    cores = len(os.sched_getaffinity(0))
    name = f"4 nodes beside 1 on PostgreSQL, on {cores} cores"
    figures.append(Figure(name, f"{ratio:.2f} times", f"at least {RATIO_AIM:.0f} times", ratio >= RATIO_AIM))
    put("scale", [{"what": figure.name, "measured": figure.measured} for figure in figures])
    return figures
