"""How long a promised text waits while thousands of welcomes wait for the gateway.

The callers are copies of recorded ones, and every one is welcomed. Meanwhile callbacks are requested over HTTP, each of
which is confirmed by a text. The gateway is a web server on loopback that answers as Kannel's sendsms does. A text is
late by the time from the answer to its request, which promises the callback, until the gateway has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.copies import interleaved
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.memory import EVENTS_PER_SECOND, until_queued
from scripts.benchmarks.recording import FIRST_NUMBER
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer
from tests.testbed.callbacks import NEVER_OPEN
from tests.testbed.configuration import TOKEN
from tests.testbed.peers import serving
from tests.testbed.process import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WELCOMES = 5_000
PER_SECOND = 20
PROMISES_PER_SECOND = 4
SECONDS = 50
"""How long promised texts come. The welcomes last five times as long."""

SECONDS_AIM = 5.0

_FIRST_PROMISED = FIRST_NUMBER + 9_000_000
_WELCOME = {"min_waiting": "1", "cooldown": "0s", "text": "Tervetuloa"}


def _settings(gateway: str) -> Mapping[str, Any]:
    kannel = {"url": f"{gateway}/sendsms", "username": "u", "password": "p", "report_url": "http://127.0.0.1:1/dlr"}
    return {
        "sms": {"gateway": "kannel", "kannel": kannel, "per_second": PER_SECOND, "per_day": 10 * WELCOMES},
        "services": {
            "support": {
                "hours": NEVER_OPEN,
                "welcome": _WELCOME,
                "notify": None,
                "survey": None,
                "callback": {"offer": {"max_open": 10 * WELCOMES}, "confirm_by_sms": "Soitamme takaisin."},
            },
            "sales": {"welcome": _WELCOME},
        },
    }


class _Gateway:
    """Takes texts; `taken` has when each came, in seconds of the loop's clock, by its number."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}

    def route(self, application: web.Application) -> None:
        application.router.add_get("/sendsms", self._sendsms)

    async def _sendsms(self, request: web.Request) -> web.Response:
        self.taken.setdefault(request.query["to"], asyncio.get_running_loop().time())
        return web.Response(status=202, text="0: Accepted for delivery")


@asynccontextmanager
async def _crowded(bench: Bench, code: Path) -> AsyncIterator[tuple[ReplayedDaemon, _Gateway]]:
    """The daemon of the checkout `code`, all of whose callers wait to be welcomed."""
    recording = await bench.recording()
    arriving = interleaved(until_queued(recording), range(1, WELCOMES // 2 + 1), interval=0.001)
    gateway = _Gateway()
    async with (
        serving(gateway.route) as url,
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(
            bench.folder("daemon"), server, bench.ports, code=code, changes=_settings(url)
        ) as replayed,
    ):  # fmt: skip
        await server.load(arriving)
        await server.go(rate=EVENTS_PER_SECOND)
        await replayed.reported("sms.queued", WELCOMES)
        yield replayed, gateway


async def measure(bench: Bench, code: Path = CHECKOUT) -> tuple[list[float], int]:
    """How late each promised text was, in seconds, infinite for one that never came; and how many welcomes waited."""
    bench.say(f"{WELCOMES:,} welcomes wait, and {PROMISES_PER_SECOND} texts a second are promised for {SECONDS} s")
    loop, promised = asyncio.get_running_loop(), dict[str, float]()
    async with (
        _crowded(bench, code) as (replayed, gateway),
        aiohttp.ClientSession(
            replayed.daemon.url, headers={"Authorization": f"Bearer {TOKEN}"}, raise_for_status=True
        ) as session,
    ):

        async def promise(number: str) -> None:
            body = {"number": number, "service": "support", "name": "", "by": "staff"}
            async with session.post("/api/callbacks", json=body) as answer:
                await answer.read()
            promised[number] = loop.time()

        began = loop.time()
        async with asyncio.TaskGroup() as requests:
            for number in range(SECONDS * PROMISES_PER_SECOND):
                requests.create_task(promise(f"+{_FIRST_PROMISED + number}"))
                await asyncio.sleep(began + (number + 1) / PROMISES_PER_SECOND - loop.time())
        await asyncio.sleep(SECONDS_AIM)
        late = [gateway.taken.get(number, float("inf")) - at for number, at in promised.items()]
        return late, WELCOMES - sum(number not in promised for number in gateway.taken)


async def run(bench: Bench) -> list[Figure]:
    """Measure, and sort."""
    late, waiting = await measure(bench)
    p99 = percentile(late, 0.99)
    return [
        Figure(
            f"A promised text handed over behind {WELCOMES:,} welcomes, {PER_SECOND} texts a second",
            f"p50 {percentile(late, 0.5) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms "
            f"({len(late)} texts; {waiting:,} welcomes still waited)",
            f"p99 below {SECONDS_AIM:g} s",
            p99 < SECONDS_AIM and waiting > WELCOMES / 2,
        )
    ]
