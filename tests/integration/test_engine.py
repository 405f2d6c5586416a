"""The engine on a real SQLite file: one transaction per batch, effects only after it, and nothing lost by a crash."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from structlog.testing import capture_logs

from callcentre.app import daemon
from callcentre.configuration import FILE, read
from callcentre.features.reports.effects import MakeReport
from callcentre.kernel import schema
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event, Tick, TimerDue
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.program import CannotRun
from callcentre.kernel.store import Store, StoreError
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, TextHandedOver, TextReceived
from callcentre.telephony.effects import ContinueCall, ReadQueue, RenewLease
from callcentre.telephony.events import Agents, Channel, QueueRead, QueueReading, StasisStarted, Synchronised
from callcentre.telephony.queue_view.interface import QueueView
from tests.testbed.configuration import write_configuration
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

    folder: Path
    done: list[Effect] = field(default_factory=list)
    journal_then: list[int] = field(default_factory=list)
    broken: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def perform(self, effect: Effect) -> Event | None:
        with sa.create_engine(f"sqlite:///{self.folder}/callcentre.db").connect() as connection:
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
    folder: Path, *, crash: bool = False, stalled: Callable[[bool], None] = lambda _stalled: None
) -> AsyncIterator[Served]:
    """A running engine; with `crash` it ends as by kill -9: nothing more is decided, written or told."""
    store = Store(folder / "callcentre.db")
    await store.open()
    outside = Outside(folder)
    world = World(settings=settings(GREET_ALL), key=b"k" * 32)
    kinds: tuple[type[Effect], ...] = (ContinueCall, MakeReport, ReadQueue, RenewLease, SendText)
    engine: Engine
    outbox = Outbox(dict.fromkeys(kinds, outside.perform), lambda event, row: engine.report(event, row), clock)
    scheduler = AsyncIOScheduler(timezone=UTC)
    timers = Timers(scheduler, lambda due: engine.submit(due), clock)
    facts = FactLog(folder / "facts.jsonl", "json")
    engine = Engine(
        components(world), store=store, timers=timers, outbox=outbox, facts=facts, clock=clock, stalled=stalled
    )
    await engine.load()
    running = asyncio.create_task(engine.run())
    scheduler.start()
    timers.start()
    try:
        yield Served(engine, outside, world, store, folder)
    finally:
        timers.stop()
        scheduler.shutdown(wait=False)
        if crash:
            running.cancel()
        engine.stop()
        await outbox.drain(0 if crash else 1)
        await asyncio.gather(running, return_exceptions=True)
        facts.close()
        await store.close()


def caller(call: str = "1.1") -> Synchronised:
    """A caller who waits in the queue when Asterisk is read."""
    channel = Channel(id=call, name="PJSIP/trunk-00000001", number="+358401112222", app="Queue", app_data="support")
    reading = QueueReading(queue="support", waiting=1, places={1: channel.name}, complete=True)
    return Synchronised(at=clock(), asked=clock(), channels=(channel,), readings=(reading,), variables={}, talking={})


async def test_effects_go_out_only_when_their_facts_are_on_disk(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        sent = [type(one) for one in served.outside.done].index(SendText)
        assert served.outside.journal_then[sent] == 2
        assert [line["event"] for line in served.lines()] == ["queue.joined", "sms.queued"]


async def test_a_line_of_the_log_is_the_row_of_the_journal(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
        (line, _) = served.lines()
    assert line["id"] == 1
    assert line["at"].endswith("Z")
    assert len(line["at"]) == len("2026-11-22T04:52:00.123Z")
    assert datetime.fromisoformat(line["at"]).tzinfo is not None
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        rows = connection.execute(sa.select(schema.journal).order_by(schema.journal.c.id)).mappings().all()
    assert [row["line"] for row in rows] == (tmp_path / "facts.jsonl").read_text().splitlines()
    assert [(row["event"], row["call"]) for row in rows] == [("queue.joined", "1.1"), ("sms.queued", "1.1")]


async def test_a_restart_knows_the_caller_and_greets_nobody_twice(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
        await served.engine.settle(Tick(at=clock()))
        assert not [one for one in served.outside.done if isinstance(one, SendText)]
        assert list(served.world.calls.waiting("support")) == ["1.1"]


async def test_a_text_that_a_crash_interrupted_is_not_sent_again_and_leaves_the_outbox(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
        assert not [one for one in served.outside.done if isinstance(one, SendText)]
        (text,) = served.world.texts.open.values()
        assert text.state == "unknown"
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []


async def test_a_text_whose_hand_over_failed_by_a_mistake_of_ours_is_not_left_hanging(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        served.outside.broken = True
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
        (text,) = served.world.texts.open.values()
        assert text.state == "unknown"
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []
        assert len(connection.execute(sa.select(schema.timers)).all()) == 1


async def test_what_must_be_done_is_done_again_after_a_crash(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
    requested = MakeReport(report="daily", due=datetime(2026, 6, 3, tzinfo=UTC))
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        connection.execute(sa.update(schema.outbox).values(effect=msgspec.json.encode(requested).decode()))
    async with served_in(tmp_path) as served:
        assert await served.outside.has_done(MakeReport) == [requested]
        await served.engine.settle(Tick(at=clock()))
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []


async def test_a_held_caller_goes_on_without_waiting_for_the_disk(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        commits = served.engine.counters.commits
        held = Channel(id="9.9", name="PJSIP/trunk-00000009")
        await served.engine.settle(StasisStarted(at=clock(), channel=held, arguments=()))
        assert await served.outside.has_done(ContinueCall) == [ContinueCall(call="9.9")]
        assert served.engine.counters.commits == commits


async def test_what_the_log_did_not_get_is_logged_at_the_next_start(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
    lines = (tmp_path / "facts.jsonl").read_text()
    (tmp_path / "facts.jsonl").write_text("")
    async with served_in(tmp_path) as served:
        assert (tmp_path / "facts.jsonl").read_text() == lines


async def test_what_the_log_refuses_is_told_once_and_logged_when_the_log_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcentre.kernel.engine._ENTRIES", 3)
    monkeypatch.setattr("callcentre.kernel.engine._LOG_AGAIN", 0.0)
    write = FactLog.write

    def refuse(_log: FactLog, _lines: Sequence[str]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with served_in(tmp_path) as served:
        with capture_logs() as reported:
            monkeypatch.setattr(FactLog, "write", refuse)
            for number in range(5):
                await served.engine.settle(caller(f"{number}.1"))
                await served.engine.settle(Tick(at=clock()))
                assert len(served.engine._unlogged) <= 3
            monkeypatch.setattr(FactLog, "write", write)
            await served.engine.settle(Tick(at=clock()))
            await served.engine.settle(Tick(at=clock()))
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        kept = connection.execute(sa.select(schema.journal.c.line).order_by(schema.journal.c.id)).scalars().all()
    assert (tmp_path / "facts.jsonl").read_text().splitlines() == list(kept)
    assert len(kept) > 3
    said = [line["event"] for line in reported if line["event"].startswith("log.")]
    assert said == ["log.write_failed", "log.recovered"]


def test_a_log_that_cannot_be_opened_anew_is_written_on(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    log = FactLog(folder / "facts.jsonl", "json")
    folder.rename(tmp_path / "rotated")
    with pytest.raises(FileNotFoundError):
        log.reopen()
    log.write(['{"event":"queue.joined"}'])
    folder.mkdir()
    log.reopen()
    log.write(['{"event":"queue.left"}'])
    log.close()
    assert (tmp_path / "rotated" / "facts.jsonl").read_text() == '{"event":"queue.joined"}\n'
    assert (folder / "facts.jsonl").read_text() == '{"event":"queue.left"}\n'


async def test_a_daemon_that_has_not_begun_yet_has_nothing_to_read_again(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    daemon(read(file), FILE).reload()


async def test_after_an_orderly_stop_no_line_comes_twice(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
    lines = (tmp_path / "facts.jsonl").read_text()
    async with served_in(tmp_path):
        pass
    assert (tmp_path / "facts.jsonl").read_text() == lines


async def test_while_the_disk_is_full_nothing_goes_out_and_nothing_is_lost(tmp_path: Path) -> None:
    stalls: list[bool] = []
    stalled = asyncio.Event()

    def note(is_stalled: bool) -> None:
        stalls.append(is_stalled)
        stalled.set()

    async with served_in(tmp_path, stalled=note) as served:
        await served.engine.settle(Tick(at=clock()))
        # SQLite's own limit: the next page is refused as on a full disk, on every connection that sets it.
        full = [True]

        def limit(connection: Any, _record: object) -> None:
            if full[0]:
                connection.execute("PRAGMA max_page_count = 1")

        sa.event.listen(served.store._engine, "connect", limit)
        await served.store._there(served.store._disconnect)
        for number in range(400):
            served.engine.submit(
                TextReceived(
                    at=clock(),
                    gateway="kannel",
                    gateway_id=str(number),
                    sender="+358401112222",
                    recipient="1",
                    body="x",
                )
            )
        deciding = asyncio.create_task(served.engine.settle(caller()))
        async with asyncio.timeout(10):
            await stalled.wait()
        assert not [one for one in served.outside.done if isinstance(one, SendText)]
        assert not deciding.done()
        assert "full" in (served.engine.counters.store_error or "")
        full[0] = False
        async with asyncio.timeout(10):
            await deciding
        await served.outside.has_done(SendText)
        assert stalls == [True, False]
        reported = [line["event"] for line in served.lines()]
        assert reported.count("sms.received") == 400
        assert reported[-2:] == ["queue.joined", "sms.queued"]


async def test_a_mistake_in_a_rule_costs_the_other_events_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served_in(tmp_path) as served:
        monkeypatch.setattr(QueueView, "service_of", lambda *_args: 1 / 0)
        await served.engine.settle(caller("1.1"))
        monkeypatch.undo()
        await served.engine.settle(caller("2.2"))
        assert served.engine.counters.rule_errors == 1
        assert "2.2" in served.world.calls.calls


async def test_a_timer_set_before_a_restart_wakes_after_it_and_says_how_late(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
    due = clock() - timedelta(hours=1)
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        assert len(connection.execute(sa.select(schema.timers)).all()) == 1
        connection.execute(sa.update(schema.timers).values(due=due))
    async with served_in(tmp_path) as served:
        async with asyncio.timeout(5):
            while served.world.texts.open:
                await asyncio.sleep(0)
                await served.engine.settle(Tick(at=clock()))
        assert served.lines()[-1]["event"] == "sms.failed"
        assert served.lines()[-1]["reason"] == "no_report"
    late = TimerDue(at=due + timedelta(seconds=90), key="x", due=due)
    assert late.late == 90.0


async def test_a_timer_that_no_component_has_is_said_and_kept(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    timer = {"key": '{"timer":"of_a_component_that_was_removed"}', "due": clock() - timedelta(hours=1)}
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        connection.execute(sa.insert(schema.timers), [timer])
    with capture_logs() as logs:
        async with served_in(tmp_path) as served:
            await served.engine.settle(Tick(at=clock()))
            await served.engine.settle(Tick(at=clock()))
    assert [line["key"] for line in logs if line["event"] == "timer.unknown"] == [timer["key"]]
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert connection.execute(sa.select(schema.timers.c.key)).scalars().all() == [timer["key"]]


async def test_an_effect_that_no_component_carries_out_is_said_and_kept(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    effect = {"id": 7, "effect": '{"effect":"of_a_component_that_was_removed","to":"somebody"}'}
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        connection.execute(sa.insert(schema.outbox), [effect])
    with capture_logs() as logs:
        async with served_in(tmp_path) as served:
            await served.engine.settle(Tick(at=clock()))
    assert [line["row"] for line in logs if line["event"] == "effect.unknown"] == [7]
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert connection.execute(sa.select(schema.outbox.c.id)).scalars().all() == [7]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_moves_records_and_timers_in_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    async with served_in(tmp_path, crash=True) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
        call = served.world.calls.calls["1.1"]
        with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
            ((due, wall),) = connection.execute(sa.select(schema.timers.c.due, schema.timers.c.wall)).all()
        delta = timedelta(hours=hours)
        begun = TextReceived(
            at=clock(), gateway="kannel", gateway_id="a", sender="+358401112222", recipient="1", body="Hei"
        )
        monkeypatch.setattr(sys.modules[__name__], "shift", delta)
        commits = served.engine.counters.commits
        served.engine.clock_stepped(delta)
        # It began before the step, and came in after it.
        await served.engine.settle(begun)
        assert served.engine.counters.commits == commits + 1
        assert served.world.calls.calls["1.1"] == replace(
            call, joined_at=call.joined_at + delta, entered=call.entered + delta
        )
        assert served.world.texts.received["kannel a"].at == begun.at + delta
    async with served_in(tmp_path) as served:
        assert served.world.calls.calls["1.1"].joined_at == call.joined_at + delta
        with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
            rows = connection.execute(sa.select(schema.timers.c.due, schema.timers.c.wall)).all()
        assert not wall
        assert (due + delta, False) in rows
        assert served.engine.counters.clock_steps == 0


async def test_a_clock_that_was_set_back_while_we_were_off_is_noticed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served_in(tmp_path) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
    monkeypatch.setattr(sys.modules[__name__], "shift", timedelta(hours=-1))
    async with served_in(tmp_path) as served:
        await served.engine.settle(Tick(at=clock()))
        assert served.engine.counters.clock_steps == 1
        assert abs(served.world.calls.calls["1.1"].joined_at - clock()) < timedelta(seconds=10)
        assert "clock_stepped" in [line.get("reason") for line in served.lines()]
    # It is told and moved once, not at every start.
    async with served_in(tmp_path) as served:
        await served.engine.settle(Tick(at=clock()))
        assert served.engine.counters.clock_steps == 0


async def test_a_text_from_a_phone_is_on_disk_when_it_is_settled(tmp_path: Path) -> None:
    event = TextReceived(
        at=clock(), gateway="kannel", gateway_id="a", sender="+358401112222", recipient="1", body="STOP"
    )
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(event)
    async with served_in(tmp_path) as served:
        await served.engine.settle(event)
        assert served.lines()[-1]["event"] == "number.opted_out"
        assert {line["id"] for line in served.lines()} == {1, 2}


async def test_two_daemons_cannot_have_one_database(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        with pytest.raises(StoreError, match="another callcentre daemon"):
            await Store(tmp_path / "callcentre.db").open()


async def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    before = (tmp_path / "callcentre.db").read_bytes()
    with pytest.raises(StoreError, match="newer version of callcentre \\(schema 9999\\)"):
        await Store(tmp_path / "callcentre.db").open()
    assert (tmp_path / "callcentre.db").read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "callcentre.db").write_text("not a database, but long enough to be looked at" * 20)
    with pytest.raises(StoreError, match=r"cannot be used as the database: .*the file is no SQLite database"):
        await Store(tmp_path / "callcentre.db").open()


@pytest.mark.parametrize("kind", ["folder", "pipe", "no folder"])
async def test_what_cannot_be_a_database_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "callcentre.db"
    words = "is a named pipe"
    if kind == "folder":
        path.mkdir()
        words = "it is a folder"
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path, words = tmp_path / "gone" / "callcentre.db", f"mkdir -p {tmp_path}/gone"
    with pytest.raises(StoreError, match=words):
        await Store(path).open()


async def test_records_of_another_form_are_said_and_not_thrown(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    async with served_in(tmp_path):
        pass
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").begin() as connection:
        connection.execute(sa.text('insert into outbox (id, effect) values (1, \'{"type":"nobody"}\')'))
    with pytest.raises(CannotRun, match="its contents are not what this version writes; stop the daemon"):
        await daemon(read(file), FILE).run()


async def test_who_stops_waiting_for_a_database_that_refuses_has_asked_for_nothing(tmp_path: Path) -> None:
    refuses = asyncio.Event()
    async with served_in(tmp_path, stalled=lambda _stalled: refuses.set()) as served:
        aside = (tmp_path / "callcentre.db").rename(tmp_path / "aside.db")
        served.engine.submit(Tick(at=clock()))
        async with asyncio.timeout(5):
            await refuses.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await served.engine.settle(caller())
        backlog = served.engine.backlog
        aside.rename(tmp_path / "callcentre.db")
        async with asyncio.timeout(5):
            await served.engine.settled()
        assert (backlog, served.lines()) == (0, [])


async def test_the_migrations_make_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    with sa.create_engine(f"sqlite:///{tmp_path}/callcentre.db").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
