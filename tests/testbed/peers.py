"""Web servers in this process that stand for others: some do as they are documented, some do anything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serving(route: Callable[[web.Application], object]) -> AsyncIterator[str]:
    """A web server on loopback with these routes, and its address."""
    application = web.Application()
    route(application)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What a server that answers anyhow does once it read a request."""


class Anyhow:
    """A server that does with each request what it is told; `asked` are the requests so far, head and body."""

    def __init__(self, answer: bytes | Answer) -> None:
        self.asked: list[bytes] = []
        self.url = ""
        self._answer = answer
        self._peers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.lower().splitlines() if line.startswith(b"content-length:")]
            body = await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
            self.asked.append(head + body)
            if isinstance(self._answer, bytes):
                writer.write(self._answer)
            else:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def hang_up(self) -> None:
        for peer in self._peers:
            peer.close()


@asynccontextmanager
async def answering(answer: bytes | Answer) -> AsyncIterator[Anyhow]:
    """A server on loopback that answers so."""
    anyhow = Anyhow(answer)
    server = await asyncio.start_server(anyhow.serve, "127.0.0.1", 0)
    anyhow.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield anyhow
    finally:
        server.close()
        anyhow.hang_up()
        await server.wait_closed()


def http(status: str, body: str = "") -> bytes:
    """A whole answer, as `answering` wants it."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}".encode()


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read the request, and be gone."""


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half_a_head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 201 Crea")


async def half_a_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 24\r\n\r\n{"sid":')


async def no_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()
