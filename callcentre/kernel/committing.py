"""Commits what is decided, batch after batch, and lets it take effect afterwards.

One batch at a time is with the writer. What is decided meanwhile makes up the next one, so rules never wait for the
disk. Nothing that promises anything to anybody goes out before the batch behind it is on disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
import structlog

from callcentre.kernel.damage import advice
from callcentre.kernel.decision import Take
from callcentre.kernel.errors import InUse, Moved, Superseded
from callcentre.kernel.event import Event
from callcentre.kernel.outbox import Entry, Outbox
from callcentre.kernel.projection import Projection
from callcentre.kernel.store import PASSES, Store, Writes
from callcentre.kernel.unlogged import Unlogged

log = structlog.get_logger(__name__)

SPACING: Final = 0.05
"""Seconds from one commit to the next on a busy daemon. A commit costs the same for one call and for twenty."""

AT_ONCE: Final = 200
"""Commits that a daemon with little to do makes without a pause: what it knows is on disk as soon as possible."""

MANY_WAIT: Final = 32
"""Requests that are answered after the commit of the open batch. With so many of them it begins without its pause:
enough of them share it."""

LARGEST: Final = 5_000
"""Events that may be decided beyond what is on disk. Then deciding waits for the disk: memory is bounded."""

_RETRY_FIRST: Final = 0.1
_RETRY_MOST: Final = 2.0
"""Seconds between tries to commit while the database cannot be written."""

_MISTAKES_OF_OURS: Final = (
    sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError,
)  # fmt: skip
"""Trying again would not help: the daemon ends, and starts again from what is on disk."""


class Counters:
    """Figures of the engine, for the metrics."""

    def __init__(self) -> None:
        self.events = 0
        self.facts: dict[str, int] = {}
        self.commits = 0
        self.commit_seconds = 0.0
        self.rule_errors = 0
        self.store_error: str | None = None
        self.clock_steps = 0
        self.last_commit: float | None = None
        """Seconds on the loop's clock, which does not change when the wall clock is set."""
        self.last_batch: float | None = None
        """The same for the last batch, where a batch with nothing to store counts as well."""


@dataclass(slots=True)
class Batch:
    """What some events led to: what is stored together, and what waits for that."""

    writes: Writes = field(default_factory=Writes)
    effects: list[Entry] = field(default_factory=list)
    receipts: list[asyncio.Future[None]] = field(default_factory=list)
    events: int = 0

    def __bool__(self) -> bool:
        return bool(self.events or self.receipts or self.writes.settled)


class Committer:
    """Owns the batch that is decided now, `open`, and the one that is with the writer.

    `closed` is called when the open batch is closed, before it is written: it adds what rides along. `committed` is
    called once the batch is on disk. `decide` has an event decided before all that wait. `stalled` is called
    when the database begins to refuse, with True, and when it accepts again, with False.
    """

    def __init__(
        self,
        *,
        store: Store,
        outbox: Outbox,
        unlogged: Unlogged,
        projections: Sequence[Projection],
        closed: Callable[[Writes], None],
        committed: Callable[[Writes], None],
        decide: Callable[[Event], Awaitable[None]],
        stalled: Callable[[bool], None],
    ) -> None:
        self.counters = Counters()
        self.open = Batch()
        self._store = store
        self._outbox = outbox
        self._unlogged = unlogged
        self._projections = projections
        self._closed = closed
        self._committed = committed
        self._decide = decide
        self._stalled = stalled
        self._decided = asyncio.Event()
        self._many_wait = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self._stores = asyncio.Event()
        self._stores.set()
        self._refuses = asyncio.Event()
        self._lanes: Counter[str] = Counter()
        self._began = 0.0
        self._allowed: float = AT_ONCE
        self._counted = 0.0
        self._stop = False

    # --- what the engine does --------------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """An effect of the open batch.

        One that promises nothing goes out at once, unless an effect of its lane waits for a commit, or the database
        refuses.
        """
        effect = entry.effect
        may_go = effect.promises_nothing and entry.row is None and self.counters.store_error is None
        if may_go and effect.lane not in self._lanes:
            self._outbox.release(entry)
        else:
            self._lanes[effect.lane] += 1
            self.open.effects.append(entry)

    def decided(self) -> None:
        """The open batch holds something."""
        self._decided.set()
        if len(self.open.receipts) >= MANY_WAIT:
            self._many_wait.set()

    async def has_space(self) -> None:
        """Wait while too much is decided and not yet on disk, or the database refuses."""
        while self.open.events >= LARGEST or not self._stores.is_set():
            self._free.clear()
            await self._free.wait()

    async def stores(self) -> None:
        """Wait while the database refuses."""
        await self._stores.wait()

    async def refuses(self) -> None:
        """Wait until the database refuses."""
        await self._refuses.wait()

    # --- the loop --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Commit until `stop`, then what is left. Raises what a mistake of ours makes the database raise."""
        while not self._stop or self.open:
            await self._decided.wait()
            self._decided.clear()
            await self._spaced()
            await self.step()
        await self._commit(self._close())

    def stop(self) -> None:
        """Commit what is open, and return from `run`."""
        self._stop = True
        self._decided.set()
        self._many_wait.set()

    async def _spaced(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        # A token bucket: one commit is allowed for each SPACING, and up to AT_ONCE of them are saved.
        self._allowed = min(AT_ONCE, self._allowed + (now - self._counted) / SPACING) - 1
        self._counted = now
        if self._allowed < 0 and not self._stop:
            with suppress(TimeoutError):
                async with asyncio.timeout(-self._allowed * SPACING):
                    await self._many_wait.wait()
            # A commit that came early delays no later one.
            self._allowed, self._counted = 0, loop.time()

    async def step(self) -> None:
        """Close the open batch, commit it, and let its effects go."""
        # Also with nothing to store: while the database cannot be written, no effect may go out that depends on it.
        durable = self.open.writes.durable or self.counters.store_error is not None or not self._store.in_place()
        batch = self._close()
        lost = await self._commit(batch) if durable else []
        self.counters.last_batch = asyncio.get_running_loop().time()
        self._committed(batch.writes)
        for take in lost:
            if take.lost is not None:
                await self._decide(take.lost)
        for entry in batch.effects:
            lane = entry.effect.lane
            self._lanes[lane] -= 1
            if not self._lanes[lane]:
                del self._lanes[lane]
            self._outbox.release(entry)
        for receipt in batch.receipts:
            if not receipt.done():
                receipt.set_result(None)
        self._free.set()
        self._unlogged.add(batch.writes.journal)
        await self._unlogged.write()

    def _close(self) -> Batch:
        batch, self.open = self.open, Batch()
        self._many_wait.clear()
        for projection in self._projections:
            batch.writes.projected.extend(projection.take())
        self._closed(batch.writes)
        return batch

    async def _commit(self, batch: Batch) -> list[Take]:
        """Commit, however long the disk refuses: a decision is final. Returns the takes that found nothing left."""
        loop = asyncio.get_running_loop()
        self._began = loop.time()
        pause = 0.0
        failed = False
        lost: list[Take] | None = None
        while True:
            try:
                if lost is None and failed:
                    # The error of a commit may have come after it.
                    lost = await self._store.committed(batch.writes)
                if lost is None:
                    lost = await self._store.commit(batch.writes)
                if not self._store.in_place():
                    # The file was moved during the write: nothing is confirmed before it is back where a restart reads
                    # it.
                    await self._store.look()
                break
            except Superseded:
                raise
            except _MISTAKES_OF_OURS:
                # Unless a commit that was given up has just come through.
                lost = await self._store.committed(batch.writes) if failed else None
                if lost is None:
                    raise
            except PASSES as error:
                failed = True
                pause = await self.wait_for_database(error, pause)
        if self.counters.store_error is not None:
            self.counters.store_error = None
            log.warning("store.recovered", path=str(self._store.database))
            self._stalled(False)
            self._refuses.clear()
            self._stores.set()
            self._free.set()
        self.counters.commits += 1
        self.counters.commit_seconds += loop.time() - self._began
        self.counters.last_commit = loop.time()
        return lost

    async def wait_for_database(self, error: Exception, pause: float) -> float:
        """Wait before the next try, and give Asterisk back until one succeeds. Returns the pause after that.

        `pause` is in seconds, 0 before the first wait.
        """
        said = str(getattr(error, "orig", error))
        if self.counters.store_error is None:
            # The texts of our own errors say what to do.
            fix = {} if isinstance(error, Moved | InUse) else {"fix": advice(self._store.database, error)}
            log.error("store.write_failed", error=said, path=str(self._store.database), **fix)
            self._stalled(True)
            self._stores.clear()
            self._refuses.set()
        self.counters.store_error = said
        await asyncio.sleep(pause or _RETRY_FIRST)
        return min((pause or _RETRY_FIRST) * 2, _RETRY_MOST)
