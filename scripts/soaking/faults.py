"""What goes wrong during a run: one fault after the other, at moments and in an order that follow from a seed."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.soaking.gateway import Mood, MoodyGateway
from scripts.soaking.people import NOT_NOW, People
from tests.testbed.bed import Bed
from tests.testbed.daemon import Daemon
from tests.testbed.postgresql import Server
from tests.testbed.wire import Wire

BETWEEN: Final = (15.0, 45.0)
"""Seconds from the end of a fault to the next one."""

QUIET_AT_END: Final = 60.0
"""The last fault begins so many seconds before the end of the load at the latest."""

_RECOVERS_WITHIN: Final = 90.0
_CONNECTIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault from its beginning until the daemon was ready again, in seconds since the epoch."""

    name: str
    began: float
    ended: float
    recovered: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind. `weight` is how often it comes beside the others."""

    name: str
    weight: int
    happens: Callable[[], Awaitable[None]]


class Faults:
    """All kinds, and what has happened."""

    def __init__(
        self,
        bed: Bed,
        wire: Wire,
        gateway: MoodyGateway,
        daemon: Daemon,
        people: People,
        chance: random.Random,
        database: Path | Server,
        reconfigure: Callable[[], None],
        wall: Callable[[], float],
    ) -> None:
        self._bed = bed
        self._wire = wire
        self._gateway = gateway
        self._daemon = daemon
        self._people = people
        self._chance = chance
        self._database = database
        self._reconfigure = reconfigure
        self._wall = wall
        self.happened: list[Happened] = []
        self.now: str | None = None

    def kinds(self) -> Sequence[Fault]:
        """What there is for this database."""
        of_both = (
            Fault("Asterisk killed", 2, self._asterisk_killed),
            Fault("Asterisk reads everything again", 1, self._asterisk_reloads),
            Fault("Asterisk frozen", 2, self._asterisk_frozen),
            Fault("connection to Asterisk cut", 4, self._connection_cut),
            Fault("connection to Asterisk silent", 2, self._connection_silent),
            Fault("daemon frozen", 2, self._daemon_frozen),
            Fault("gateway refuses", 3, lambda: self._gateway_is(Mood.REFUSES, 5, 40)),
            Fault("gateway slow", 2, lambda: self._gateway_is(Mood.SLOW, 5, 25)),
            Fault("gateway answers nonsense", 2, lambda: self._gateway_is(Mood.GARBAGE, 5, 15)),
            Fault("gateway breaks connections", 2, lambda: self._gateway_is(Mood.BREAKS, 5, 15)),
            Fault("settings changed", 3, self._settings_changed),
            Fault("many idle connections", 2, self._idle_connections),
            Fault("many texts from phones", 2, self._many_texts),
        )
        if isinstance(self._database, Server):
            return (*of_both, Fault("PostgreSQL restarted", 2, lambda: self._server_restarted(signal.SIGINT)),
                    Fault("PostgreSQL killed", 2, lambda: self._server_restarted(signal.SIGKILL)))  # fmt: skip
        return (*of_both, Fault("database locked", 3, self._database_locked), Fault("disk full", 2, self._disk_full))

    async def keep_happening(self, seconds: float) -> None:
        """One after the other, for so many seconds. Each kind comes once before any comes as often as its weight."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds - QUIET_AT_END
        kinds = self.kinds()
        order: list[Fault] = []
        while True:
            await asyncio.sleep(self._chance.uniform(*BETWEEN))
            if loop.time() > ends:
                return
            if not order:
                # All kinds in one order, then what comes more often in another one.
                more = [fault for fault in kinds for _ in range(fault.weight - 1)]
                order = self._chance.sample(more, len(more)) + self._chance.sample(kinds, len(kinds))
            await self._let_happen(order.pop())

    async def _let_happen(self, fault: Fault) -> None:
        began = self._wall()
        self.now = fault.name
        recovered = True
        try:
            await fault.happens()
            await self._daemon.ready(within=_RECOVERS_WITHIN)
        except Exception as error:
            recovered = False
            print(f"  after the fault '{fault.name}': {error!r}", flush=True)
        self.now = None
        self.happened.append(Happened(fault.name, began, self._wall(), recovered))

    # --- Asterisk -------------------------------------------------------------------------------------

    async def _asterisk_killed(self) -> None:
        for visit in self._people.visits:
            if not visit.is_over:
                visit.cut = True
        await self._bed.pbx.kill()
        await asyncio.sleep(self._chance.uniform(0, 4))
        # The phones hear nothing of it: their halves of the calls stay until somebody puts them down.
        ari = self._bed.network.ari
        for channel in await ari.get("/channels"):
            with suppress(*NOT_NOW):
                await ari.delete(f"/channels/{channel['id']}")
        await self._bed.pbx.start(within=60)
        await self._people.log_on()

    async def _asterisk_reloads(self) -> None:
        await self._bed.pbx.reload()

    async def _asterisk_frozen(self) -> None:
        self._bed.pbx.process.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(self._chance.uniform(1, 6))
        finally:
            self._bed.pbx.process.signal(signal.SIGCONT)

    async def _connection_cut(self) -> None:
        self._wire.cut()
        await asyncio.sleep(self._chance.uniform(0, 8))
        self._wire.repair()

    async def _connection_silent(self) -> None:
        self._wire.fall_silent()
        await asyncio.sleep(self._chance.uniform(2, 15))
        self._wire.repair()

    # --- the gateway ----------------------------------------------------------------------------------

    async def _gateway_is(self, mood: Mood, least: float, most: float) -> None:
        self._gateway.mood = mood
        await asyncio.sleep(self._chance.uniform(least, most))
        self._gateway.mood = Mood.TAKES

    async def _many_texts(self) -> None:
        for _ in range(10):
            self._people.strangers_write(50)
            await asyncio.sleep(0.5)

    # --- the daemon -----------------------------------------------------------------------------------

    async def _daemon_frozen(self) -> None:
        self._daemon.freeze()
        try:
            await asyncio.sleep(self._chance.uniform(1, 6))
        finally:
            self._daemon.thaw()

    async def _settings_changed(self) -> None:
        self._reconfigure()
        self._daemon.reload()
        await asyncio.sleep(2)

    async def _idle_connections(self) -> None:
        host, port = self._daemon.url.removeprefix("http://").split(":")
        writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(_CONNECTIONS)]
        await asyncio.sleep(self._chance.uniform(2, 10))
        for writer in writers:
            writer.close()

    # --- the database ---------------------------------------------------------------------------------

    async def _database_locked(self) -> None:
        assert isinstance(self._database, Path)
        other = sqlite3.connect(self._database, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(self._chance.uniform(1, 10))
            other.execute("ROLLBACK")
        finally:
            other.close()

    async def _disk_full(self) -> None:
        self._daemon.fill_disk()
        try:
            await asyncio.sleep(self._chance.uniform(1, 6))
        finally:
            self._daemon.free_disk()

    async def _server_restarted(self, number: signal.Signals) -> None:
        server = self._database
        assert isinstance(server, Server)
        await asyncio.to_thread(server.stop, number)
        await asyncio.sleep(self._chance.uniform(0, 8))
        await asyncio.to_thread(server.start)
