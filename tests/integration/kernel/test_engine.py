"""The engine on a real SQLite file: one transaction per batch, effects only after it, and nothing lost by a crash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from structlog.testing import capture_logs

from callcentre.app import daemon
from callcentre.configuration import FILE, read
from callcentre.features.reports.effects import MakeReport
from callcentre.kernel import schema
from callcentre.kernel.event import Tick, TimerDue
from callcentre.kernel.journal import line_of
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from callcentre.telephony.effects import ContinueCall
from callcentre.telephony.events import Channel, StasisStarted
from callcentre.telephony.queue_view.interface import QueueView
from tests.cast import MATTI
from tests.integration.kernel.running import caller, clock, served_in
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import changing, connected


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
    with connected(tmp_path) as connection:
        rows = connection.execute(sa.select(schema.journal).order_by(schema.journal.c.id)).mappings().all()
    assert [line_of(dict(row)) for row in rows] == (tmp_path / "facts.jsonl").read_bytes().splitlines()
    assert [(row["event"], row["call"]) for row in rows] == [("queue.joined", "1.1"), ("sms.queued", "1.1")]


async def test_the_ledger_has_the_time_of_the_log(tmp_path: Path) -> None:
    joins = caller()
    joins = replace(joins, at=joins.at.replace(microsecond=123_999))
    async with served_in(tmp_path) as served:
        await served.engine.settle(joins)
        visits = schema.metadata.tables["visits"]
        (line, _) = served.lines()
        ((joined,),) = [row.values() for row in await served.store.rows(sa.select(visits.c.joined))]
    assert joined == round(datetime.fromisoformat(line["at"]).timestamp() * 1000)


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
    with connected(tmp_path) as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []


async def test_a_text_whose_hand_over_failed_by_a_mistake_of_ours_is_not_left_hanging(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        served.outside.broken = True
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
        (text,) = served.world.texts.open.values()
        assert text.state == "unknown"
    with connected(tmp_path) as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []
        assert len(connection.execute(sa.select(schema.timers)).all()) == 1


async def test_what_must_be_done_is_done_again_after_a_crash(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
    requested = MakeReport(report="daily", due=datetime(2026, 6, 3, tzinfo=UTC))
    with changing(tmp_path) as connection:
        connection.execute(sa.update(schema.outbox).values(effect=msgspec.json.encode(requested).decode()))
    async with served_in(tmp_path) as served:
        assert await served.outside.has_done(MakeReport) == [requested]
        await served.engine.settle(Tick(at=clock()))
    with connected(tmp_path) as connection:
        assert connection.execute(sa.select(schema.outbox)).all() == []


async def test_a_held_caller_goes_on_without_waiting_for_the_disk(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        commits = served.engine.counters.commits
        held = Channel(id="9.9", name="PJSIP/trunk-00000009")
        await served.engine.settle(StasisStarted(at=clock(), channel=held, arguments=()))
        assert await served.outside.has_done(ContinueCall) == [ContinueCall(call="9.9", at_once=True)]
        assert served.engine.counters.commits == commits


async def test_a_daemon_that_has_not_begun_yet_has_nothing_to_read_again(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    daemon(read(file), FILE).reload()


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
    with changing(tmp_path) as connection:
        assert len(connection.execute(sa.select(schema.timers)).all()) == 1
        connection.execute(sa.update(schema.timers).values(due=due))
    async with served_in(tmp_path) as served:
        async with asyncio.timeout(5):
            while served.world.texts.open:
                await asyncio.sleep(0)
                await served.engine.settle(Tick(at=clock()))
        await served.engine.settled()
        assert served.lines()[-1]["event"] == "sms.failed"
        assert served.lines()[-1]["reason"] == "no_report"
    late = TimerDue(at=due + timedelta(seconds=90), key="x", due=due)
    assert late.late == 90.0


async def test_a_timer_that_no_component_has_is_said_and_kept(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    timer = {"key": '{"timer":"of_a_component_that_was_removed"}', "due": clock() - timedelta(hours=1)}
    with changing(tmp_path) as connection:
        connection.execute(sa.insert(schema.timers), [{"node": "main", **timer}])
    with capture_logs() as logs:
        async with served_in(tmp_path) as served:
            await served.engine.settle(Tick(at=clock()))
            await served.engine.settle(Tick(at=clock()))
    assert [line["key"] for line in logs if line["event"] == "timer.unknown"] == [timer["key"]]
    with connected(tmp_path) as connection:
        assert connection.execute(sa.select(schema.timers.c.key)).scalars().all() == [timer["key"]]


async def test_an_effect_that_no_component_carries_out_is_said_and_kept(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    effect = {"id": 7, "effect": '{"effect":"of_a_component_that_was_removed","to":"somebody"}'}
    with changing(tmp_path) as connection:
        connection.execute(sa.insert(schema.outbox), [{"node": "main", **effect}])
    with capture_logs() as logs:
        async with served_in(tmp_path) as served:
            await served.engine.settle(Tick(at=clock()))
    assert [line["row"] for line in logs if line["event"] == "effect.unknown"] == [7]
    with connected(tmp_path) as connection:
        assert connection.execute(sa.select(schema.outbox.c.id)).scalars().all() == [7]


async def test_a_text_from_a_phone_is_on_disk_when_it_is_settled(tmp_path: Path) -> None:
    event = TextReceived(at=clock(), gateway="kannel", gateway_id="a", sender=MATTI, recipient="1", body="STOP")
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(event)
    async with served_in(tmp_path) as served:
        await served.engine.settle(event)
        assert served.lines()[-1]["event"] == "number.opted_out"
        assert {line["id"] for line in served.lines()} == {1, 2}
