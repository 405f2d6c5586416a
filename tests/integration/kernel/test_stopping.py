"""A daemon that is asked to stop: what is decided takes effect, and a database that refuses does not hold it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from callcentre.configuration import FILE, read
from callcentre.kernel import journal
from callcentre.kernel.committing import Committer
from callcentre.kernel.component import Component, on, performs
from callcentre.kernel.daemon import Daemon
from callcentre.kernel.decision import Decision, Take
from callcentre.kernel.effect import Crash, Effect
from callcentre.kernel.event import Event, Tick
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import Entry
from callcentre.kernel.store import Store, Writes
from tests.integration.kernel.running import caller, clock, served_in
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import of_a_file


class Ring(Effect, frozen=True, tag="test_ring"):
    """Must not happen twice."""

    left: int

    @property
    def lane(self) -> str:
        return "bell"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE


class Pressed(Event, frozen=True, kw_only=True):
    """The bell rings so often."""

    times: int


@dataclass
class Bell:
    """A component that rings a bell, once after the other."""

    rung: list[int] = field(default_factory=list)

    @property
    def component(self) -> Component:
        return Component(name="bell", build=lambda _building: (on(Pressed, self.pressed), performs(Ring, self.ring)))

    def pressed(self, event: Pressed, _at: datetime) -> Decision:
        return Decision(effects=(Ring(left=event.times - 1),) if event.times else ())

    async def ring(self, effect: Ring) -> Event:
        await asyncio.sleep(0)
        self.rung.append(effect.left)
        return Pressed(at=datetime.now(UTC), times=effect.left)


@asynccontextmanager
async def stopped(folder: Path, bell: Bell) -> AsyncIterator[Daemon]:
    """A daemon with a bell; it is asked to stop at the end, and must within a few seconds."""
    file = write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    daemon = Daemon(FILE, (bell.component,), read(file))
    running = asyncio.create_task(daemon.run())
    async with asyncio.timeout(20):
        while not hasattr(daemon, "engine") or not daemon.engine.counters.events:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield daemon
        daemon.stop()
        await running


def outbox(file: Path) -> list[int]:
    """The effects whose outcome is not known."""
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = list(connection.execute(sa.text("select id from outbox")).scalars())
    engine.dispose()
    return found


@of_a_file
async def test_what_was_decided_last_and_what_follows_takes_effect(tmp_path: Path) -> None:
    bell = Bell()
    async with stopped(tmp_path, bell) as daemon:
        daemon.engine.submit(Pressed(at=clock(), times=3))
    assert (bell.rung, outbox(tmp_path / "callcentre.db")) == ([2, 1, 0], [])


@of_a_file
async def test_a_database_that_refuses_the_last_commit_does_not_hold_the_daemon(tmp_path: Path) -> None:
    bell = Bell()
    async with stopped(tmp_path, bell) as daemon:
        path = tmp_path / "callcentre.db"
        path.rename(tmp_path / "aside.db")
    assert daemon.engine.counters.store_error is not None


async def test_half_of_an_event_is_never_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the facts of an event the first can be encoded, and the second not. That ends the daemon."""
    goes, waits = asyncio.Event(), asyncio.Event()
    written: list[str] = []
    stamp = journal.stamp

    async def spaced(_committer: Committer) -> None:
        waits.set()
        await goes.wait()

    def strange(fact: Fact, number: int, at: datetime, node: str) -> Entry:
        if fact.name == "sms.queued":
            goes.set()  # The commit begins at this very moment.
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return stamp(fact, number, at, node)

    async def commit(_store: Store, writes: Writes) -> list[Take]:
        written.extend(msgspec.json.decode(entry.line)["event"] for entry in writes.journal)
        return []

    async with served_in(tmp_path, crash=True) as served:
        monkeypatch.setattr(Committer, "_spaced", spaced)
        monkeypatch.setattr(Store, "commit", commit)
        monkeypatch.setattr(journal, "stamp", strange)
        served.engine.submit(Tick(at=clock()))
        async with asyncio.timeout(5):
            await waits.wait()
        served.engine.submit(caller())
        async with asyncio.timeout(5):
            await goes.wait()
        for _ in range(10):
            await asyncio.sleep(0)
    assert written == []
