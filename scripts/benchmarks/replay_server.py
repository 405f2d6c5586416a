"""A process that serves ARI from a recording: `python -m scripts.benchmarks.replay_server API_DOCS`.

It is a process of its own so that its work is not counted as that of the client under measurement. The port is in
its first line of output. `/bench/load` takes a stream (a file of one event per line), `/bench/go` sends it to the
client that is connected, at full speed, at so many events per second (`rate`), or never more than so many before the
client has read the others (`ahead`); `/bench/state` tells how far that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from scripts.benchmarks.exchange import Exchange, shaping
from scripts.benchmarks.recording import BASE_PATH

AT_ONCE = 50
"""Events between two looks at the other requests."""


class Replay:
    """The server's state and handlers."""

    def __init__(self, api_docs: Path) -> None:
        self._api_docs = api_docs
        self._stream: list[tuple[bytes, dict[str, Any] | None]] = []
        self._exchange = Exchange()
        self._socket: web.WebSocketResponse | None = None
        self._read_by_client = asyncio.Event()
        self._subscribed = False
        self._sent = 0
        self._requests = 0
        self._sending: asyncio.Task[None] | None = None

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._counted])
        application.add_routes(
            [
                web.get("/ari/api-docs/{name}", self._describe),
                web.get("/ari/events", self._events),
                web.get("/ari/channels", self._channels),
                web.post("/ari/channels/create", self._create),
                web.delete("/ari/channels/{id}", self._hang_up),
                web.get("/ari/channels/{id}/variable", self._variable),
                web.post("/ari/channels/{id}/variable", self._done_to_a_channel),
                web.get("/ari/bridges", self._bridges),
                web.post("/ari/applications/{name}/subscription", self._subscribe),
                web.put("/ari/applications/{name}/eventFilter", self._filter),
                web.post("/ari/channels/{id}/continue", self._done_to_a_channel),
                web.post("/ari/asterisk/variable", self._done),
                web.get("/ari/asterisk/ping", self._ping),
                web.post("/bench/load", self._load),
                web.post("/bench/go", self._go),
                web.get("/bench/state", self._state),
            ]
        )
        return application

    @web.middleware
    async def _counted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self._requests += request.path.startswith("/ari/")
        response: web.StreamResponse = await handler(request)
        return response

    # --- ARI -------------------------------------------------------------------------------------

    async def _describe(self, request: web.Request) -> web.Response:
        text = (self._api_docs / Path(request.match_info["name"]).name).read_text(encoding="utf-8")
        text = text.replace(BASE_PATH, f"http://{request.host}/ari")
        return web.Response(text=text, content_type="application/json")

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, autoping=False)
        await socket.prepare(request)
        self._socket = socket
        try:
            async for message in socket:
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.PONG:
                    self._read_by_client.set()
        finally:
            self._socket = None
            self._subscribed = False
        return socket

    async def _ping(self, _request: web.Request) -> web.Response:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
        return web.json_response({"asterisk_id": "replayed", "ping": "pong", "timestamp": now})

    async def _channels(self, _request: web.Request) -> web.Response:
        return web.json_response(list(self._exchange.channels.values()))

    async def _create(self, request: web.Request) -> web.Response:
        return web.json_response(self._exchange.create(request.query["channelId"], request.query["endpoint"]))

    async def _hang_up(self, request: web.Request) -> web.Response:
        response = await self._done_to_a_channel(request)
        self._exchange.channels.pop(request.match_info["id"], None)
        return response

    async def _bridges(self, _request: web.Request) -> web.Response:
        return web.json_response(list(self._exchange.bridges.values()))

    async def _variable(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self._exchange.channels:
            return self._not_found()
        expression = request.query["variable"].removeprefix("EVAL(").removesuffix(")")
        return web.json_response({"value": self._exchange.value(expression)})

    async def _subscribe(self, request: web.Request) -> web.Response:
        self._subscribed = True
        return await self._filter(request)

    async def _filter(self, request: web.Request) -> web.Response:
        subscribed: dict[str, list[str]] = {
            key: [] for key in ("channel_ids", "bridge_ids", "endpoint_ids", "device_names")
        }
        return web.json_response({"name": request.match_info["name"], **subscribed})

    async def _done_to_a_channel(self, request: web.Request) -> web.Response:
        return await self._done(request) if request.match_info["id"] in self._exchange.channels else self._not_found()

    def _not_found(self) -> web.Response:
        return web.json_response({"message": "Channel not found"}, status=404)

    async def _done(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    # --- the bench's own -------------------------------------------------------------------------

    async def _load(self, request: web.Request) -> web.Response:
        # In a thread: a client that hears no PONG meanwhile leaves.
        self._stream = await asyncio.to_thread(_stream, Path(request.query["file"]))
        self._sent = 0
        return web.json_response({"events": len(self._stream)})

    async def _go(self, request: web.Request) -> web.Response:
        if self._socket is None:
            raise web.HTTPConflict(text="no client is connected")
        rate = float(request.query["rate"]) if "rate" in request.query else None
        ahead = int(request.query["ahead"]) if "ahead" in request.query else None
        self._sending = asyncio.create_task(self._send(self._socket, rate, ahead))
        return await self._done(request)

    async def _send(self, socket: web.WebSocketResponse, rate: float | None, ahead: int | None) -> None:
        began = time.monotonic()
        for frame, event in self._stream:
            if event is not None:
                self._exchange.take(event)
            await socket.send_frame(frame, WSMsgType.TEXT)
            self._sent += 1
            if ahead is not None and self._sent % ahead == 0:
                # A client answers a ping when it has read what came before it.
                self._read_by_client.clear()
                await socket.ping()
                await self._read_by_client.wait()
            elif self._sent % AT_ONCE == 0:
                early = self._sent / rate - (time.monotonic() - began) if rate else 0.0
                await asyncio.sleep(max(0.0, early))

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "connected": self._socket is not None,
                "subscribed": self._subscribed,
                "sent": self._sent,
                "requests": self._requests,
                "failed": repr(self._failure()) if self._failure() else None,
            }
        )

    def _failure(self) -> BaseException | None:
        return self._sending.exception() if self._sending is not None and self._sending.done() else None


def _stream(file: Path) -> list[tuple[bytes, dict[str, Any] | None]]:
    return [(line.encode(), shaping(line)) for line in file.read_text(encoding="utf-8").splitlines()]


async def main(api_docs: Path) -> None:
    """Serve until killed."""
    runner = web.AppRunner(Replay(api_docs).application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1])))
