"""The phases of a connection, each with a time so short that a test can await its end, over real sockets."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from callcentre.kernel.seldom import Seldom
from callcentre.web import crowd
from callcentre.web.access import GATE, SELDOM, Gate
from callcentre.web.connections import Limits, stays_open
from callcentre.web.server import WebServer, _plain_answers
from tests.testbed.waiting import until

SHORT = 0.15
LONG = 30.0
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BEGUN: web.AppKey[list[str]] = web.AppKey("begun", list)
LARGE = 32 * 1024 * 1024


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def read(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def large(_request: web.Request) -> web.Response:
    return web.Response(body=bytes(LARGE))


async def slow(request: web.Request) -> web.Response:
    request.app[BEGUN].append(request.path)
    await asyncio.sleep(LONG)
    return web.Response()


@stays_open
async def stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(5):
        await asyncio.sleep(SHORT / 2)
        await answer.write(b"data: x\n\n")
    return answer


class Served(tuple[str, int]):
    """An address, and the requests for `/slow` that are under way."""

    begun: list[str]

    def __new__(cls, address: tuple[str, int], begun: list[str]) -> Served:
        served = super().__new__(cls, address)
        served.begun = begun
        return served

    async def slow_ones(self, count: int) -> None:
        async def under_way() -> bool:
            return len(self.begun) >= count

        await until(under_way, within=LONG / 2, awaited=f"{count} slow requests under way")


@asynccontextmanager
async def served(**limits: Any) -> AsyncIterator[Served]:
    """A server whose phases are long but for those named."""
    seconds: dict[str, Any] = dict.fromkeys(("head", "body", "answer", "idle", "reading"), LONG)
    app = web.Application(middlewares=[_plain_answers])
    app[GATE], app[SELDOM] = Gate(tuple), Seldom()
    begun: list[str] = []
    app[BEGUN] = begun
    app.router.add_get("/", hello)
    app.router.add_post("/", read)
    for handler in (large, slow, stream):
        app.router.add_get(f"/{handler.__name__}", handler)
    server = WebServer("127.0.0.1:0", app, limits=Limits(**(seconds | limits)))
    await server.start()
    try:
        yield Served(server.address, begun)
    finally:
        await server.stop()


async def sent(address: tuple[str, int], octets: bytes) -> bytes:
    """Everything that comes back before the server closes."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(octets)
        async with asyncio.timeout(LONG / 2):
            with suppress(ConnectionError):
                return await reader.read()
            return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("octets", "limits", "answer"),
    [
        (b"", {"head": SHORT}, b""),
        (b"GET / HT", {"head": SHORT}, b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", {"head": SHORT}, b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", {"body": SHORT}, b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na", {"body": SHORT}, b"HTTP/1.1 408 "),
        (GET, {"idle": SHORT}, b"HTTP/1.1 200 "),
        (GET + b"GET / HT", {"head": SHORT, "idle": SHORT}, b"HTTP/1.1 200 "),
        (GET.replace(b"/ ", b"/slow "), {"answer": SHORT}, b""),
    ],
)
async def test_a_phase_that_takes_too_long_ends_the_connection(
    octets: bytes, limits: dict[str, float], answer: bytes
) -> None:
    async with served(**limits) as address:
        with capture_logs() as logged:
            assert (await sent(address, octets)).startswith(answer)
    assert not [line for line in logged if line["log_level"] in ("error", "warning")]


async def test_a_head_that_comes_octet_by_octet_gets_no_more_time() -> None:
    async with served(head=SHORT) as address:
        reader, writer = await asyncio.open_connection(*address)

        async def drip() -> None:
            for octet in b"GET /" + b"x" * 10_000:
                writer.write(bytes([octet]))
                await asyncio.sleep(SHORT / 20)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(LONG / 2):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()
        writer.close()


async def test_an_answer_that_is_not_read_ends_the_connection() -> None:
    async with served(reading=SHORT) as address:
        _, writer = await asyncio.open_connection(*address, limit=1024)
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        with capture_logs() as logged:
            writer.write(GET.replace(b"/ ", b"/large "))

            async def reported() -> bool:
                return bool(logged)

            await until(reported, within=LONG / 2, awaited="a line about it")
        writer.transport.abort()
    assert [(line["event"], line["phase"]) for line in logged] == [("connection too slow", "reading")]


async def test_a_large_answer_that_is_read_arrives_whole() -> None:
    async with served(reading=SHORT) as address:
        octets = GET.replace(b"/ ", b"/large ").replace(b"Host", b"Connection: close\r\nHost")
        assert len(await sent(address, octets)) > LARGE


async def test_a_route_that_stays_open_has_no_time() -> None:
    async with served(answer=SHORT) as address:
        octets = GET.replace(b"/ ", b"/stream ").replace(b"Host", b"Connection: close\r\nHost")
        assert (await sent(address, octets)).count(b"data: x") == 5


async def test_a_kept_connection_serves_as_often_as_it_is_asked() -> None:
    async with served(head=LONG, idle=LONG) as address:
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(3):
            writer.write(GET)
            assert await reader.readuntil(b"hello")
        writer.close()


async def test_past_the_number_of_an_address_the_longest_idle_goes_and_a_request_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "PATIENCE", 0.0)
    async with served(per_address=5) as address:
        idle = [await asyncio.open_connection(*address) for _ in range(5)]
        working = await asyncio.open_connection(*address)
        working[1].write(GET.replace(b"/ ", b"/slow "))
        await address.slow_ones(1)
        with capture_logs() as logged:
            for _ in range(10):
                assert b"hello" in await sent(address, GET.replace(b"Host", b"Connection: close\r\nHost"))
        async with asyncio.timeout(LONG / 2):
            with suppress(ConnectionError):
                assert await idle[0][0].read() == b""
        assert not working[0].at_eof()
        for _, writer in (*idle, working):
            writer.close()
    assert {line["event"] for line in logged} <= {"connection closed"}
    assert len(logged) <= 1


async def test_without_descriptors_those_who_wait_go_and_the_next_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    accept: Callable[[socket.socket], Awaitable[object]] = loop.sock_accept
    failures = [errno.EMFILE, errno.ECONNABORTED, errno.ENFILE]

    async def sock_accept(listener: socket.socket) -> object:
        if failures:
            raise OSError(failures.pop(), "no")
        return await accept(listener)

    async with served() as address:
        waiting = await asyncio.open_connection(*address)
        waiting[1].write(GET)
        await waiting[0].readuntil(b"hello")
        monkeypatch.setattr(loop, "sock_accept", sock_accept)
        with capture_logs() as logged:
            # The one under way still uses the function of before.
            assert b"hello" in await sent(address, GET.replace(b"Host", b"Connection: close\r\nHost"))
            assert b"hello" in await sent(address, GET.replace(b"Host", b"Connection: close\r\nHost"))
        with suppress(ConnectionError):
            assert await waiting[0].read() == b""
        waiting[1].close()
    assert sorted(line["error"] for line in logged if line["event"] == "connection not accepted") == [
        "Too many open files", "Too many open files in system"
    ]  # fmt: skip


async def test_where_all_is_work_the_next_waits_its_turn_and_is_answered() -> None:
    async with served(most=lambda: 3, answer=1.0) as address:
        working = [await asyncio.open_connection(*address) for _ in range(3)]
        for _, writer in working:
            writer.write(GET.replace(b"/ ", b"/slow "))
        await address.slow_ones(3)
        # Once these are given up, the next has its turn.
        assert b"hello" in await sent(address, GET.replace(b"Host", b"Connection: close\r\nHost"))
        for _, writer in working:
            writer.close()


async def test_a_burst_of_a_gateway_is_answered_whole() -> None:
    async with served(per_address=10) as address:
        octets = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
        answers = await asyncio.gather(*(sent(address, octets) for _ in range(300)))
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
