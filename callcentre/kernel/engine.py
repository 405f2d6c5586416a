"""The way of every event: take it, decide, commit, release the effects.

Deciding never waits for the network. Events arrive by `submit` from everywhere, and are decided in memory in their
order. Meanwhile the batch decided before is committed (`committing.py`). Only after the commit are facts logged and
effects carried out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from msgspec.structs import replace

from callcentre.kernel import journal, schema
from callcentre.kernel.actor import Actor
from callcentre.kernel.committing import Committer
from callcentre.kernel.component import Components
from callcentre.kernel.damage import described
from callcentre.kernel.decision import CancelTimer, Decision, Put, SetTimer, Take
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.effect import Crash
from callcentre.kernel.errors import StoreError, Superseded
from callcentre.kernel.event import ClockStepped, EffectInterrupted, Event, TimerDue, WasOff
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import FactLog, HearsCommits
from callcentre.kernel.moments import STEP, moved
from callcentre.kernel.outbox import Entry, Outbox
from callcentre.kernel.projection import Projects
from callcentre.kernel.records import Unreadable
from callcentre.kernel.store import PASSES, Store, Writes
from callcentre.kernel.timers import Due, Timers
from callcentre.kernel.unlogged import Unlogged

log = structlog.get_logger(__name__)

SLICE = 500
"""Most events that are decided before other tasks run: the reader of Asterisk's events must not wait for long."""

LATE = 5.0
"""Seconds. A timer that is later than this, since the daemon was off or busy, is logged."""

_ENTRIES = 10_000
"""Most facts that are read from the journal at once, when the ledger lacks some."""

_ENTERED = "entered"
"""The number of the last fact in the ledger. Older databases have facts after it at first."""

_CLOCK = "clock"
"""When the database was last written, in seconds since 1970. An earlier time at the start: the clock was set back."""

_LONG_OFF = timedelta(minutes=10)
"""A daemon that was off for longer says so in its log: perhaps the clock was set forward meanwhile."""

_encode = msgspec.json.Encoder().encode


def by_actor(decisions: Sequence[Decision], actor: Actor) -> list[Decision]:
    """The decisions on an act, whose first fact says who did it. What follows from that fact is not an act."""
    for place, decision in enumerate(decisions):
        if decision.facts:
            first, *others = decision.facts
            first = replace(
                first,
                user=first.user or actor.user,
                organisation=actor.organisation,
                address=actor.address,
                why=actor.why,
            )
            return [*decisions[:place], replace(decision, facts=(first, *others)), *decisions[place + 1 :]]
    return list(decisions)


@dataclass(slots=True)
class _Arrival:
    event: Event | None
    settles: int | None = None
    receipt: asyncio.Future[None] | None = None


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
        self._store = store
        self._node = store.database.node
        self._timers = timers
        self._outbox = outbox
        self._clock = clock
        self._inbox: deque[_Arrival] = deque()
        self._arrived = asyncio.Event()
        self._dispatcher = Dispatcher(components, self._rule_failed)
        self._projections = [each.projection for each in components.of(Projects)]
        self._hear_commits = [each.hear for each in components.of(HearsCommits)]
        self._next_fact = 1
        self._next_effect = 1
        self._stop = False
        self._stepped: ClockStepped | None = None
        self._undecided = timedelta(0)
        self._unlogged = Unlogged(store, facts)
        self._committer = Committer(
            store=store,
            outbox=outbox,
            unlogged=self._unlogged,
            projections=self._projections,
            closed=self._batch_closed,
            committed=self._batch_committed,
            decide=self._decide_at_once,
            stalled=stalled,
        )
        self.counters = self._committer.counters

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
        await self._committer.stores()
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

    @property
    def waited(self) -> timedelta:
        """How long the oldest undecided event has waited."""
        event = self._inbox[0].event if self._inbox else None
        return timedelta(0) if event is None else self._clock() - event.at

    # --- start -----------------------------------------------------------------------------------

    async def load(self) -> None:
        """Load everything: records, timers, counters, and the effects that had not ended when the daemon stopped."""
        for kept in self._dispatcher.collections:
            if kept.table is not None:
                for record in await self._store.records(kept.table, kept.record):
                    kept.put(record)
        self._dispatcher.read_from(self._store.reader, self._store.reader)
        for row in await self._store.own_rows(schema.timers):
            if self._dispatcher.has_timer(row["key"]):
                self._timers.set(row["key"], row["due"], wall=row["wall"])
            else:
                log.warning("timer.unknown", key=row["key"], reason="no component of this version has it; it is kept")
        numbers = schema.journal.c
        latest = sa.select(sa.func.max(numbers.id).label("id")).where(numbers.node == self._node)
        # The latest facts may have been deleted, and their numbers are not given again.
        entered = int((await self._store.meta()).get(_ENTERED, 0))
        self._next_fact = max((await self._store.rows(latest))[0]["id"] or 0, entered) + 1
        await self._load_projections()
        await self._compare_clocks()
        await self._unlogged.begin_after(int((await self._store.meta()).get(journal.CURSOR, 0)))
        await self._recover()

    async def _load_projections(self) -> None:
        """Continue the projections where they were left, and add the facts that they lack."""
        for projection in self._projections:
            await projection.load(self._store.rows, self._node)
        entered = int((await self._store.meta()).get(_ENTERED, 0))
        while entered < self._next_fact - 1:
            numbers = schema.journal.c
            later = sa.select(schema.journal).where(numbers.node == self._node, numbers.id > entered)
            writes = Writes()
            for row in await self._store.rows(later.order_by(schema.journal.c.id).limit(_ENTRIES)):
                for projection in self._projections:
                    projection.feed_line(journal.line_of(row))
                entered = row["id"]
            writes.meta[_ENTERED] = str(entered)
            for projection in self._projections:
                writes.projected.extend(projection.take())
            await self._store.commit(writes)
            log.info("ledger.entered", facts=entered, of=self._next_fact - 1)

    async def _compare_clocks(self) -> None:
        """Find out whether the clock was set back while the daemon was off: the last write cannot be in the future.

        A clock that was set forward looks like a longer time off, and is treated as that.
        """
        written = (await self._store.meta()).get(_CLOCK)
        if written is None:
            return
        off = timedelta(seconds=self._clock().timestamp() - float(written))
        if off < -STEP:
            self.clock_stepped(off)
        elif off > _LONG_OFF:
            self.submit(WasOff(at=self._clock(), length=off))

    async def _recover(self) -> None:
        """Carry out the effects without a known outcome again, or report them as interrupted, as each class says."""
        at = self._clock()
        for row in sorted(await self._store.own_rows(schema.outbox), key=lambda row: row["id"]):
            self._next_effect = row["id"] + 1
            try:
                effect = self._outbox.read(row["effect"])
            except msgspec.MsgspecError as error:
                raise StoreError(described(self._store.database, error)) from error
            if effect is None:
                reason = "no component of this version carries it out; it is kept"
                log.warning("effect.unknown", row=row["id"], reason=reason)
            elif effect.on_crash is Crash.AT_LEAST_ONCE:
                self._outbox.release(Entry(effect, row["id"]))
            else:
                self.report(EffectInterrupted(at=at, effect=effect), row["id"])

    # --- the loop --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Decide and commit until `stop` is called, then the rest. Raises what ends either of the two."""
        committing = asyncio.create_task(self._committer.run(), name="commits")
        deciding = asyncio.create_task(self._decide_all(committing), name="decisions")
        try:
            await asyncio.wait((deciding, committing), return_when=asyncio.FIRST_EXCEPTION)
            for task in (deciding, committing):
                if task.done():
                    task.result()
        finally:
            deciding.cancel()
            committing.cancel()
            await asyncio.gather(deciding, committing, return_exceptions=True)

    async def refused(self) -> None:
        """Return when the database refuses."""
        await self._committer.refuses()

    def stop(self) -> None:
        """Decide the events that have arrived, commit, and return from `run`."""
        self._stop = True
        self._arrived.set()

    async def _decide_all(self, committing: asyncio.Task[None]) -> None:
        try:
            while self._inbox or not self._stop:
                if not self._inbox:
                    self._arrived.clear()
                    await self._arrived.wait()
                    continue
                await self._committer.has_space()
                for _ in range(min(SLICE, len(self._inbox))):
                    await self._decide(self._inbox.popleft())
                self._timers.arm()
                self._committer.decided()
                if self._inbox:  # Otherwise the wait for the next event lets other tasks run.
                    await asyncio.sleep(0)
        except BaseException:
            # The open batch may have half of what an event led to: it is never committed.
            committing.cancel()
            raise
        self._committer.stop()

    async def _decide(self, arrival: _Arrival) -> None:
        """Decide on an event. The open batch gets all that it leads to, or nothing of it yet."""
        event = arrival.event
        decisions: list[Decision] = []
        if isinstance(event, TimerDue) and not self._timers.take(event):
            event = None
        if isinstance(event, ClockStepped):
            self._move(event)
        if event is not None:
            decisions = await self._decisions(event)
        batch = self._committer.open
        batch.events += 1
        if arrival.settles is not None:
            batch.writes.settled.append(arrival.settles)
        if arrival.receipt is not None:
            batch.receipts.append(arrival.receipt)
        if event is None:
            return
        self.counters.events += 1
        if isinstance(event, TimerDue):
            self._timer_is_over(event)
        if event.actor is not None:
            decisions = by_actor(decisions, event.actor)
        for decision in decisions:
            self._take(decision, event.at)

    async def _decide_at_once(self, event: Event) -> None:
        """Decide on an event of our own before those that wait."""
        await self._decide(_Arrival(self._in_this_time(event)))
        self._timers.arm()
        self._committer.decided()

    async def _decisions(self, event: Event) -> list[Decision]:
        """What the rules decide, once they can read what they need."""
        pause = 0.0
        tried = False
        while True:
            try:
                return self._dispatcher.decide(event)
            except Unreadable as error:
                unreadable = error
            try:
                # The writer disconnects when a commit fails: that alone is no reason to wait.
                await self._store.connect_again()
                if tried:
                    pause = await self._committer.wait_for_database(unreadable, pause)
                tried = True
            except Superseded:
                raise
            except PASSES as error:
                pause = await self._committer.wait_for_database(error, pause)

    def _timer_is_over(self, event: TimerDue) -> None:
        self._committer.open.writes.timers[event.key] = None
        if event.late > LATE:
            log.info("timer.late", key=event.key, seconds=round(event.late, 3))

    def _move(self, step: ClockStepped) -> None:
        """Move every time that means an elapsed time with the clock."""
        self.counters.clock_steps += 1
        self._undecided -= step.delta
        log.warning("clock.stepped", seconds=round(step.delta.total_seconds(), 3))
        self._take(self._dispatcher.move(step.delta), step.at)
        self._committer.open.writes.timers.update(self._timers.move(step.delta))

    def _rule_failed(self, heard: Any, component: str, _mistake: Exception) -> None:
        """A mistake in one component must not cost callers their places."""
        self.counters.rule_errors += 1
        log.exception("rule.failed", heard=type(heard).__name__, component=component)

    def _take(self, decision: Decision, at: datetime) -> None:
        writes = self._committer.open.writes
        for change in decision.changes:
            table = self._dispatcher.table_of(change.record)
            if table is None:
                continue
            place = (table, change.record.key)
            if isinstance(change, Take):
                writes.takes.setdefault(place, []).append(change)
            else:
                # What is put was counted in memory, with what was taken before.
                writes.takes.pop(place, None)
                writes.records[place] = change.record if isinstance(change, Put) else None
        # The milliseconds of the log.
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        for fact in decision.facts:
            writes.journal.append(journal.stamp(fact, self._next_fact, at, self._node))
            for projection in self._projections:
                projection.feed(fact, self._next_fact, at)
            self._next_fact += 1
            self._count(fact)
        for rewrite in decision.rewrites:
            writes.rewrites.append(rewrite)
            for projection in self._projections:
                projection.rewritten(rewrite)
        for effect in decision.effects:
            if effect.on_crash is Crash.DROP:
                self._committer.take(Entry(effect))
            else:
                row = self._next_effect
                self._next_effect += 1
                writes.outbox.append({"id": row, "effect": _encode(effect).decode()})
                self._committer.take(Entry(effect, row))
        for timer in decision.timers:
            match timer:
                case SetTimer(what, due, wall):
                    key = what.key
                    self._timers.set(key, due, wall=wall)
                    writes.timers[key] = Due(due, wall)
                case CancelTimer(what):
                    key = what.key
                    if self._timers.cancel(key):
                        writes.timers[key] = None

    def _count(self, fact: Fact) -> None:
        self.counters.facts[fact.name] = self.counters.facts.get(fact.name, 0) + 1

    def _batch_closed(self, writes: Writes) -> None:
        """Have the single values written with a batch, and the records know that it is with the writer."""
        self._dispatcher.closed()
        writes.meta |= {
            journal.CURSOR: str(self._unlogged.logged), _ENTERED: str(self._next_fact - 1),
            # The records are still in this time.
            _CLOCK: str((self._clock() - self._undecided).timestamp()),
        }  # fmt: skip

    def _batch_committed(self, writes: Writes) -> None:
        """Have the records forget what the batch replaced, and pass the facts on."""
        self._dispatcher.committed(alone=self._store.alone)
        for hear in self._hear_commits:
            hear(writes.journal)
