"""The daemon's life cycle: it starts and stops the kernel and everything that components declare, in order."""

from __future__ import annotations

import asyncio
import gc
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from callcentre.config.parts import FileShape
from callcentre.config.read import Configuration
from callcentre.kernel.clock import Clock, wall
from callcentre.kernel.component import Component, Components, Performs
from callcentre.kernel.component import build as build_components
from callcentre.kernel.damage import described
from callcentre.kernel.engine import Engine
from callcentre.kernel.errors import InUse, StoreError
from callcentre.kernel.event import SettingsChanged, Tick
from callcentre.kernel.hashed_people import HashedPeople
from callcentre.kernel.journal import FactLog
from callcentre.kernel.log_files import About, Change, LogReport
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.program import (
    CannotRun,
    ClockFollower,
    Detail,
    Health,
    Listener,
    Measured,
    NeedsRestart,
    Program,
    Reloaded,
    Resource,
    Stalls,
    Unready,
)
from callcentre.kernel.settings import LogSettings, NodeSettings, StoreSettings, database_of, log_file_of
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.kernel.settings_in_force.reload import Reload
from callcentre.kernel.store import Store
from callcentre.kernel.systemd import Systemd
from callcentre.kernel.timers import Timers, repeat

T = TypeVar("T")

diagnostics = structlog.get_logger(__name__)

TICK_SECONDS: Final = 1
STANDBY_SECONDS: Final = 0.5
"""Seconds from one look of a standby at the database to the next."""
STALE_TICK: Final = 5.0
"""Seconds without a committed tick, after which the daemon is not ready."""

_DRAIN_SECONDS: Final = 3.0
_HASH_KEY: Final = "hash_key"


def is_stale(committed: float | None, elapsed: float) -> bool:
    """Whether the last commit or batch is too long ago.

    Both are seconds of elapsed time. A commit in the future counts as stale.
    """
    return committed is None or not 0 <= elapsed - committed <= STALE_TICK


class Stopped(Exception):  # noqa: N818
    """The process was asked to stop before the daemon had begun."""


OWN: Final = Component(
    name="daemon",
    build=lambda _building: (
        NeedsRestart("node", lambda settings: settings.section(NodeSettings).node),
        NeedsRestart("store", lambda settings: settings.section(StoreSettings)),
        NeedsRestart("log", lambda settings: settings.section(LogSettings)),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitutes:
    """Parts that tests replace."""

    wall: Callable[[], datetime] = wall
    elapsed: Callable[[], float] = time.monotonic
    store: type[Store] = Store
    outbox: type[Outbox] = Outbox


class Daemon:
    """A running call centre: these components with one database.

    `interfaces` are those that components need besides the settings in force, people and the program. `systemd` gets
    the messages about how the daemon is.
    """

    def __init__(
        self,
        shape: FileShape,
        components: Iterable[Component],
        configuration: Configuration,
        *interfaces: object,
        substitutes: Substitutes | None = None,
        systemd: Systemd | None = None,
    ) -> None:
        self._shape = shape
        self._listed = tuple(components)
        self._configuration = configuration
        self._interfaces = interfaces
        self._systemd = systemd or Systemd()
        parts = substitutes or Substitutes()
        self._time = Clock(parts.wall, parts.elapsed)
        self._stopped = asyncio.Event()
        self._without_memory = False
        self._database = database_of(configuration)
        self._make_store = parts.store
        self._make_outbox = parts.outbox
        self._timers = Timers(lambda due: self.engine.submit(due), self._time.now)
        self._facts: FactLog | None = None
        self._components = Components()
        self._reload: Reload | None = None
        self._store: Store
        self._outbox: Outbox
        self.engine: Engine

    # --- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until the process is asked to stop. Raises `CannotRun`, and `MemoryError` when no memory is left."""
        async with AsyncExitStack() as stack:
            stack.callback(self._systemd.close)
            try:
                await self._begin(stack)
            except Stopped:
                return
            except (StoreError, OSError) as error:
                raise CannotRun(str(error)) from error
            except sa.exc.DatabaseError as error:
                raise CannotRun(described(self._database, error)) from error
            _collect_garbage_rarely()
            deciding = asyncio.create_task(self.engine.run(), name="engine")
            listening = [asyncio.ensure_future(listener.listen()) for listener in self._components.of(Listener)]
            stopping = asyncio.create_task(self._stopped.wait(), name="stop")
            self._timers.start()
            ticking = asyncio.create_task(repeat(TICK_SECONDS, self._tick), name="tick")
            diagnostics.info("daemon.started", config=str(self._configuration.path), database=str(self._database))
            try:
                await asyncio.wait((deciding, *listening, stopping), return_when=asyncio.FIRST_COMPLETED)
                for task in (deciding, *listening):
                    if task.done():
                        task.result()
                if self._without_memory:
                    raise MemoryError
            except StoreError as error:
                raise CannotRun(str(error)) from error
            finally:
                stopping.cancel()
                ticking.cancel()
                await self._end(deciding, listening)

    async def alone(self, work: Callable[[Components], Awaitable[T]]) -> T:
        """Decide and store for a command while the daemon does not run: no Asterisk, no texts, no timers.

        Raises `CannotRun`.
        """
        async with AsyncExitStack() as stack:
            self._store = Store(self._database)
            try:
                await self._store.open()
                await self._load(stack, alone=True)
            except InUse as error:
                await self._store.close()
                raise CannotRun(str(error)) from error
            except (StoreError, OSError) as error:
                raise CannotRun(str(error)) from error
            except sa.exc.DatabaseError as error:
                raise CannotRun(described(self._database, error)) from error
            deciding = asyncio.create_task(self.engine.run(), name="engine")
            try:
                return await work(self._components)
            finally:
                await self._end(deciding, ())

    async def _begin(self, stack: AsyncExitStack) -> None:
        self._store = await self._opened()
        await self._load(stack, alone=False)
        for resource in sorted(self._components.of(Resource), key=lambda each: each.last):
            await stack.enter_async_context(resource.open())

    async def _load(self, stack: AsyncExitStack, *, alone: bool) -> None:
        """Load what the open database has. `alone`: effects that concern what is outside stay stored."""
        stack.push_async_callback(self._store.close)
        settings = HeldSettings(self._configuration.settings)
        facts = self._facts = FactLog(log_file_of(self._configuration), settings.settings.section(LogSettings).format)
        stack.callback(facts.close)
        people = HashedPeople(settings, await self._hash_key())
        self._components = build_components(
            (*self._listed, OWN), settings, people, self._program(alone=alone), *self._interfaces
        )
        performs = [one for one in self._components.of(Performs) if one.effect.inside or not alone]
        performers: Mapping[type[Any], Any] = {one.effect: one.perform for one in performs}
        self._outbox = self._make_outbox(
            performers, lambda outcome, row: self.engine.report(outcome, row), self._time.now
        )
        self.engine = Engine(
            self._components,
            store=self._store,
            timers=self._timers,
            outbox=self._outbox,
            facts=facts,
            clock=self._time.now,
            stalled=self._stalled,
        )
        self._reload = Reload(
            self._shape,
            self._configuration,
            self._components,
            lambda new: self.engine.submit(SettingsChanged(at=self._time.now(), settings=new)),
        )
        await self.engine.load()
        diagnostics.info("store.opened", path=str(self._database), facts=self.engine.facts)

    async def _opened(self) -> Store:
        """The open database. While another daemon of this name has it, this one waits for its end as standby.

        Raises `StoreError`, and `Stopped` when the process is asked to stop meanwhile.
        """
        waits = False
        store = self._make_store(self._database)
        while True:
            try:
                await store.open()
            except InUse as error:
                if not waits:
                    waits = True
                    diagnostics.warning("daemon.standby", reason=f"{error}; or leave it: this one waits and takes over")
                self._systemd.ready("standby: another daemon of this name runs")
                self._systemd.alive()
                with suppress(TimeoutError):
                    async with asyncio.timeout(STANDBY_SECONDS):
                        await self._stopped.wait()
                if self._stopped.is_set():
                    await store.close()
                    raise Stopped from None
            else:
                if waits:
                    diagnostics.warning("daemon.takes_over", database=str(self._database), node=self._database.node)
                return store

    def _program(self, *, alone: bool) -> Program:
        return Program(
            alone=alone,
            submit=lambda event: self.engine.submit(event),
            settle=lambda event: self.engine.settle(event),
            settled=lambda: self.engine.settled(),
            backlog=lambda: self.engine.backlog,
            waited=lambda: self.engine.waited,
            health=self.health,
            collect=self.collect,
            clock=self._time.now,
            rewrite_log=self._rewrite_log,
            clean_database=lambda traces: self._store.clean(traces, at_any_size=alone),
            reload=self._reloaded,
            in_force=self._text_in_force,
            shape=self._shape.module,
            configuration=self._configuration.path,
            database=self._database,
        )

    async def _rewrite_log(self, caller: str, ids: frozenset[str], change: Change) -> LogReport:
        assert self._facts is not None  # noqa: S101 - it is opened before any effect
        return await self._facts.rewritten(About(caller, ids), change)

    async def _end(self, deciding: asyncio.Task[None], listening: Iterable[asyncio.Future[None]]) -> None:
        """Accept no more events from outside, finish what has begun, and store the rest."""
        self._systemd.stopping()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        if self._reload is not None:
            await self._reload.end()
        self._timers.stop()
        await self._end_effects(deciding)
        self.engine.stop()
        refused = asyncio.create_task(self.engine.refused(), name="refused")
        await asyncio.wait((deciding, refused), return_when=asyncio.FIRST_COMPLETED)
        # While the disk refuses writes, what is not stored was confirmed to nobody.
        for task in (deciding, refused):
            task.cancel()
        await asyncio.gather(deciding, refused, return_exceptions=True)
        diagnostics.info("daemon.stopped")

    async def _end_effects(self, deciding: asyncio.Task[None]) -> None:
        """Let what is decided take effect, and what follows from that, for a few seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                going = True
                while going:
                    if not deciding.done() and self.engine.counters.store_error is None:
                        await self.engine.settled()
                    going = len(self._outbox) > 0
                    await self._outbox.idle()
        await self._outbox.drain(0)

    async def _hash_key(self) -> bytes:
        """The secret for hashing numbers, created once for each database: a person has one hash on all daemons."""
        return bytes.fromhex(await self._store.shared_value(_HASH_KEY, secrets.token_hex(32)))

    def stop(self) -> None:
        """Stop in order: `run` returns."""
        self._stopped.set()

    def stop_without_memory(self) -> None:
        """Stop because the system gives no more memory: `run` raises `MemoryError`.

        Nothing could be relied on any more. A new start has what is on disk, and memory.
        """
        self._without_memory = True
        self._stopped.set()

    def reload(self) -> asyncio.Task[Reloaded] | None:
        """Reopen the log and read the configuration again; None while the daemon starts, with one just read."""
        if self._facts is None or self._reload is None:
            return None
        try:
            self._facts.reopen()
        except OSError as error:
            diagnostics.error("log.not_reopened", error=str(error))
        self._systemd.reloading()
        reading = self._reload.begin()
        reading.add_done_callback(lambda _reading: self._systemd.reloaded())
        return reading

    async def _reloaded(self) -> Reloaded:
        """Reload for somebody who waits for the outcome, and may stop waiting."""
        reading = self.reload()
        return Reloaded() if reading is None else await asyncio.shield(reading)

    def _text_in_force(self) -> str:
        return self._configuration.text if self._reload is None else self._reload.in_force.text

    # --- the clock -------------------------------------------------------------------------------

    def _tick(self) -> None:
        delta = self._time.look()
        if delta:
            for follower in self._components.of(ClockFollower):
                follower.stepped(delta)
            self.engine.clock_stepped(delta)
        self.engine.submit(Tick(at=self._time.now()))
        self._timers.wake()
        self._tell_systemd()

    def _tell_systemd(self) -> None:
        """The start is over with the first batch, or when the database refuses it: then the status says so.

        A database that refuses is no reason to restart: the daemon tries again, and a new one could not even start.
        Without Asterisk there is nothing to store, so batches count and not commits.
        """
        counters = self.engine.counters
        if counters.last_batch is None and counters.store_error is None:
            return
        self._systemd.ready("; ".join(self.reasons().values()) or "ready")
        if counters.store_error is not None or not is_stale(counters.last_batch, asyncio.get_running_loop().time()):
            self._systemd.alive()

    def _stalled(self, stalled: bool) -> None:
        for one in self._components.of(Stalls):
            one.stalled(stalled)

    # --- health and metrics ---------------------------------------------------------------------

    def reasons(self) -> dict[str, str]:
        """Why callers may not be sent through the daemon: a sentence by its word. Empty when they may."""
        reasons: dict[str, str] = {}
        counters = self.engine.counters
        if counters.store_error is not None:
            reasons["database"] = f"the database cannot be written: {counters.store_error}"
        for one in self._components.of(Unready):
            if (why := one.reason()) is not None:
                reasons[one.word] = why
        if not reasons and is_stale(counters.last_commit, asyncio.get_running_loop().time()):
            reasons["stalled"] = "nothing was stored for some seconds"
        return reasons

    def health(self) -> Health:
        """Whether callers may be sent through the daemon, and if not, why; with figures."""
        reasons = self.reasons()
        details = {one.name: one.figure() for one in self._components.of(Detail)}
        return Health(ready=not reasons, reasons=reasons, details=details | {"backlog": self.engine.backlog})

    def collect(self) -> Iterable[Metric]:
        """All metrics at this moment."""
        yield GaugeMetricFamily("callcentre_ready", "1 when callers may be sent through us", float(self.health().ready))
        yield from measured(self.engine, self._outbox, self._timers)
        for one in self._components.of(Measured):
            yield from one.collect()


def measured(engine: Engine, outbox: Outbox, timers: Timers) -> Iterable[Metric]:
    """The metrics of the kernel."""
    counters = engine.counters
    yield CounterMetricFamily("callcentre_events", "Events decided", counters.events)
    yield CounterMetricFamily("callcentre_commits", "Transactions", counters.commits)
    yield CounterMetricFamily("callcentre_commit_seconds", "Time spent in transactions", counters.commit_seconds)
    yield CounterMetricFamily("callcentre_clock_steps", "Times the wall clock was set", counters.clock_steps)
    yield CounterMetricFamily("callcentre_rule_errors", "Exceptions that rules raised", counters.rule_errors)
    yield GaugeMetricFamily("callcentre_backlog", "Events waiting to be decided", float(engine.backlog))
    yield GaugeMetricFamily("callcentre_effects", "Effects under way", float(len(outbox)))
    yield GaugeMetricFamily("callcentre_timers", "Timers set", float(len(timers)))
    facts = CounterMetricFamily("callcentre_facts", "Facts since the start, by name", labels=["event"])
    for name, count in sorted(counters.facts.items()):
        facts.add_metric([name], count)
    yield facts


def _collect_garbage_rarely() -> None:
    """Exclude everything loaded so far from later garbage collections, and collect less often.

    A full collection halts everything for a fifth of a second with some thousand callers, and Asterisk drops a client
    that does not read for a tenth. No collection runs before: with some thousand objects it would take a tenth of a
    second.
    """
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()
