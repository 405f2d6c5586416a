"""The one coroutine that every event goes through: take events, decide, commit once, release the effects.

It never waits for the network. Events arrive by `submit` from everywhere. A batch of them is decided in memory in their
order and committed in one transaction. Only then are facts logged and effects carried out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from callcentre.kernel import journal, schema
from callcentre.kernel.component import Components
from callcentre.kernel.damage import advice, described
from callcentre.kernel.decision import CancelTimer, Decision, Put, SetTimer
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.effect import Crash
from callcentre.kernel.event import ClockStepped, EffectInterrupted, Event, TimerDue
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import FactLog
from callcentre.kernel.moments import STEP, moved
from callcentre.kernel.outbox import Entry, Outbox
from callcentre.kernel.projection import Projects
from callcentre.kernel.records import Unreadable
from callcentre.kernel.store import Moved, Store, StoreError, Writes
from callcentre.kernel.timers import Due, Timers

log = structlog.get_logger(__name__)

BATCH = 500
"""Most events in one transaction. It limits how long the effects of the first event wait."""

LATE = 5.0
"""Seconds. A timer that is later than this, since the daemon was off or busy, is logged."""

_ENTRIES = 10_000
"""Most facts that are read from the journal at once, when the ledger or the log lacks some. Also the most lines that
wait in memory for the log."""

_LOG_AGAIN = 1.0
"""Seconds until the next try, when the log could not be written."""

_ENTERED = "entered"
"""The number of the last fact in the ledger. Older databases have facts after it at first."""

_CLOCK = "clock"
"""When the database was last written, in seconds since 1970. An earlier time at the start: the clock was set back."""

_RETRY_FIRST, _RETRY_MOST = 0.1, 2.0
"""Seconds between tries to commit while the database cannot be written."""

_MISTAKES_OF_OURS = (
    sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError,
)  # fmt: skip
"""Trying again would not help: the daemon ends, and starts again from what is on disk."""

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Arrival:
    event: Event | None
    settles: int | None = None
    receipt: asyncio.Future[None] | None = None


@dataclass(slots=True)
class _Batch:
    writes: Writes = field(default_factory=Writes)
    effects: list[Entry] = field(default_factory=list)
    receipts: list[asyncio.Future[None]] = field(default_factory=list)


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


class Engine:
    """Owns the state: only the engine changes the features' records and writes the database."""

    def __init__(
        self,
        components: Components,
        *,
        store: Store,
        timers: Timers,
        outbox: Outbox,
        facts: FactLog,
        clock: Callable[[], datetime],
        stalled: Callable[[bool], None] = lambda _stalled: None,
    ) -> None:
        self.counters = Counters()
        self._store = store
        self._timers = timers
        self._outbox = outbox
        self._facts = facts
        self._clock = clock
        self._stalled = stalled
        self._inbox: deque[_Arrival] = deque()
        self._arrived = asyncio.Event()
        self._stores = asyncio.Event()
        self._stores.set()
        self._dispatcher = Dispatcher(components, self._rule_failed)
        self._projections = [each.projection for each in components.of(Projects)]
        self._next_fact = 1
        self._next_effect = 1
        self._unlogged: list[dict[str, Any]] = []
        self._logged = 0
        self._log_is_behind = False
        self._log_again_at: float | None = None
        self._stop = False
        self._stepped: ClockStepped | None = None
        self._undecided = timedelta(0)

    # --- incoming events --------------------------------------------------------------------------

    def submit(self, event: Event) -> None:
        """Take an event; never waits."""
        self._inbox.append(_Arrival(self._in_this_time(event)))
        self._arrived.set()

    async def settle(self, event: Event) -> None:
        """Take an event and return when everything it led to is on disk.

        While the database cannot be written, the event is not taken yet: when the caller stops waiting, nothing has
        happened.
        """
        await self._stored(event)

    async def settled(self) -> None:
        """Return when everything decided so far is on disk."""
        await self._stored(None)

    async def _stored(self, event: Event | None) -> None:
        await self._stores.wait()
        event = None if event is None else self._in_this_time(event)
        receipt = asyncio.get_running_loop().create_future()
        self._inbox.append(_Arrival(event, receipt=receipt))
        self._arrived.set()
        await receipt

    def report(self, outcome: Event | None, row: int | None) -> None:
        """Take the outcome of an effect.

        Its row is deleted from the outbox in the same commit as the outcome's decision.
        """
        event = None if outcome is None else self._in_this_time(outcome)
        self._inbox.append(_Arrival(event, settles=row))
        self._arrived.set()

    def clock_stepped(self, delta: timedelta) -> None:
        """The clock was set by `delta`: every event that arrives from now on is in the new time."""
        self._timers.hold()
        event = ClockStepped(at=self._clock(), delta=delta)
        self.submit(event)
        self._stepped = event
        self._undecided += delta

    def _in_this_time(self, event: Event) -> Event:
        """An event from before a step of the clock, such as a reading of Asterisk, moved to the new time."""
        step = self._stepped
        if step is None or isinstance(event, ClockStepped):
            return event
        before = event.at < step.at if step.delta > timedelta(0) else event.at > self._clock()
        return moved(event, step.delta) if before else event

    @property
    def facts(self) -> int:
        """The number of facts in this database."""
        return self._next_fact - 1

    @property
    def backlog(self) -> int:
        """Events that wait to be decided."""
        return len(self._inbox)

    # --- start -----------------------------------------------------------------------------------

    async def load(self) -> None:
        """Load everything: records, timers, counters, and the effects that had not ended when the daemon stopped."""
        for kept in self._dispatcher.collections:
            if kept.table is not None:
                for record in await self._store.records(kept.table, kept.record):
                    kept.put(record)
        self._dispatcher.read_from(self._store.reader)
        for row in await self._store.rows(sa.select(schema.timers)):
            if self._dispatcher.has_timer(row["key"]):
                self._timers.set(row["key"], row["due"], wall=row["wall"])
            else:
                log.warning("timer.unknown", key=row["key"], reason="no component of this version has it; it is kept")
        latest = await self._store.rows(sa.select(sa.func.max(schema.journal.c.id).label("id")))
        self._next_fact = (latest[0]["id"] or 0) + 1
        await self._load_projections()
        await self._compare_clocks()
        await self._log_what_was_not()
        await self._recover()

    async def _load_projections(self) -> None:
        """Continue the projections where they were left, and add the facts that they lack."""
        for projection in self._projections:
            await projection.load(self._store.driver_rows)
        entered = int((await self._store.meta()).get(_ENTERED, 0))
        while entered < self._next_fact - 1:
            later = sa.select(schema.journal.c.id, schema.journal.c.line).where(schema.journal.c.id > entered)
            writes = Writes()
            for row in await self._store.rows(later.order_by(schema.journal.c.id).limit(_ENTRIES)):
                for projection in self._projections:
                    projection.feed_line(row["line"])
                entered = row["id"]
            writes.meta[_ENTERED] = str(entered)
            self._take_projections(writes)
            await self._store.commit(writes)
            log.info("ledger.entered", facts=entered, of=self._next_fact - 1)

    def _take_projections(self, writes: Writes) -> None:
        for projection in self._projections:
            writes.statements.extend(projection.take())

    async def _compare_clocks(self) -> None:
        """Find out whether the clock was set back while the daemon was off: the last write cannot be in the future.

        A clock that was set forward looks like a longer time off, and is treated as that.
        """
        written = float((await self._store.meta()).get(_CLOCK, 0))
        back = timedelta(seconds=self._clock().timestamp() - written)
        if back < -STEP:
            self.clock_stepped(back)

    async def _log_what_was_not(self) -> None:
        self._logged = int((await self._store.meta()).get(journal.CURSOR, 0))
        self._log_is_behind = True
        await self._write_log()

    async def _recover(self) -> None:
        """Carry out the effects without a known outcome again, or report them as interrupted, as each class says."""
        at = self._clock()
        for row in await self._store.rows(sa.select(schema.outbox).order_by(schema.outbox.c.id)):
            self._next_effect = row["id"] + 1
            try:
                effect = self._outbox.read(row["effect"])
            except msgspec.MsgspecError as error:
                raise StoreError(described(self._store.path, error)) from error
            if effect is None:
                reason = "no component of this version carries it out; it is kept"
                log.warning("effect.unknown", row=row["id"], reason=reason)
            elif effect.on_crash is Crash.AT_LEAST_ONCE:
                self._outbox.release(Entry(effect, row["id"]))
            else:
                self.report(EffectInterrupted(at=at, effect=effect), row["id"])

    # --- the loop --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Decide until `stop` is called, then decide the rest."""
        while self._inbox or not self._stop:
            if not self._inbox:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self.step()
        await self._commit(Writes(meta={journal.CURSOR: str(self._logged)}))

    def stop(self) -> None:
        """Decide the events that have arrived, commit, and return from `run`."""
        self._stop = True
        self._arrived.set()

    async def step(self) -> None:
        """One batch: decide, commit, release the effects."""
        batch = _Batch()
        for _ in range(min(BATCH, len(self._inbox))):
            arrival = self._inbox.popleft()
            if arrival.settles is not None:
                batch.writes.settled.append(arrival.settles)
            if arrival.receipt is not None:
                batch.receipts.append(arrival.receipt)
            if arrival.event is not None:
                await self._decide(arrival.event, batch)
        self._timers.arm()
        # Also with nothing to store: while the database cannot be written, no effect may go out that depends on it.
        if batch.writes.durable or self.counters.store_error is not None or not self._store.in_place():
            self._take_projections(batch.writes)
            await self._commit(batch.writes)
        self._dispatcher.committed()
        for entry in batch.effects:
            self._outbox.release(entry)
        for receipt in batch.receipts:
            if not receipt.done():
                receipt.set_result(None)
        if not self._log_is_behind:
            self._unlogged.extend(batch.writes.journal)
        await self._write_log()

    async def _decide(self, event: Event, batch: _Batch) -> None:
        self.counters.events += 1
        if isinstance(event, TimerDue):
            if not self._timers.take(event):
                return
            batch.writes.timers[event.key] = None
            if event.late > LATE:
                log.info("timer.late", key=event.key, seconds=round(event.late, 3))
        if isinstance(event, ClockStepped):
            self._move(event, batch)
        pause = _RETRY_FIRST
        while True:
            try:
                decisions = self._dispatcher.decide(event)
                break
            except Unreadable as error:
                pause = await self._wait_for_database(error, pause)
                with suppress(sa.exc.SQLAlchemyError, OSError):
                    await self._store.connect_again()
        for decision in decisions:
            self._take(decision, event.at, batch)

    def _move(self, step: ClockStepped, batch: _Batch) -> None:
        """Move every time that means an elapsed time with the clock, in the same commit as what follows."""
        self.counters.clock_steps += 1
        self._undecided -= step.delta
        log.warning("clock.stepped", seconds=round(step.delta.total_seconds(), 3))
        self._take(self._dispatcher.move(step.delta), step.at, batch)
        batch.writes.timers.update(self._timers.move(step.delta))

    def _rule_failed(self, heard: Any, component: str, _mistake: Exception) -> None:
        """A mistake in one component must not cost callers their places."""
        self.counters.rule_errors += 1
        log.exception("rule.failed", heard=type(heard).__name__, component=component)

    def _take(self, decision: Decision, at: datetime, batch: _Batch) -> None:
        writes = batch.writes
        for change in decision.changes:
            table = self._dispatcher.table_of(change.record)
            if table is not None:
                kept = change.record if isinstance(change, Put) else None
                writes.records[table, change.record.key] = kept
        for fact in decision.facts:
            stamped = journal.stamp(fact, self._next_fact, at)
            writes.journal.append(stamped)
            for projection in self._projections:
                projection.feed(fact, self._next_fact, at)
            self._next_fact += 1
            self._count(fact)
        for effect in decision.effects:
            if effect.on_crash is Crash.DROP:
                batch.effects.append(Entry(effect))
            else:
                row = self._next_effect
                self._next_effect += 1
                writes.outbox.append({"id": row, "effect": _encode(effect).decode()})
                batch.effects.append(Entry(effect, row))
        for timer in decision.timers:
            match timer:
                case SetTimer(what, due, wall):
                    key = what.key
                    self._timers.set(key, due, wall=wall)
                    writes.timers[key] = Due(due, wall)
                case CancelTimer(what):
                    key = what.key
                    self._timers.cancel(key)
                    writes.timers[key] = None

    def _count(self, fact: Fact) -> None:
        self.counters.facts[fact.name] = self.counters.facts.get(fact.name, 0) + 1

    async def _commit(self, writes: Writes) -> None:
        """Commit, however long the disk refuses: a decision is final, and no effect goes out before."""
        began = asyncio.get_running_loop().time()
        pause = _RETRY_FIRST
        writes.meta |= {
            journal.CURSOR: str(self._logged), _ENTERED: str(self._next_fact - 1),
            # The records are still in this time.
            _CLOCK: str((self._clock() - self._undecided).timestamp()),
        }  # fmt: skip
        stored = False
        while True:
            try:
                if not stored:
                    await self._store.commit(writes)
                    stored = True
                if not self._store.in_place():
                    # The file was moved during the write: nothing is confirmed before it is back where a restart reads
                    # it.
                    await self._store.look()
                break
            except _MISTAKES_OF_OURS:
                raise
            except (sa.exc.SQLAlchemyError, OSError) as error:
                pause = await self._wait_for_database(error, pause)
        if self.counters.store_error is not None:
            self.counters.store_error = None
            log.warning("store.recovered", path=str(self._store.path))
            self._stalled(False)
            self._stores.set()
        self.counters.commits += 1
        self.counters.commit_seconds += asyncio.get_running_loop().time() - began
        self.counters.last_commit = asyncio.get_running_loop().time()

    async def _wait_for_database(self, error: Exception, pause: float) -> float:
        """Wait before the next try, and give Asterisk back until one succeeds. Returns the pause after that."""
        said = str(getattr(error, "orig", error))
        if self.counters.store_error is None:
            # The text of `Moved` says what to do.
            fix = {} if isinstance(error, Moved) else {"fix": advice(self._store.path, error)}
            log.error("store.write_failed", error=said, path=str(self._store.path), **fix)
            self._stalled(True)
            self._stores.clear()
        self.counters.store_error = said
        await asyncio.sleep(pause)
        return min(pause * 2, _RETRY_MOST)

    async def _write_log(self) -> None:
        """Log what is committed. Lines that the log refuses are tried again once a second, and at the next start.

        At most `_ENTRIES` facts wait in memory. More are read from the journal once the log can be written again.
        """
        if len(self._unlogged) > _ENTRIES:
            self._unlogged.clear()
            self._log_is_behind = True
        now = asyncio.get_running_loop().time()
        if not (self._unlogged or self._log_is_behind) or (self._log_again_at or 0) > now:
            return
        try:
            while self._log_is_behind:
                await self._read_unlogged()
                self._log_unlogged()
            self._log_unlogged()
        except OSError as error:
            if self._log_again_at is None:
                log.error("log.write_failed", error=str(error))
            self._log_again_at = now + _LOG_AGAIN
            return
        except (StoreError, sa.exc.SQLAlchemyError):
            return  # The database cannot be read, which is reported elsewhere.
        if self._log_again_at is not None:
            self._log_again_at = None
            log.warning("log.recovered")

    async def _read_unlogged(self) -> None:
        later = sa.select(schema.journal).where(schema.journal.c.id > self._logged).order_by(schema.journal.c.id)
        self._unlogged = await self._store.rows(later.limit(_ENTRIES))
        self._log_is_behind = len(self._unlogged) == _ENTRIES

    def _log_unlogged(self) -> None:
        if self._unlogged:
            self._facts.write([row["line"] for row in self._unlogged])
            self._logged = self._unlogged[-1]["id"]
            self._unlogged.clear()
