"""What a start costs: the import of the program, the load of a database with open callbacks, and the first event.

The callbacks are requested over HTTP from the daemon itself, so that each version fills its own database. Their service
is closed, so that the daemon dials nobody meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.memory import until_queued
from scripts.benchmarks.recording import FIRST_NUMBER
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, cpu_seconds
from tests.testbed.callbacks import NEVER_OPEN
from tests.testbed.configuration import TOKEN
from tests.testbed.process import CHECKOUT

OPEN = 3_000
AT_ONCE = 50
"""Requests under way at the same time."""

STARTS = 5
SECONDS_AIM = 2.0

_CLOSED: Mapping[str, Any] = {
    "services": {
        "support": {
            "hours": NEVER_OPEN,
            "welcome": None,
            "notify": None,
            "survey": None,
            "callback": {"offer": {"max_open": 10 * OPEN}, "confirm_by_sms": None},
        }
    }
}


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of the clock and of the processor from the start of the process until the first event was decided on."""

    clock: float
    cpu: float


class Restarted:
    """A daemon with open callbacks that is killed and started again."""

    def __init__(self, replayed: ReplayedDaemon, server: ReplayServer, first_events: list[str]) -> None:
        self._replayed = replayed
        self._server = server
        self._first_events = first_events

    async def fill(self) -> None:
        """Request the callbacks."""
        async with aiohttp.ClientSession(
            self._replayed.daemon.url, headers={"Authorization": f"Bearer {TOKEN}"}, raise_for_status=True
        ) as session:

            async def request(number: int) -> None:
                body = {"number": f"+{FIRST_NUMBER + number}", "service": "support", "name": "", "by": "staff"}
                async with session.post("/api/callbacks", json=body) as answer:
                    await answer.read()

            for first in range(0, OPEN, AT_ONCE):
                await asyncio.gather(*map(request, range(first, first + AT_ONCE)))

    async def start(self) -> Start:
        """Kill it, start it, and send it the first caller."""
        replayed = self._replayed
        await replayed.daemon.kill()
        joined = replayed.facts().get("queue.joined", 0)
        await self._server.load(self._first_events)
        began = time.monotonic()
        await replayed.daemon.start()
        await self._server.go()
        await replayed.reported("queue.joined", joined + 1)
        return Start(time.monotonic() - began, cpu_seconds(replayed.pid))


@asynccontextmanager
async def restarted(bench: Bench, code: Path = CHECKOUT) -> AsyncIterator[Restarted]:
    """The daemon of the checkout `code`, its database filled."""
    recording = await bench.recording()
    first = [event.text for event in until_queued(recording)]
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports, code=code, changes=_CLOSED) as replayed,
    ):
        daemon = Restarted(replayed, server, first)
        await daemon.fill()
        yield daemon


async def run(bench: Bench) -> list[Figure]:
    """Several starts; the figures are medians."""
    bench.say(f"starting with {OPEN:,} open callbacks, {STARTS} times")
    async with restarted(bench) as daemon:
        starts = sorted([await daemon.start() for _ in range(STARTS)], key=lambda start: start.clock)
    usual = starts[STARTS // 2]
    return [
        Figure(
            f"From the start to the first event, {OPEN:,} callbacks open",
            f"{usual.clock:.2f} s, {usual.cpu:.2f} s of the processor",
            f"below {SECONDS_AIM:g} s",
            usual.clock < SECONDS_AIM,
        )
    ]
