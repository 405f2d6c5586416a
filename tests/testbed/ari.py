"""As much of ARI as the test bed itself needs, on aiohttp, so that tests do not lean on the client they test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from tests.testbed.waiting import Background, Changes

_PATIENCE = aiohttp.ClientTimeout(total=20)


class AriError(Exception):
    """An answer other than 2xx. `status` is the HTTP status."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Ari:
    """REST calls and one event stream of an Asterisk. `url` is like http://127.0.0.1:8088/ari."""

    def __init__(self, url: str, username: str = "callcentre", password: str = "callcentre") -> None:
        self.url = url
        self._authorization = aiohttp.encode_basic_auth(username, password)
        self._session: aiohttp.ClientSession | None = None
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []
        self._background = Background()

    async def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(headers={"Authorization": self._authorization})
        return self._session

    async def request(self, method: str, path: str, json: Any = None, **query: str | int) -> Any:
        """The decoded answer of one call, None when it has no body. AriError unless it is 2xx."""
        session = await self._open()
        async with session.request(method, self.url + path, params=query, json=json, timeout=_PATIENCE) as response:
            body = await response.read()
            if response.status // 100 != 2:
                raise AriError(response.status, f"{method} {path} {query}: {response.status} {body.decode()}")
            return msgspec.json.decode(body) if body else None

    async def get(self, path: str, **query: str | int) -> Any:
        return await self.request("GET", path, **query)

    async def post(self, path: str, json: Any = None, **query: str | int) -> Any:
        return await self.request("POST", path, json, **query)

    async def delete(self, path: str, **query: str | int) -> Any:
        return await self.request("DELETE", path, **query)

    async def listen(self, app: str, on_text: Callable[[str], None], *, everything: bool = False) -> None:
        """Connect as `app` and call `on_text` with every event's JSON until `close`; returns when events flow.

        `everything`: all channels, bridges and endpoints, not only those in the application.
        """
        session = await self._open()
        socket = await session.ws_connect(f"{self.url}/events", params={"app": app}, max_msg_size=0)
        self._sockets.append(socket)
        self._background.start(_read(socket, on_text))
        if everything:
            # subscribeAll is ignored while the name of the application lives on from an earlier connection, and it
            # includes device states, with which Asterisk 22.10 may stop answering when a connection closes.
            await self.post(f"/applications/{app}/subscription", eventSource="channel:,bridge:,endpoint:")

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.close()
        self._sockets.clear()
        if self._session is not None:
            await self._session.close()
        await self._background.close()


async def _read(socket: aiohttp.ClientWebSocketResponse, on_text: Callable[[str], None]) -> None:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            on_text(message.data)


class _Event(msgspec.Struct):
    type: str


class Recorder:
    """Every raw ARI event of an Asterisk as a line of a file, as it came, under an application of its own.

    With `stamp` a line is {"received": seconds on the monotonic clock, "event": the event}; without, the event alone.
    """

    def __init__(self, url: str, file: Path, *, app: str = "recorder", stamp: bool = False) -> None:
        self.file = file
        self.count = 0
        self._app = app
        self._kinds: set[str] = set()
        self._changes = Changes()
        self._stamp = stamp
        self._ari = Ari(url)

    async def __aenter__(self) -> Recorder:
        self._out = self.file.open("a", encoding="utf-8")
        await self._ari.listen(self._app, self._write, everything=True)
        return self

    def _write(self, text: str) -> None:
        self.count += 1
        self._out.write(f'{{"received":{time.monotonic():.6f},"event":{text}}}\n' if self._stamp else f"{text}\n")
        self._kinds.add(msgspec.json.decode(text, type=_Event).type)
        self._changes.changed()

    async def event(self, kind: str, *, within: float = 5) -> None:
        """Wait until an event of this type has been recorded."""
        await self._changes.wait_for(
            lambda: kind in self._kinds, within=within, awaited=kind, seen=lambda: ", ".join(sorted(self._kinds))
        )

    async def __aexit__(self, *_: object) -> None:
        await self._ari.close()
        self._out.close()
