"""Reads what is stored, for pages: beside the engine, in threads, and each visitor only what is theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.ownership import Reach

# SQLAlchemy is imported with the first read: no start waits for it.
if TYPE_CHECKING:
    from callcentre.kernel.page_reads.connections import Connections
    from callcentre.kernel.page_reads.scoping import Reading

THREADS: Final = 4
"""Reads at the same time. Others wait for one of them to end."""

LONGEST: Final = 2.0
"""Seconds that one read may take."""

_PATIENCE: Final = 5.0
"""Seconds that a page waits, the time before its read begins included."""

_T = TypeVar("_T")
Rows = list[dict[str, Any]]

diagnostics = structlog.get_logger(__name__)


class Reads:
    """Reads of the pages. They see what is committed, and never wait for the engine."""

    def __init__(self, database: Database, longest: float = LONGEST) -> None:
        self._database = database
        self._longest = longest
        self._threads: ThreadPoolExecutor | None = None
        self._connections: Connections | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Reads are possible within this context. The first of them connects."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page-read")
        try:
            yield
        finally:
            threads, self._threads = self._threads, None
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)
            if self._connections is not None:
                self._connections.close()
                self._connections = None

    async def rows(self, reach: Reach, statement: Reading) -> Rows:
        """The rows of a statement within a reach, by the names of their columns.

        Raises `StoreError`, and `Unscoped` for a statement that is a mistake.
        """
        (rows,) = await self.all(reach, [statement])
        return rows

    async def all(self, reach: Reach, statements: Iterable[Reading]) -> list[Rows]:
        """The rows of each statement, at one moment. Raises what `rows` raises."""
        given = list(statements)

        def read(connections: Connections, until: float) -> list[Rows]:
            # In the thread: it takes some milliseconds, for which the loop would decide nothing.
            from callcentre.kernel.page_reads.scoping import scoped

            return connections.read([scoped(statement, reach) for statement in given], reach, until)

        return await self._read(read)

    async def rows_of_everybody(self, reason: str, statement: Reading) -> Rows:
        """The rows of a statement, whosever they are: for what the program does itself, never for what a visitor asks.

        `reason` says what it is for. Raises `StoreError`.
        """
        diagnostics.debug("rows of everybody are read", reason=reason)
        (rows,) = await self._read(lambda connections, until: connections.read([statement], None, until))
        return rows

    async def _read(self, read: Callable[[Connections, float], _T]) -> _T:
        if self._threads is None:
            raise StoreError(f"{self._database}: pages cannot read it now, because the daemon starts or stops")
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_thread, read)
        except TimeoutError:
            raise StoreError(
                f"{self._database}: {THREADS} reads of pages go on at the same time, and none of them has ended within "
                f"{_PATIENCE:g} s; try again"
            ) from None

    def _in_thread(self, read: Callable[[Connections, float], _T]) -> _T:
        from callcentre.kernel.page_reads.connections import Connections

        # Two threads may both make one at the first read. Nothing is open in the one that loses.
        connections = self._connections = self._connections or Connections(self._database, THREADS)
        return read(connections, time.monotonic() + self._longest)
