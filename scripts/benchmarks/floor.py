"""The least that a client of ARI does for callers: `python -m scripts.benchmarks.floor ARI_URL APP FILTER`.

It reads every event, renews the lease once a second, and lets each caller go on into the queue at once. Nothing is
stored and nothing decided. It prints how many callers it saw and how often it connected, each second.

FILTER is a JSON list of the event types that it wants.
"""

from __future__ import annotations

import asyncio
import sys
import time

import aiohttp
import msgspec

from callcentre.telephony.ari.connection import EVENT_SOURCES
from callcentre.telephony.lease import model as lease

USER = aiohttp.BasicAuth("callcentre", "callcentre")


class _Channel(msgspec.Struct):
    id: str = ""
    name: str = ""
    state: str = ""


class _Event(msgspec.Struct):
    type: str
    timestamp: str = ""
    channel: _Channel | None = None


_decode = msgspec.json.Decoder(_Event).decode


class Floor:
    """One client."""

    def __init__(self, url: str, app: str, wanted: list[str]) -> None:
        self._url = url
        self._app = app
        self._wanted = wanted
        self._seen = 0
        self._connections = 0
        self._going_on: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connect again and again."""
        async with aiohttp.ClientSession(auth=USER, connector=aiohttp.TCPConnector(limit=100)) as self._session:
            every_second = asyncio.create_task(self._every_second())
            try:
                while True:
                    try:
                        await self._read()
                    except aiohttp.ClientError as error:
                        print(f"lost: {error}", file=sys.stderr, flush=True)
                        await asyncio.sleep(0.1)
            finally:
                every_second.cancel()

    async def _read(self) -> None:
        async with self._session.ws_connect(f"{self._url}/events?app={self._app}", max_msg_size=0) as socket:
            self._connections += 1
            await self._post(f"/applications/{self._app}/subscription?eventSource={','.join(EVENT_SOURCES)}")
            allowed = {"allowed": [{"type": kind} for kind in self._wanted]}
            async with self._session.put(f"{self._url}/applications/{self._app}/eventFilter", json=allowed) as answer:
                await answer.read()
            async for frame in socket:
                event = _decode(frame.data)
                if event.type == "StasisStart" and event.channel is not None:
                    self._seen += 1
                    task = asyncio.create_task(self._post(f"/channels/{event.channel.id}/continue"))
                    self._going_on.add(task)
                    task.add_done_callback(self._going_on.discard)

    async def _post(self, path: str) -> None:
        async with self._session.post(self._url + path) as answer:
            await answer.read()

    async def _every_second(self) -> None:
        while True:
            until = lease.value_of(int(time.time()) + lease.SECONDS)
            await self._post(f"/asterisk/variable?variable={lease.VARIABLE}&value={until}")
            print(f"{self._seen} {self._connections}", flush=True)
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(Floor(sys.argv[1], sys.argv[2], msgspec.json.decode(sys.argv[3], type=list[str])).run())
