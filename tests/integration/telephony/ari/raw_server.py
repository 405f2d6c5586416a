"""A server that says byte by byte what a test wants it to say."""

from __future__ import annotations

import asyncio
import ssl
from typing import Self

from tests.integration.telephony.ari.server import PATIENCE

EMPTY_LIST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


class Visit:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def request(self) -> str:
        """The first line of the next request, which has come whole."""
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode()
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        await asyncio.wait_for(self._reader.readexactly(int(length or 0)), PATIENCE)
        return head.partition("\r\n")[0]

    async def say(self, *pieces: bytes) -> None:
        """Send these, each by itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def ended(self) -> bytes:
        """Wait until the client closes the connection; return what it sent before."""
        try:
            return await asyncio.wait_for(self._reader.read(), PATIENCE)
        except ConnectionResetError:
            return b""


class RawServer:
    """Accepts connections, and leaves what is said on them to the test."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._visits: asyncio.Queue[Visit] = asyncio.Queue()
        self._all: list[Visit] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for visit in self._all:
            visit.writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    @property
    def visits(self) -> int:
        """How many connections there were."""
        return len(self._all)

    async def visit(self) -> Visit:
        """The next connection."""
        return await asyncio.wait_for(self._visits.get(), PATIENCE)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        self._all.append(visit)
        self._visits.put_nowait(visit)
