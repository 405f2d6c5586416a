"""What live pages cost: how soon a fact is in the browser, and what 200 open streams take from the daemon.

All is measured in one run on the same stream of events. A fact's time is when its event reached the daemon, so the
wait contains the decision and the commit.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import timeit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callcentre.kernel.ownership import Reach
from callcentre.web.rights import Right, Rights, Role
from callcentre.web.visitor import Identity, visitor_of
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.events import AHEAD, Stream, stream_of
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.memory import settled
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, cpu_seconds
from scripts.reference.program import declared
from tests.testbed.configuration import TOKEN
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError

VIEWERS, CALLS_PER_SECOND, SECONDS = 50, 10, 30
STREAMS = 200
EVENTS = 50_000
ROUNDS = 3

P95_AIM_MS, KILOBYTES_AIM, COST_AIM, CHECK_AIM_US = 300.0, 25.0, 1.1, 20.0


@asynccontextmanager
async def viewing(url: str, count: int) -> AsyncIterator[list[float]]:
    """So many streams are open within this context. Afterwards the list has the waits, in milliseconds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.benchmarks.viewers", url, TOKEN, str(count),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=CHECKOUT, limit=2**28,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    waits: list[float] = []
    try:
        if (await process.stdout.readline()).strip() != b"open":
            raise NotSeenError(f"{count} open streams of live pages")
        yield waits
        process.stdin.write(b"\n")
        waits += json.loads(await process.stdout.readline())
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


async def _waits(bench: Bench, stream: Stream) -> list[float]:
    rate = CALLS_PER_SECOND * len(stream.events) / stream.queued
    events = stream.events[: round(rate * SECONDS)]
    async with ReplayServer(bench.folder("server"), stream.recording) as server:
        await server.load(events)
        async with ReplayedDaemon(bench.folder("daemon"), server, bench.ports) as replayed:
            async with viewing(replayed.daemon.url, VIEWERS) as waits:
                await server.go(rate=rate)
                await asyncio.sleep(SECONDS + 1)
            return waits


async def _cost(bench: Bench, stream: Stream, streams: int) -> float:
    """Seconds of the processor for all events, with so many open streams."""
    async with ReplayServer(bench.folder("server"), stream.recording) as server:
        await server.load(stream.events)
        async with (
            ReplayedDaemon(bench.folder("daemon"), server, bench.ports) as replayed,
            viewing(replayed.daemon.url, streams),
        ):
            cpu = cpu_seconds(replayed.pid)
            await server.go(ahead=AHEAD)
            await replayed.reported("call.ended", stream.queued)
            return cpu_seconds(replayed.pid) - cpu


async def _memory(bench: Bench, stream: Stream) -> float:
    """Kilobytes for each open stream."""
    async with (
        ReplayServer(bench.folder("server"), stream.recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports) as replayed,
    ):
        async with viewing(replayed.daemon.url, 20):
            await settled(replayed.pid)
        before = await settled(replayed.pid)
        async with viewing(replayed.daemon.url, STREAMS):
            return (await settled(replayed.pid) - before) / STREAMS / 1000


def _check() -> float:
    """Microseconds for a visitor of a request and one look at a right."""
    rights = Rights(declared(Right))
    right = next(iter(rights))
    identity = Identity(user="aino", role=Role.SUPERVISOR, organisation="main")
    services = frozenset({"support", "sales"})

    reach = Reach("main", services)

    def once() -> bool:
        return visitor_of(identity, rights, services, reach, language="en", address="192.0.2.1").may(right)

    return min(timeit.repeat(once, number=10_000, repeat=5)) / 10_000 * 1e6


async def run(bench: Bench) -> list[Figure]:
    """Measure, and divide."""
    recording = await bench.recording()
    stream = stream_of(recording, EVENTS)
    bench.say(f"{VIEWERS} viewers and {CALLS_PER_SECOND} calls a second for {SECONDS} s")
    waits = await _waits(bench, stream)
    p95, p99 = percentile(waits, 0.95), percentile(waits, 0.99)
    kilobytes = await _memory(bench, stream)
    costs: dict[int, list[float]] = {0: [], STREAMS: []}
    for _ in range(ROUNDS):
        for streams, seconds in costs.items():
            seconds.append(await _cost(bench, stream, streams))
            bench.say(f"  {streams} open streams: {seconds[-1]:.2f} s of the processor")
    ratio = statistics.median(costs[STREAMS]) / statistics.median(costs[0])
    check = _check()
    return [
        Figure(
            f"From an event to the browser, {VIEWERS} pages, {CALLS_PER_SECOND} calls a second",
            f"p95 {p95:.0f} ms, p99 {p99:.0f} ms of {len(waits):,}", f"p95 below {P95_AIM_MS:g} ms", p95 < P95_AIM_MS,
        ),
        Figure(
            f"Resident memory per open stream, {STREAMS} of them", f"{kilobytes:.1f} KB", f"below {KILOBYTES_AIM:g} KB",
            kilobytes < KILOBYTES_AIM,
        ),
        Figure(
            f"Processor time of an event with {STREAMS} open streams, to none", f"{ratio:.2f}", f"below {COST_AIM:g}",
            ratio < COST_AIM,
        ),
        Figure("A check of rights", f"{check:.1f} µs", f"below {CHECK_AIM_US:g} µs", check < CHECK_AIM_US),
    ]  # fmt: skip
