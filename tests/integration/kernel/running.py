"""A running engine on a real SQLite file; what is outside notes what was on disk when an effect was carried out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from callcentre.features.reports.effects import MakeReport
from callcentre.kernel.component import Component, Components, build
from callcentre.kernel.database import Database
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, TextHandedOver
from callcentre.telephony.effects import ContinueCall, ReadQueue, RenewLease
from callcentre.telephony.events import Agents, Channel, QueueRead, QueueReading, Synchronised
from tests.cast import MATTI
from tests.testbed.databases import connected_to, database_in
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

GREET_ALL = {"services": {"support": {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}}}


shift = timedelta(0)
"""By how much the wall clock was set."""


def clock() -> datetime:
    return datetime.now(UTC) + shift


@dataclass
class Outside:
    """What effects meet: it notes what was on disk when each was carried out."""

    database: Database
    done: list[Effect] = field(default_factory=list)
    journal_then: list[int] = field(default_factory=list)
    broken: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def perform(self, effect: Effect) -> Event | None:
        with connected_to(self.database) as connection:
            self.journal_then.append(connection.execute(sa.text("select count(*) from journal")).scalar_one())
        self.done.append(effect)
        self.changed.set()
        match effect:
            case SendText():
                if self.broken:
                    raise ZeroDivisionError
                await self.gate.wait()
                return TextHandedOver(at=clock(), message=effect.message, outcome=Accepted())
            case ReadQueue():
                reading = QueueReading(
                    queue=effect.queue, waiting=1, places={1: "PJSIP/trunk-00000001"}, complete=True,
                    agents=Agents(ready=0, logged=0, count=0),
                )  # fmt: skip
                return QueueRead(at=clock(), asked=clock(), reading=reading)
            case _:
                return None

    async def has_done(self, kind: type[Effect], count: int = 1) -> list[Any]:
        async with asyncio.timeout(5):
            while len(found := [one for one in self.done if type(one) is kind]) < count:
                self.changed.clear()
                await self.changed.wait()
        return found


@dataclass
class Served:
    engine: Engine
    outside: Outside
    world: World
    store: Store
    folder: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "facts.jsonl").read_text().splitlines()]


@asynccontextmanager
async def served_in(
    folder: Path,
    *,
    crash: bool = False,
    stalled: Callable[[bool], None] = lambda _stalled: None,
    changes: Mapping[str, Any] = GREET_ALL,
    database: Database | None = None,
    more: Sequence[Component] = (),
) -> AsyncIterator[Served]:
    """A running engine; with `crash` it ends as by kill -9: nothing more is decided, written or logged.

    `database` is another one than that of the folder, `more` are components besides those of the program.
    """
    database = database or database_in(folder)
    store = Store(database)
    await store.open()
    outside = Outside(database)
    world = World(settings=settings(changes), key=b"k" * 32)
    kinds: tuple[type[Effect], ...] = (ContinueCall, MakeReport, ReadQueue, RenewLease, SendText)
    engine: Engine
    outbox = Outbox(dict.fromkeys(kinds, outside.perform), lambda event, row: engine.report(event, row), clock)
    timers = Timers(lambda due: engine.submit(due), clock)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = Components((*components(world).built, *build(more).built))
    world.nodes.name, world.nodes.shared = database.node, database.path is None
    engine = Engine(built, store=store, timers=timers, outbox=outbox, facts=facts, clock=clock, stalled=stalled)
    await engine.load()
    running = asyncio.create_task(engine.run())
    timers.start()
    try:
        yield Served(engine, outside, world, store, folder)
    finally:
        timers.stop()
        if crash:
            running.cancel()
        engine.stop()
        await outbox.drain(0 if crash else 1)
        await asyncio.gather(running, return_exceptions=True)
        facts.close()
        await store.close()


def caller(call: str = "1.1", number: str = MATTI) -> Synchronised:
    """A caller who waits in the queue when Asterisk is read."""
    channel = Channel(id=call, name="PJSIP/trunk-00000001", number=number, app="Queue", app_data="support")
    reading = QueueReading(queue="support", waiting=1, places={1: channel.name}, complete=True)
    return Synchronised(at=clock(), asked=clock(), channels=(channel,), readings=(reading,), variables={}, talking={})
