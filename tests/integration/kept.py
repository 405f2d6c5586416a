"""A database and a log as an engine writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callcentre.kernel.database import Database
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import ReadQueue, RenewLease, Synchronise
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components


async def unheard(_effect: Effect) -> None:
    """Nobody is outside."""


async def kept(folder: Path, events: Sequence[Event]) -> tuple[Path, Path]:
    """Tell these events to an engine of its own; the SQLite database and the log that it wrote."""
    database, log = folder / "callcentre.db", folder / "facts.jsonl"
    await keep(Database.of_file(database), log, events)
    return database, log


async def keep(database: Database, log: Path, events: Sequence[Event]) -> None:
    """Tell these events to an engine of its own, which writes this database and this log."""
    store = Store(database)
    await store.open()
    facts = FactLog(log, "json")
    engine: Engine
    outbox = Outbox(
        dict.fromkeys((SendText, ReadQueue, Synchronise, RenewLease), unheard),
        lambda event, row: engine.report(event, row),
        lambda: NOON,
    )
    timers = Timers(lambda due: engine.submit(due), lambda: NOON)
    engine = Engine(
        components(World(settings=settings(), key=b"k" * 32)),
        store=store, timers=timers, outbox=outbox, facts=facts, clock=lambda: NOON,
    )  # fmt: skip
    await engine.load()
    for event in events:
        engine.submit(event)
    engine.stop()
    await engine.run()
    facts.close()
    await store.close()
