"""The owner of a connection, which notes what it hears."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from callcentre.telephony.ari import Client, Connection, ConnectionState, Phase
from tests.integration.telephony.ari.server import PATIENCE, MisbehavingAri

SUBSCRIBE = "POST /applications/callcentre/subscription"


FILTER = "PUT /applications/callcentre/eventFilter"


class Owner:
    """Owns a connection as the engine does: keeps what it is given, and synchronises when asked."""

    def __init__(self, ari: MisbehavingAri) -> None:
        self.ari = ari
        self.client = Client(ari.url, "callcentre", "callcentre")
        self.frames: list[bytes] = []
        self.states: asyncio.Queue[ConnectionState] = asyncio.Queue()
        self.synchronised = 0
        self.synchronising: Callable[[], Awaitable[object]] | None = None
        self.on_receive: Callable[[Any], None] | None = None
        self.arrived = asyncio.Event()
        self.delays: list[float] = []
        self.task: asyncio.Task[None] | None = None

    def connect(self, **options: Any) -> Connection:
        settings = {"sleep": self.sleep, "chance": lambda: 1.0} | options
        self.connection = Connection(
            self.client,
            "callcentre",
            receive=self.receive,
            synchronise=self.synchronise,
            state=self.states.put_nowait,
            **settings,
        )
        self.task = asyncio.create_task(self.connection.run())
        return self.connection

    @property
    def events(self) -> list[Any]:
        """The numbers of the events received."""
        return [json.loads(frame)["n"] for frame in self.frames]

    def receive(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.arrived.set()
        if self.on_receive is not None:
            self.on_receive(json.loads(frame)["n"])

    async def synchronise(self) -> None:
        self.synchronised += 1
        if self.synchronising is not None:
            await self.synchronising()

    async def sleep(self, delay: float) -> None:
        self.delays.append(delay)
        await asyncio.sleep(0)

    async def until(self, phase: Phase) -> ConnectionState:
        """The next state of this phase; those before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            while (state := await self.states.get()).phase is not phase:
                assert self.task is not None
        return state

    async def until_frames(self, count: int) -> list[bytes]:
        async with asyncio.timeout(PATIENCE):
            while len(self.frames) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.frames

    async def until_received(self, count: int) -> list[Any]:
        await self.until_frames(count)
        return self.events

    async def ended(self) -> None:
        """Wait for `run` to end, and raise what it raises."""
        assert self.task is not None
        await asyncio.wait_for(asyncio.shield(self.task), PATIENCE)


async def send(socket: web.WebSocketResponse, *numbers: Any, kind: str = "ChannelVarset") -> None:
    for number in numbers:
        await socket.send_str(json.dumps({"type": kind, "n": number}))
