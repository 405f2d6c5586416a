"""Record rules on a real SQLite file: one indexed read for a row, and changes in the transaction of their decision."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from callcentre.kernel.component import Component, build, on
from callcentre.kernel.decision import Decision, Delete, Put
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.limits.model import Count
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.reader import Reader
from callcentre.kernel.records import Records, Unreadable
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from tests.testbed.databases import connected, database_in, of_a_file


class Counted(Event, frozen=True, kw_only=True):
    """Something is counted for a person."""

    person: str
    day: str = "2026-06-03"
    fails: bool = False


class Forgotten(Event, frozen=True, kw_only=True):
    """The count of a person is deleted."""

    person: str


def key(person: str, day: str = "2026-06-03") -> str:
    return f"{day} moves {person}"


class Counting:
    """A component with one record rule for each event."""

    def __init__(self) -> None:
        self.counts = Records(Count, table="bounds", indexes=("day",))
        self.component = Component(
            name="counting",
            build=lambda _building: (
                self.counts,
                on(Counted, self.counted, self.fails),
                on(Forgotten, self.forgotten),
            ),
        )

    def counted(self, event: Counted, _at: datetime) -> Decision:
        before = self.counts.get(key(event.person, event.day))
        used = 1 if before is None else before.used + 1
        return Decision(changes=(Put(Count(kind="moves", person=event.person, day=event.day, used=used)),))

    def fails(self, event: Counted, _at: datetime) -> Decision:
        if event.fails:
            raise ZeroDivisionError
        return Decision()

    def forgotten(self, event: Forgotten, _at: datetime) -> Decision:
        known = self.counts.get(key(event.person))
        return Decision(changes=() if known is None else (Delete(known),))


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Running:
    """An engine with the component."""

    engine: Engine
    counting: Counting
    folder: Path

    async def settle(self, *events: Event) -> None:
        """Decide events in one batch, and return when they are on disk."""
        for event in events[:-1]:
            self.engine.submit(event)
        await self.engine.settle(events[-1])

    async def count(self, *people: str) -> None:
        """Count one for each, all in one batch."""
        await self.settle(*(Counted(at=now(), person=person) for person in people))

    def used(self, person: str, day: str = "2026-06-03") -> int:
        """What a rule would find."""
        known = self.counting.counts.get(key(person, day))
        return 0 if known is None else known.used

    def on_disk(self) -> dict[str, int]:
        """What the database has."""
        with connected(self.folder) as connection:
            rows = connection.execute(sa.select(self.counting.counts.table)).mappings()
            return {row["person"]: row["used"] for row in rows}


@asynccontextmanager
async def running(folder: Path, stalled: Callable[[bool], None] = lambda _stalled: None) -> AsyncIterator[Running]:
    """An engine over the database of this folder."""
    store, counting = Store(database_in(folder)), Counting()
    await store.open()
    engine: Engine
    outbox = Outbox({}, lambda event, row: engine.report(event, row), now)
    timers = Timers(lambda due: engine.submit(due), now)
    facts = FactLog(folder / "facts.jsonl", "json")
    engine = Engine(
        build((counting.component,)), store=store, timers=timers, outbox=outbox, facts=facts, clock=now, stalled=stalled
    )
    await engine.load()
    deciding = asyncio.create_task(engine.run())
    try:
        yield Running(engine, counting, folder)
    finally:
        engine.stop()
        await deciding
        facts.close()
        await store.close()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The values that rows were asked for, in the database."""
    asked: list[Any] = []
    rows = Reader.rows

    def noted(reader: Reader, column: sa.Column[Any], value: Any) -> list[Any]:
        asked.append(value)
        return list(rows(reader, column, value))

    monkeypatch.setattr(Reader, "rows", noted)
    return asked


async def test_a_rule_finds_the_row_that_an_earlier_run_stored(tmp_path: Path, reads: list[Any]) -> None:
    async with running(tmp_path) as before:
        await before.count("matti", "matti", "liisa")
        assert before.on_disk() == {"matti": 2, "liisa": 1}
    reads.clear()
    async with running(tmp_path) as after:
        assert reads == [], "nothing is loaded at the start"
        await after.count("matti")
        assert after.on_disk() == {"matti": 3, "liisa": 1}
    assert reads == [key("matti")]


@of_a_file  # A server's rows are read again after each commit.
async def test_rows_of_one_batch_build_on_each_other(tmp_path: Path, reads: list[Any]) -> None:
    async with running(tmp_path) as run:
        at = now()
        await run.settle(
            Counted(at=at, person="matti"), Forgotten(at=at, person="matti"), Counted(at=at, person="matti"),
            Counted(at=at, person="liisa"),
        )  # fmt: skip
        assert run.on_disk() == {"matti": 1, "liisa": 1}
        assert (run.used("matti"), run.used("liisa")) == (1, 1)
    assert reads == [key("matti"), key("liisa")]


async def test_an_event_that_fails_leaves_no_row(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        await run.count("matti")
        with capture_logs():
            await run.settle(
                Counted(at=now(), person="matti", fails=True), Counted(at=now(), person="liisa", fails=True)
            )
        assert (run.used("matti"), run.used("liisa")) == (1, 0)
        await run.count("matti")
        assert run.on_disk() == {"matti": 2}


async def test_while_rows_cannot_be_read_the_event_waits_and_asterisk_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_reader: Reader, _column: sa.Column[Any], _value: Any) -> list[Any]:
        raise Unreadable("the disk is away")

    stalled: list[bool] = []
    away, back = asyncio.Event(), asyncio.Event()

    def note(is_stalled: bool) -> None:
        stalled.append(is_stalled)
        (away if is_stalled else back).set()

    async with running(tmp_path, note) as run, asyncio.timeout(10):
        await run.count("matti")
        run.counting.counts.committed()
        with monkeypatch.context() as patch, capture_logs() as logs:
            patch.setattr(Reader, "rows", locked)
            run.engine.submit(Counted(at=now(), person="liisa"))
            await away.wait()
            assert run.engine.counters.store_error == "the disk is away"
            assert run.on_disk() == {"matti": 1}
        await back.wait()
        await run.count("matti")
        assert run.on_disk() == {"matti": 2, "liisa": 1}
        assert run.engine.counters.store_error is None
        assert run.engine.counters.rule_errors == 0
    assert stalled == [True, False]
    assert [line["event"] for line in logs] == ["store.write_failed"]


async def test_a_connection_that_reads_no_more_is_made_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as run, asyncio.timeout(10):
        await run.count("matti")
        with capture_logs():
            run.engine._store.reader.close()
            await run.count("liisa")
        assert run.on_disk() == {"matti": 1, "liisa": 1}


@of_a_file
async def test_a_row_is_found_by_its_index_and_not_by_a_look_at_all(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        await run.count("matti")
        table = run.counting.counts.table
        with connected(run.folder) as connection:
            value: sa.BindParameter[Any] = sa.bindparam("value")
            below = sa.select(table).where(table.c.day < value).order_by(table.c.day)
            for statement in (
                *(sa.select(table).where(column == value) for column in (table.c.key, table.c.day)),
                below,
            ):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.compile(connection)}", ("x",)).all()
                assert all(row.detail.startswith("SEARCH") for row in plan), plan
