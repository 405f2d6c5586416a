"""Two daemons on one PostgreSQL: what they count together keeps its limit, and no count is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel.component import Building, Component, build, on
from callcentre.kernel.database import Database
from callcentre.kernel.decision import NOTHING, Change, Decision, Put, Take
from callcentre.kernel.effect import Crash, Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.store import Store, Writes
from callcentre.kernel.timers import Timers
from tests.testbed.databases import database_of_server

DAY, PERSON = "2026-06-03", "matti"


class Asked(Event, frozen=True, kw_only=True):
    """Something that is counted is to happen; `guarded` says how it is counted."""

    limit: int
    guarded: bool = True


class NoneLeft(Event, frozen=True, kw_only=True):
    """The other daemon has taken the last one."""


class Do(Effect, frozen=True, tag="do"):
    """What is counted happens."""

    @property
    def lane(self) -> str:
        return "do"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE


@dataclass
class Counting:
    """A component that counts before it does something."""

    bounds: Bounds = field(default_factory=Bounds)
    seen: list[str] = field(default_factory=list)

    def built(self, _building: Building) -> Iterable[Any]:
        return self.bounds.counts, on(Asked, self.asked), on(NoneLeft, self.none_left)

    def asked(self, event: Asked, at: datetime) -> Decision:
        counted: Change | None = self.bounds.take("calls", PERSON, DAY, event.limit, NoneLeft(at=at))
        if counted is None:
            self.seen.append("denied")
            return NOTHING
        return Decision(changes=(counted if event.guarded else Put(counted.record),), effects=(Do(),))

    def none_left(self, _event: NoneLeft, _at: datetime) -> Decision:
        self.seen.append("lost")
        return NOTHING


@dataclass
class Node:
    engine: Engine
    counting: Counting

    async def ask(self, limit: int, times: int = 1, *, guarded: bool = True) -> None:
        """Decide on so many requests in one transaction."""
        events = [Asked(at=now(), limit=limit, guarded=guarded) for _ in range(times)]
        for event in events[:-1]:
            self.engine.submit(event)
        await self.engine.settle(events[-1])

    def used(self) -> int:
        return self.counting.bounds.used("calls", PERSON, DAY)


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def node(folder: Path, database: Database) -> AsyncIterator[Node]:
    store, counting = Store(database), Counting()
    await store.open()
    engine: Engine

    async def do(_effect: Do) -> None:
        counting.seen.append("done")

    outbox = Outbox({Do: do}, lambda event, row: engine.report(event, row), now)
    facts = FactLog(folder / f"{database.node}.jsonl", "json")
    engine = Engine(
        build((Component(name="counting", build=counting.built),)), store=store,
        timers=Timers(lambda due: engine.submit(due), now), outbox=outbox, facts=facts, clock=now,
    )  # fmt: skip
    await engine.load()
    running = asyncio.create_task(engine.run())
    try:
        yield Node(engine, counting)
        await outbox.idle()
    finally:
        engine.stop()
        await running
        facts.close()
        await store.close()


@asynccontextmanager
async def two_nodes(folder: Path) -> AsyncIterator[tuple[Node, Node]]:
    """Two daemons that have both read that nothing is counted yet."""
    url = database_of_server()
    async with node(folder, Database(url, "north")) as north, node(folder, Database(url, "south")) as south:
        assert (north.used(), south.used()) == (0, 0)
        yield north, south


@pytest.mark.parametrize(
    ("guarded", "limit", "used", "seen"),
    [
        (True, 2, 2, ["done"]),
        (True, 1, 1, ["lost", "done"]),
        # Without the guard both take the same one: the count is wrong, and so is the limit.
        (False, 2, 1, ["done"]),
        (False, 1, 1, ["done"]),
    ],
)
async def test_two_daemons_that_count_at_the_same_time_keep_the_limit(
    tmp_path: Path, *, guarded: bool, limit: int, used: int, seen: list[str]
) -> None:
    async with two_nodes(tmp_path) as (north, south):
        await north.ask(limit, guarded=guarded)
        await south.ask(limit, guarded=guarded)
        assert south.used() == used
    assert north.counting.seen == ["done"]
    assert south.counting.seen == seen, "what is lost is decided before anything goes out"


async def test_what_is_lost_is_known_although_the_confirmation_of_the_commit_did_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Store.commit
    broken: list[Store] = []

    async def breaks(store: Store, writes: Writes) -> list[Take]:
        lost = await commit(store, writes)
        if writes.takes and not broken:
            broken.append(store)
            raise sa.exc.OperationalError("COMMIT", None, Exception("the connection was lost"))
        return lost

    async with two_nodes(tmp_path) as (north, south):
        await north.ask(1)
        monkeypatch.setattr(Store, "commit", breaks)
        await south.ask(1)
    assert south.counting.seen == ["lost", "done"]


async def test_of_several_in_one_transaction_as_many_are_counted_as_are_left(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as (north, south):
        await north.ask(5, times=3)
        await south.ask(5, times=4)
        assert south.used() == 5
    assert south.counting.seen[:2] == ["lost", "lost"]
    async with node(tmp_path, Database(database_of_server(), "alone")) as alone:
        await alone.ask(5, times=7)
        assert alone.used() == 5
    assert sorted(alone.counting.seen) == ["denied"] * 2 + ["done"] * 5


async def test_a_count_is_added_on_a_file_as_on_a_server(tmp_path: Path) -> None:
    async with node(tmp_path, Database.of_file(tmp_path / "callcentre.db")) as alone:
        await alone.ask(3, times=2)
        with sa.create_engine(f"sqlite:///{tmp_path / 'callcentre.db'}").begin() as other:
            other.execute(sa.text("UPDATE bounds SET used = 3"))
        await alone.ask(3)
        with sa.create_engine(f"sqlite:///{tmp_path / 'callcentre.db'}").connect() as other:
            assert other.execute(sa.text("SELECT used FROM bounds")).scalars().all() == [3]
    assert alone.counting.seen == ["done", "done", "lost", "done"]
