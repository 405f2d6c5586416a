"""A wire between the daemon and Asterisk's ARI that can be cut, go silent, or be answered by something in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from tests.testbed.peers import http

_WEBSOCKET = b"GET /ari/events?"


class Wire:
    """`async with Wire(port).laid() as wire`: what connects to `wire.port` gets to `port` of this machine."""

    def __init__(self, far_port: int) -> None:
        self._far_port = far_port
        self._whole = True
        self._silent = False
        self._answer: bytes | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._requests: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Self]:
        """The wire is there within this context."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.cut()
            self._server.close()
            if self._tasks:
                await asyncio.wait(self._tasks)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        self._writers.add(writer)
        if self._silent:
            return
        with contextlib.suppress(ConnectionError):
            first = await reader.read(2**16)
            if self._answer is not None:
                writer.write(self._answer)
                writer.close()
                return
            if not first.startswith(_WEBSOCKET):
                self._requests.add(writer)
            try:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
            except OSError:
                writer.transport.abort()
                return
            self._writers.add(far_writer)
            far_writer.write(first)
            for source, target in ((reader, far_writer), (far_reader, writer)):
                task = asyncio.create_task(self._carry(source, target))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(2**16):
                if not self._silent:
                    target.write(data)
                    await target.drain()
        target.close()

    def cut(self) -> None:
        """Break every connection, and every new one at once."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._requests.clear()

    def fall_silent(self) -> None:
        """Keep every connection, and carry nothing, as when a router forgets them. New ones are accepted too."""
        self._silent = True

    def answer(self, status: str) -> None:
        """Answer every request in Asterisk's place, as a proxy does. A WebSocket that is open stays."""
        self._answer = http(status)
        for writer in self._requests:
            writer.transport.abort()
        self._requests.clear()

    def repair(self) -> None:
        """Carry everything again. What went through a silent wire has gaps, so it is broken."""
        if self._silent:
            self.cut()
        self._whole, self._silent, self._answer = True, False, None
