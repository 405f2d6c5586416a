"""The databases of the days: a new one for each, of this version and empty."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final, Literal, Protocol

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from tests.testbed.postgresql import FAST, Server, server

Kind = Literal["sqlite", "postgresql"]
SQLITE: Final = "sqlite"

_TEMPLATE: Final = "template"

SERVER_LIVES: Final = 60.0
"""Seconds of the run from the start of a server to its kill, where it is killed too."""


class Databases(Protocol):
    """Makes databases."""

    @property
    def kills(self) -> int:
        """How often their server was killed."""
        ...

    async def fresh(self, folder: Path) -> str:
        """The URL of a database for a day in this folder."""
        ...


class Files:
    """Files of SQLite. `folder` is for the first of them, of which the others are copies."""

    kills = 0

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        _prepare(Database.of_file(self._template))

    async def fresh(self, folder: Path) -> str:
        file = folder / "callcentre.db"
        shutil.copy(self._template, file)
        return Database.of_file(file).url


class OfServer:
    """Databases of a PostgreSQL server."""

    def __init__(self, running: Server) -> None:
        self._server = running
        self._numbers = count(1)
        self._one_by_one = asyncio.Lock()
        self.kills = 0
        _prepare(Database(running.make(_TEMPLATE)))

    async def fresh(self, folder: Path) -> str:  # noqa: ARG002
        # A template that is being copied cannot be copied a second time.
        async with self._one_by_one:
            return await asyncio.to_thread(self._server.make, f"day{next(self._numbers)}", _TEMPLATE)

    @asynccontextmanager
    async def killed(self) -> AsyncIterator[None]:
        """Within this context the server is killed with SIGKILL every now and then, and started again."""
        killing = asyncio.ensure_future(self._kills())
        try:
            yield
        finally:
            killing.cancel()
            with suppress(asyncio.CancelledError):
                await killing

    async def _kills(self) -> None:
        while True:
            await asyncio.sleep(SERVER_LIVES)
            async with self._one_by_one:
                await asyncio.shield(asyncio.to_thread(self._kill))

    def _kill(self) -> None:
        self.kills += 1
        self._server.stop(signal.SIGKILL)
        self._server.start()


def _prepare(database: Database) -> None:
    migrations.upgrade(database)


@contextmanager
def databases(kind: Kind, folder: Path) -> Iterator[Files | OfServer]:
    """The databases of one kind."""
    if kind == SQLITE:
        yield Files(folder)
        return
    # Each daemon has some connections, and many days go by side by side.
    with server({**FAST, "max_connections": "400"}) as running:
        yield OfServer(running)
