"""How much later the events of one organisation are decided because another one is greedy.

A daemon over a replay server, with two organisations. One requests a callback now and then, and waits until that is
decided and on disk. The other one, with as many connections as it may have, does the same as fast as it can and reads
figures meanwhile; it has a cap. Both parts are measured in turn, in one run of one daemon, so that whatever else the
machine does happens to both.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError

PER_SECOND = 25
"""Requests of the organisation that is measured."""
SECONDS = 15
ROUNDS = 4
GREEDY = 24
"""Connections of the other one."""
CAP = 10
"""Its `requests_per_second`."""
AIM = 1.1

_OPEN = {"hours": None, "callback": {"confirm_by_sms": None}}
_CHANGES = {
    "organisations": {"modest": {}, "greedy": {"caps": {"requests_per_second": str(CAP)}}},
    "services": {"support": {"organisation": "modest", **_OPEN}, "sales": {"organisation": "greedy", **_OPEN}},
}


def _key(replayed: ReplayedDaemon, organisation: str) -> str:
    """An API key of an organisation."""
    command = (
        sys.executable, "-m", "callcentre", "key", "add", organisation, "--role", "supervisor",
        "--organisation", organisation, "-c", str(replayed.daemon.file),
    )  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=CHECKOUT)
    key = next((word for word in done.stdout.split() if word.startswith("cc_")), None)
    if key is None:
        raise NotSeenError(f"a key of {organisation}: {done.stdout}{done.stderr}")
    return key


async def _request(session: aiohttp.ClientSession, service: str, number: str) -> int:
    """Request a callback, which is there already but for the first time: one event and one commit."""
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    body = {"number": number, "service": service}
    async with session.post("/api/callbacks", json=body, headers=headers) as answer:
        await answer.read()
        return answer.status


async def _measured(session: aiohttp.ClientSession) -> list[float]:
    """Milliseconds of each request, at a steady rate whatever the answers take."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []

    async def one() -> None:
        began = time.perf_counter()
        if (status := await _request(session, "support", "+358401112233")) not in (200, 201):
            raise NotSeenError(f"a callback of the modest organisation, but {status}")
        waits.append((time.perf_counter() - began) * 1000)

    async with asyncio.TaskGroup() as group:
        began = loop.time()
        for number in range(PER_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - loop.time()))
            group.create_task(one())
    return waits


@asynccontextmanager
async def _greed(session: aiohttp.ClientSession, served: list[int]) -> AsyncIterator[None]:
    """Within it, the other organisation asks for as much as it gets."""

    async def ask(place: int) -> None:
        while True:
            if place % 4:
                served.append(await _request(session, "sales", "+358401112244"))
            else:
                async with session.get("/api/callbacks") as answer:
                    await answer.read()
                    served.append(answer.status)

    asking = [asyncio.create_task(ask(place)) for place in range(GREEDY)]
    try:
        yield
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


def _session(replayed: ReplayedDaemon, key: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=GREEDY)
    return aiohttp.ClientSession(
        replayed.daemon.url, headers={"Authorization": f"Bearer {key}"}, connector=connector
    )  # fmt: skip


async def run(bench: Bench) -> list[Figure]:
    """Measure with and without the greedy one, in turn."""
    recording = await bench.recording()
    alone: list[float] = []
    beside: list[float] = []
    served: list[int] = []
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports, changes=_CHANGES) as replayed,
    ):
        modest, greedy = [await asyncio.to_thread(_key, replayed, name) for name in ("modest", "greedy")]
        async with _session(replayed, modest) as measured, _session(replayed, greedy) as other:
            await _request(measured, "support", "+358401112233")
            await _request(other, "sales", "+358401112244")
            for _ in range(ROUNDS):
                alone += await _measured(measured)
                async with _greed(other, served):
                    # The burst that the cap allows is part of what is measured.
                    beside += await _measured(measured)
                await asyncio.sleep(3)
                bench.say(f"  alone p99 {percentile(alone, 0.99):.1f} ms, beside p99 {percentile(beside, 0.99):.1f} ms")
    calm, loud = percentile(alone, 0.99), percentile(beside, 0.99)
    rate = sum(status != 429 for status in served) / (ROUNDS * SECONDS)
    bench.say(f"  answers to the greedy one: {Counter(served)}")
    # A second's requests may come at once at the beginning.
    most = CAP * (1 + 1 / SECONDS) * 1.01
    return [
        Figure(
            f"p99 of an organisation's requests beside a greedy one ({GREEDY} connections), to alone",
            f"{loud / calm:.2f} ({loud:.1f} ms, {calm:.1f} ms alone; p50 {percentile(beside, 0.5):.1f} and "
            f"{percentile(alone, 0.5):.1f} ms; {len(alone):,} each)",
            f"at most {AIM:g}",
            loud / calm <= AIM,
        ),
        Figure(
            f"What the greedy one gets, with a cap of {CAP} requests a second",
            f"{rate:.2f} a second",
            f"at most {most:.2f}",
            rate <= most,
        ),
    ]  # fmt: skip
