"""Committed facts on their way to the log, which may refuse them for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
import structlog

from callcentre.kernel import schema
from callcentre.kernel.errors import StoreError
from callcentre.kernel.journal import Entry, FactLog, line_of
from callcentre.kernel.store import Store

diagnostics = structlog.get_logger(__name__)

LARGEST: Final = 10_000
"""Facts that may wait in memory. More are read from the journal once the log takes lines again, so many at once."""

_AGAIN: Final = 1.0
"""Seconds until the next try, when the log could not be written."""


class Unlogged:
    """The facts that are in the journal and not yet in the log. `logged` is the number of the last one that is."""

    def __init__(self, store: Store, log: FactLog) -> None:
        self._store = store
        self._log = log
        self._waiting: list[tuple[int, bytes]] = []
        """Numbers and lines."""
        self._behind = False
        self._again_at: float | None = None
        self.logged = 0

    def __len__(self) -> int:
        return len(self._waiting)

    async def begin_after(self, logged: int) -> None:
        """Log what an earlier run did not."""
        self.logged = logged
        self._behind = True
        await self.write()

    def add(self, entries: Iterable[Entry]) -> None:
        """Take facts that were committed."""
        if not self._behind:
            self._waiting.extend((entry.id, entry.line) for entry in entries)

    async def write(self) -> None:
        """Log the facts that wait. Lines that the log refuses are tried again once a second, and at the next start."""
        if len(self._waiting) > LARGEST:
            self._waiting.clear()
            self._behind = True
        now = asyncio.get_running_loop().time()
        if not (self._waiting or self._behind) or (self._again_at or 0) > now:
            return
        try:
            while self._behind:
                await self._read()
                self._write()
            self._write()
        except OSError as error:
            if self._again_at is None:
                diagnostics.error("log.write_failed", error=str(error))
            self._again_at = now + _AGAIN
            return
        except (StoreError, sa.exc.SQLAlchemyError):
            return  # The database cannot be read, which is reported elsewhere.
        if self._again_at is not None:
            self._again_at = None
            diagnostics.warning("log.recovered")

    async def _read(self) -> None:
        numbers = schema.journal.c
        later = (
            sa.select(schema.journal)
            .where(numbers.node == self._store.database.node, numbers.id > self.logged)
            .order_by(numbers.id)
        )
        rows = await self._store.rows(later.limit(LARGEST))
        self._waiting = [(row["id"], line_of(row)) for row in rows]
        self._behind = len(self._waiting) == LARGEST

    def _write(self) -> None:
        if self._waiting:
            self._log.write([line for _, line in self._waiting])
            self.logged, _ = self._waiting[-1]
            self._waiting.clear()
