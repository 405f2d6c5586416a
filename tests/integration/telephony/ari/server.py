"""An ARI in this process that misbehaves on demand, for the faults that a real one does not show when asked."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import WSMsgType, web

PATIENCE = 20.0
"""Seconds after which an awaited thing counts as missing; nothing takes that long."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived: method, path with query as sent, and body."""

    method: str
    target: str
    body: bytes
    authorization: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer with: `text` as it is, or None to close the connection instead."""

    status: int = 200
    text: str | None = "{}"


class MisbehavingAri:
    """Accepts every operation, unless `misbehave` says otherwise, and keeps what it was asked.

    `sockets` gets each WebSocket as it is accepted; the test sends the events. `pongs` gets the answers to its pings.
    With `answers_pings` off it is half-open: there, and silent.
    """

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[Seen] = []
        self.sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.ended: asyncio.Queue[int | None] = asyncio.Queue()
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self.answers_pings = True
        self.handshake_status = 101
        self.peers: set[Any] = set()
        self._websockets: list[asyncio.Transport] = []
        self._answers: dict[str, list[Answer | Callable[[], Any]]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/ari/events", self._events)
        application.router.add_route("*", "/{anything:.*}", self._operation)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def refuse(self) -> None:
        """Accept no more connections; those there are stay."""
        assert self._runner is not None
        for site in tuple(self._runner.sites):
            await site.stop()

    def misbehave(self, operation: str, *answers: Answer | Callable[[], Any]) -> None:
        """Answer `operation`, for instance `GET /channels`, with these in turn, then as usual.

        A function is called, and awaited, before the usual answer.
        """
        self._answers[operation] = list(answers)

    def asked(self, operation: str) -> list[Seen]:
        """The requests for this operation so far."""
        return [seen for seen in self.seen if operation == f"{seen.method} {seen.target.partition('?')[0]}"]

    async def socket(self) -> web.WebSocketResponse:
        """The next WebSocket that a client has opened."""
        return await asyncio.wait_for(self.sockets.get(), PATIENCE)

    def break_connections(self) -> None:
        """End every WebSocket without a word, as a network does."""
        for transport in self._websockets:
            transport.abort()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self._note(request, b"")
        if self.handshake_status != 101:
            return web.json_response({"message": "No"}, status=self.handshake_status)
        socket = web.WebSocketResponse(autoping=self.answers_pings, compress=False)
        await socket.prepare(request)
        assert request.transport is not None
        self._websockets.append(request.transport)
        self.sockets.put_nowait(socket)
        while (message := await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.PING, WSMsgType.PONG):
            if message.type is WSMsgType.PONG:
                self.pongs.put_nowait(message.data)
        self.ended.put_nowait(socket.close_code)
        return socket

    async def _operation(self, request: web.Request) -> web.StreamResponse:
        seen = self._note(request, await request.read())
        answer: Any = Answer(text=self._usual(seen.target))
        if planned := self._answers.get(f"{seen.method} {seen.target.partition('?')[0]}"):
            special = planned.pop(0)
            if isinstance(special, Answer):
                answer = special
            else:
                await special()
        if answer.text is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=answer.status, text=answer.text, content_type="application/json")

    def _note(self, request: web.Request, body: bytes) -> Seen:
        seen = Seen(
            request.method,
            request.raw_path.removeprefix("/ari"),
            body,
            request.headers.get("Authorization", ""),
        )
        self.seen.append(seen)
        self.peers.add(request.transport and request.transport.get_extra_info("peername"))
        return seen

    @staticmethod
    def _usual(target: str) -> str:
        if target.startswith("/applications/"):
            return '{"name": "callcentre"}'
        return "[]" if target in ("/channels", "/bridges") else '{"id": "1"}'
