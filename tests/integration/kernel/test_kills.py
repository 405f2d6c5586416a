"""An engine that is killed again and again, at any commit and in the middle of effects: the disk, the log and what is
outside agree afterwards.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from callcentre.kernel import schema
from callcentre.kernel.component import Component, build, on
from callcentre.kernel.decision import Decision, Put, Rewrite, SetTimer, Take
from callcentre.kernel.effect import Crash, Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import EffectInterrupted, Event
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import FactLog, line_of
from callcentre.kernel.limits.model import Count
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.projection import Projects, Rows, TableRows
from callcentre.kernel.reader import Reader
from callcentre.kernel.records import Records, Unreadable
from callcentre.kernel.store import Store, Writes
from callcentre.kernel.timer import Timer
from callcentre.kernel.timers import Timers
from tests.testbed.databases import connected, database_in

PEOPLE = 3
ORDERS = 15


class Ordered(Fact, frozen=True, tag="test.ordered"):
    """An order was taken; `message` is its number, as in the other facts."""


class Delivered(Fact, frozen=True, tag="test.delivered"):
    """It was delivered, or perhaps not."""

    known: bool


class Reminded(Fact, frozen=True, tag="test.reminded"):
    """Its timer fell due."""


class Tell(Effect, frozen=True, tag="test_tell"):
    """Must not happen twice."""

    order: int

    @property
    def lane(self) -> str:
        return f"person {self.order % PEOPLE}"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE


class Must(Tell, frozen=True, tag="test_must"):
    """Must happen."""

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_LEAST_ONCE


class Say(Tell, frozen=True, tag="test_say"):
    """Said to somebody who is on the line."""

    @property
    def on_crash(self) -> Crash:
        return Crash.DROP


class Look(Say, frozen=True, tag="test_look"):
    """A question to the outside."""

    @property
    def promises_nothing(self) -> bool:
        return True


class Remind(Timer, frozen=True, tag="test_remind"):
    order: int


class Order(Event, frozen=True, kw_only=True):
    order: int
    fails: bool = False


class Outcome(Event, frozen=True, kw_only=True):
    order: int


class Tally:
    """A projection: the number of the facts, and their sum, in one row."""

    def __init__(self) -> None:
        self.facts = self.sum = 0
        self._changed = False

    async def load(self, rows: Rows, _node: str) -> None:
        for row in await rows(sa.select(schema.meta.c.value).where(schema.meta.c.key == "tally")):
            self.facts, self.sum = json.loads(row["value"])

    def feed(self, _fact: Fact, number: int, _at: datetime) -> None:
        self._add(number)

    def feed_line(self, line: bytes) -> None:
        self._add(json.loads(line)["id"])

    def _add(self, number: int) -> None:
        self.facts += 1
        self.sum += number
        self._changed = True

    def rewritten(self, _rewrite: Rewrite) -> None:
        pass

    def take(self) -> Iterable[TableRows]:
        if self._changed:
            self._changed = False
            yield schema.meta, [("tally", json.dumps([self.facts, self.sum]))]


class Shop:
    """A component that uses everything that the kernel stores."""

    def __init__(self) -> None:
        self.counts = Records(Count, table="bounds", indexes=("day",), cached=1)
        self.tally = Tally()
        self.component = Component(
            name="shop",
            build=lambda _building: (
                self.counts,
                Projects(self.tally),
                on(Order, self.ordered),
                on(Outcome, self.delivered),
                on(EffectInterrupted, self.interrupted),
                on(Remind, self.reminded),
            ),
        )
        self.other = Component(name="other", build=lambda _building: (on(Order, self.fails),))

    def ordered(self, event: Order, at: datetime) -> Decision:
        n, person = event.order, str(event.order % PEOPLE)
        before = self.counts.get(f"d moves {person}")
        used = 1 if before is None else before.used + 1
        return Decision(
            changes=(Put(Count(kind="moves", person=person, day="d", used=used)),),
            facts=(Ordered(message=str(n)),),
            effects=(Say(order=n), Tell(order=n), Look(order=n), Must(order=n)),
            timers=(SetTimer(Remind(order=n), at + timedelta(milliseconds=20)),),
        )

    def fails(self, event: Order, _at: datetime) -> Decision:
        if event.fails:
            raise ZeroDivisionError
        return Decision(effects=(Say(order=event.order),))

    def delivered(self, event: Outcome, _at: datetime) -> Decision:
        return Decision(facts=(Delivered(message=str(event.order), known=True),))

    def interrupted(self, event: EffectInterrupted, _at: datetime) -> Decision:
        if not isinstance(event.effect, Tell):
            return Decision()
        return Decision(facts=(Delivered(message=str(event.effect.order), known=False),))

    def reminded(self, timer: Remind, _at: datetime) -> Decision:
        return Decision(facts=(Reminded(message=str(timer.order)),))


@dataclass
class Life:
    """What survives: the folder, the world outside, the clock on the wall."""

    folder: Path
    chance: random.Random
    done: list[Tell] = field(default_factory=list)
    too_early: list[Tell] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    shift: timedelta = timedelta(0)

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def query(self, text: str) -> list[Any]:
        with connected(self.folder) as connection:
            return [tuple(row) for row in connection.execute(sa.text(text))]

    def facts(self) -> list[dict[str, Any]]:
        with connected(self.folder) as connection:
            rows = connection.execute(sa.select(schema.journal).order_by(schema.journal.c.id)).mappings()
            return [json.loads(line_of(dict(row))) for row in rows]

    def orders(self) -> list[int]:
        return [int(one["message"]) for one in self.facts() if one["event"] == "test.ordered"]

    async def perform(self, effect: Tell) -> Event | None:
        if not effect.promises_nothing and effect.order not in self.orders():
            self.too_early.append(effect)
        self.done.append(effect)
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.random() * 0.03)
        return Outcome(at=self.clock(), order=effect.order) if type(effect) is Tell else None


class Disk:
    """Kills, refuses and delays at commits, by chance."""

    def __init__(self, chance: random.Random, kill_at: int | None) -> None:
        self.chance = chance
        self.kill_at = kill_at
        self.killed = asyncio.Event()
        self.commits = 0
        self.unreadable = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        commit, found = Store.commit, Reader._found

        async def commits(store: Store, writes: Writes) -> list[Take]:
            self.commits += 1
            how = self.chance.random()
            if self.kill_at is not None and self.commits >= self.kill_at:
                if how < 0.5:
                    await commit(store, writes)
                self.killed.set()
                await asyncio.Event().wait()
            if how < 0.2:
                if how < 0.1:
                    await commit(store, writes)
                raise sa.exc.OperationalError("commit", None, Exception("disk full"))
            await asyncio.sleep(self.chance.random() * 0.02)
            lost = await commit(store, writes)
            await asyncio.sleep(self.chance.random() * 0.02)
            return lost

        def finds(reader: Reader, *arguments: Any) -> Any:
            if self.chance.random() < 0.1:
                raise Unreadable("by chance")
            return found(reader, *arguments)

        patch.setattr(Store, "commit", commits)
        patch.setattr(Reader, "_found", finds)
        patch.setattr("callcentre.kernel.committing._RETRY_FIRST", 0.002)


@asynccontextmanager
async def lives(life: Life, disk: Disk) -> AsyncIterator[Engine]:
    store, shop = Store(database_in(life.folder)), Shop()
    await store.open()
    engine: Engine
    outbox = Outbox(
        dict.fromkeys((Tell, Must, Say, Look), life.perform), lambda e, row: engine.report(e, row), life.clock
    )
    timers = Timers(lambda due: engine.submit(due), life.clock)
    facts = FactLog(life.folder / "facts.jsonl", "json")
    engine = Engine(
        build((shop.component, shop.other)), store=store, timers=timers, outbox=outbox, facts=facts, clock=life.clock
    )
    await engine.load()
    with pytest.MonkeyPatch.context() as patch:
        disk.install(patch)
        running = asyncio.create_task(engine.run())
        timers.start()
        try:
            yield engine
            if disk.kill_at is None:
                for _ in range(400):
                    timers.wake()
                    await engine.settled()
                    if not len(outbox) and not len(timers):
                        break
                    await asyncio.sleep(0.01)
                await engine.settled()
                engine.stop()
                await asyncio.wait_for(running, 10)
        finally:
            timers.stop()
            running.cancel()
            await outbox.drain(0)
            await asyncio.gather(running, return_exceptions=True)
            facts.close()
            await store.close()


async def orders(life: Life, engine: Engine, disk: Disk, first: int) -> None:
    chance = life.chance

    async def confirms(event: Order) -> None:
        await engine.settle(event)
        life.confirmed.add(event.order)

    tasks = []
    steps = 0
    for number in range(first, first + ORDERS):
        event = Order(at=life.clock(), order=number, fails=chance.random() < 0.2)
        if chance.random() < 0.5:
            tasks.append(asyncio.create_task(confirms(event)))
        else:
            engine.submit(event)
        if chance.random() < 0.1 and not steps:
            steps += 1
            delta = timedelta(seconds=chance.choice([-3600, 3600, -5, 5]))
            life.shift += delta
            engine.clock_stepped(delta)
        if chance.random() < 0.5:
            await asyncio.sleep(chance.random() * 0.01)
        if disk.killed.is_set():
            break
    if disk.kill_at is None:
        await asyncio.gather(*tasks)
    else:
        with suppress(TimeoutError):
            await asyncio.wait_for(disk.killed.wait(), 1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def what_rides_along_is_of_the_last_commit(life: Life, shift_before: timedelta) -> None:
    """How far the ledger is, and when the database was last written: a start goes on from these two."""
    facts, meta = life.facts(), dict(life.query("select key, value from meta"))
    if not facts:
        return
    assert int(meta["entered"]) == len(facts)
    written = datetime.fromtimestamp(float(meta["clock"]), UTC)
    # A crash before the step is committed leaves everything in the time before it.
    latest = max(life.clock(), life.clock() - life.shift + shift_before)
    assert datetime.fromisoformat(facts[-1]["at"]) <= written <= latest


@pytest.mark.parametrize("seed", range(6))
async def test_the_disk_the_log_and_the_outside_agree_after_kills(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    life = Life(tmp_path, chance)
    for attempt in range(4):
        disk = Disk(chance, chance.randrange(1, 9) if attempt < 3 else None)
        before = life.shift
        with capture_logs():
            async with lives(life, disk) as engine:
                await orders(life, engine, disk, attempt * 100)
        what_rides_along_is_of_the_last_commit(life, before)
    facts, on_disk = life.facts(), life.orders()
    assert not life.too_early
    assert len(set(on_disk)) == len(on_disk)
    assert life.confirmed <= set(on_disk), life.confirmed - set(on_disk)
    assert set(range(300, 300 + ORDERS)) <= set(on_disk)
    sent = Counter(one.order for one in life.done if type(one) is Tell)
    assert not sent or max(sent.values()) == 1
    for name in ("test.delivered", "test.reminded"):
        heard = Counter(int(one["message"]) for one in facts if one["event"] == name)
        assert heard == Counter(on_disk), name
    known = {int(one["message"]) for one in facts if one["event"] == "test.delivered" and one["known"]}
    assert known <= set(sent)
    assert {one.order for one in life.done if type(one) is Must} == set(on_disk)
    assert life.query("select * from outbox") == []
    assert life.query("select * from timers") == []
    used = {int(person): used for person, used in life.query("select person, used from bounds")}
    assert used == Counter(number % PEOPLE for number in on_disk)
    assert [one["id"] for one in facts] == list(range(1, len(facts) + 1))
    ((tally,),) = life.query("select value from meta where key = 'tally'")
    assert json.loads(tally) == [len(facts), sum(one["id"] for one in facts)]
    for person in range(PEOPLE):
        for kinds in ((Tell,), (Look, Say)):
            lane = [
                on_disk.index(one.order)
                for one in life.done
                if type(one) in kinds and one.order % PEOPLE == person and one.order in on_disk
            ]
            assert lane == sorted(lane), (kinds, lane)
    lines = [json.loads(line) for line in (tmp_path / "facts.jsonl").read_text().splitlines()]
    seen: dict[int, dict[str, Any]] = {}
    for line in lines:
        assert seen.setdefault(line["id"], line) == line
    assert list(seen.values()) == facts
