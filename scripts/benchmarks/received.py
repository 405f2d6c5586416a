"""How many texts from phones are taken in a second, beside a bare aiohttp server that stores nothing.

The texts come as Kannel brings them, over connections that stay open, each connection with its next text once the one
before is answered. The daemon answers when a text is on disk. The two servers take turns, so that both find the same
machine, and each round has a ratio of its own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median
from urllib.parse import quote

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.recording import FIRST_NUMBER
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, cpu_seconds
from tests.testbed.configuration import TOKEN
from tests.testbed.process import Process, python_environment
from tests.testbed.waiting import NotSeenError

AT_ONCE = 64
TEXTS = 4_000
"""Texts of one round."""
PEOPLE = 2_000
ROUNDS = 7
RATIO_AIM = 0.3


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts in a second of the clock, and in a second of the server's processor time."""

    clock: float
    cpu: float


def _requests(numbers: Iterator[int]) -> list[bytes]:
    """The requests of one round: each text has an id of its own."""
    body = quote("Kiitos, voitte soittaa huomenna.")
    return [
        f"GET /hooks/kannel/mo?token={TOKEN}&id=bench-{number}&from=%2B{FIRST_NUMBER + number % PEOPLE}&to=18222"
        f"&text={body}&ts=2026-06-03+09:00:00 HTTP/1.1\r\nHost: x\r\nUser-Agent: Kannel/1.4.5\r\n\r\n".encode()
        for number in (next(numbers) for _ in range(TEXTS))
    ]


class _Connection(asyncio.Protocol):
    """Sends the next request once the one before is answered, which costs little beside a server."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self._done.done():
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        if not (data.startswith(b"HTTP/1.1 200") and data.endswith(b"\r\n\r\n")):
            self._done.set_exception(NotSeenError(f"a text was answered {data!r}"))
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(NotSeenError(f"the connection broke: {exc}"))


async def _round(port: int, pid: int, requests: list[bytes]) -> Rate:
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    cpu, began = cpu_seconds(pid), loop.time()
    done: list[asyncio.Future[None]] = [loop.create_future() for _ in range(AT_ONCE)]
    opened = [
        await loop.create_connection(lambda end=end: _Connection(waiting, end), "127.0.0.1", port)  # type: ignore[misc]
        for end in done
    ]
    await asyncio.gather(*done)
    took, worked = loop.time() - began, cpu_seconds(pid) - cpu
    for transport, _ in opened:
        transport.close()
    return Rate(TEXTS / took, TEXTS / worked)


@asynccontextmanager
async def _bare(bench: Bench) -> AsyncIterator[tuple[int, int]]:
    """The port and the process id of the bare server."""
    process = Process(
        "bare", [sys.executable, "-m", "scripts.benchmarks.bare_server"], folder=bench.folder("bare")
    )  # fmt: skip
    process.environment = python_environment()
    output = await process.start(pipe_output=True)
    assert output is not None
    try:
        yield int(await output.readline()), process.pid
    finally:
        await process.kill()


async def run(bench: Bench) -> list[Figure]:
    """Rounds of both in turn. The first one of each warms it up."""
    recording = await bench.recording()
    bench.say(f"{TEXTS:,} texts from phones in each of {ROUNDS} rounds, {AT_ONCE} at once")
    numbers = count(1)
    ours: list[Rate] = []
    bare: list[Rate] = []
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(
            bench.folder("daemon"), server, bench.ports, changes={"sms": _KANNEL}
        ) as replayed,
        _bare(bench) as (port, pid),
    ):  # fmt: skip
        for _ in range(ROUNDS + 1):
            ours.append(await _round(int(replayed.daemon.url.rpartition(":")[2]), replayed.pid, _requests(numbers)))
            bare.append(await _round(port, pid, _requests(numbers)))
    pairs = list(zip(ours[1:], bare[1:], strict=True))
    clock = median(one.clock / other.clock for one, other in pairs)
    cpu = median(one.cpu / other.cpu for one, other in pairs)
    return [
        Figure(
            f"Texts from phones, {AT_ONCE} at once, against a bare aiohttp server",
            f"{median(one.clock for one, _ in pairs):,.0f} and {median(other.clock for _, other in pairs):,.0f} "
            f"a second, ratio {clock:.2f}; of the processor time {cpu:.2f}",
            f"at least {RATIO_AIM:g}",
            min(clock, cpu) >= RATIO_AIM,
        )
    ]


_KANNEL = {
    "gateway": "kannel",
    "kannel": {
        "url": "http://127.0.0.1:1/sendsms", "username": "u", "password": "p", "report_url": "http://127.0.0.1:1/dlr",
    },
}  # fmt: skip
