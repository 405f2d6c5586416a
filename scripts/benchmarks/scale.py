"""Decisions in a second by 1, 2 and 4 nodes on one PostgreSQL, beside one node on SQLite with `synchronous=FULL`.

Each decision is a text from a phone that is on disk before it counts. The server has its usual settings: each commit is
on disk. All sizes take turns, so that each finds the same machine, and each round has ratios of its own. The processors
that nodes and server used say what limited them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.reliability.figures import put
from tests.testbed.postgresql import Server, server
from tests.testbed.process import python_environment

ROUNDS = 3
SECONDS = 4.0
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


@dataclass(slots=True)
class Size:
    """The rounds of one size: decisions in a second of all nodes, milliseconds of a commit, and processors used."""

    rates: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)
    shared: list[float] = field(default_factory=list)
    """Decisions in a commit."""
    nodes: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    def note(self, found: list[dict[str, float]], server: float) -> None:
        """One round. `server` is the seconds of the processor that the server used."""
        self.rates.append(sum(one["decisions"] for one in found))
        self.commits.append(max(one["commit_ms"] for one in found))
        self.shared.append(median(one["decisions"] / one["commits"] for one in found))
        self.nodes.append(sum(one["cores"] for one in found))
        self.server.append(server / SECONDS)

    def __str__(self) -> str:
        server = f", the server {median(self.server):.2f}" if any(self.server) else ""
        return (
            f"{median(self.rates):,.0f} decisions/s, {median(self.shared):.0f} of them in a commit of "
            f"{median(self.commits):.1f} ms; processors: nodes {median(self.nodes):.2f}{server}"
        )


def _used(server: Server) -> float:
    """Seconds of the processor that the server has used, with those of connections that have ended (proc(5), stat)."""
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


_SQLITE = "SQLite FULL, 1 node"


def _named(nodes: int) -> str:
    return f"PostgreSQL, {nodes} node{'s' * (nodes > 1)}"


async def run(bench: Bench) -> list[Figure]:
    """The benchmark."""
    sizes: dict[str, Size] = defaultdict(Size)
    numbers = count(1)
    with server({}) as running:
        for turn in range(1, ROUNDS + 1):
            bench.say(f"scale: round {turn} of {ROUNDS}")
            file = bench.folder("scale") / "callcentre.db"
            sizes[_SQLITE].note(await _together([(f"sqlite:///{file}", "main")]), 0.0)
            for nodes in NODES:
                url = running.make(f"scale{next(numbers)}")
                migrations.upgrade(Database(url))
                before = _used(running)
                found = await _together([(url, f"node{each}") for each in range(nodes)])
                sizes[_named(nodes)].note(found, _used(running) - before)
    figures = [Figure(name, str(size)) for name, size in sizes.items()]
    one, four = (sizes[_named(nodes)].rates for nodes in (NODES[0], NODES[-1]))
    ratios = [many / alone for alone, many in zip(one, four, strict=True)]
    cores = len(os.sched_getaffinity(0))
    name = f"{NODES[-1]} nodes beside 1 on PostgreSQL, on {cores} processors"
    measured = f"{median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"
    aim = f"at least {RATIO_AIM:.0f} times where processors allow it"
    figures.append(Figure(name, measured, aim, median(ratios) >= RATIO_AIM))
    put("scale", [{"what": figure.name, "measured": figure.measured} for figure in figures])
    return figures
