"""A clock that is set moves what the engine has stored, in one commit, also when it is set while the daemon is off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from callcentre.kernel import schema
from callcentre.kernel.event import Tick
from callcentre.kernel.store import Writes
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from tests.cast import MATTI
from tests.integration.kernel import running
from tests.integration.kernel.running import caller, clock, served_in
from tests.testbed.databases import connected


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.fault("Time: clock set back by an hour", "Time: clock set forward by an hour")
async def test_a_clock_that_is_set_moves_records_and_timers_in_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    async with served_in(tmp_path, crash=True) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
        call = served.world.calls.calls["1.1"]
        with connected(tmp_path) as connection:
            ((due, wall),) = connection.execute(sa.select(schema.timers.c.due, schema.timers.c.wall)).all()
        delta = timedelta(hours=hours)
        begun = TextReceived(at=clock(), gateway="kannel", gateway_id="a", sender=MATTI, recipient="1", body="Hei")
        monkeypatch.setattr(running, "shift", delta)
        commits = served.engine.counters.commits
        served.engine.clock_stepped(delta)
        # It began before the step, and came in after it.
        await served.engine.settle(begun)
        assert served.engine.counters.commits == commits + 1
        assert served.world.calls.calls["1.1"] == replace(
            call, joined_at=call.joined_at + delta, entered=call.entered + delta
        )
        received = served.world.texts.received.get("kannel a")
        assert received is not None
        assert received.at == begun.at + delta
    async with served_in(tmp_path) as served:
        assert served.world.calls.calls["1.1"].joined_at == call.joined_at + delta
        with connected(tmp_path) as connection:
            rows = connection.execute(sa.select(schema.timers.c.due, schema.timers.c.wall)).all()
        assert not wall
        assert (due + delta, False) in rows
        assert served.engine.counters.clock_steps == 0


@pytest.mark.fault("Time: clock set back by an hour")
async def test_a_clock_that_was_set_back_while_we_were_off_is_noticed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served_in(tmp_path) as served:
        served.outside.gate.set()
        await served.engine.settle(caller())
        await served.outside.has_done(SendText)
        await served.engine.settle(Tick(at=clock()))
    monkeypatch.setattr(running, "shift", timedelta(hours=-1))
    async with served_in(tmp_path) as served:
        await served.engine.settle(Tick(at=clock()))
        assert served.engine.counters.clock_steps == 1
        assert abs(served.world.calls.calls["1.1"].joined_at - clock()) < timedelta(seconds=10)
        assert "clock_stepped" in [line.get("reason") for line in served.lines()]
    # It is told and moved once, not at every start.
    async with served_in(tmp_path) as served:
        await served.engine.settle(Tick(at=clock()))
        assert served.engine.counters.clock_steps == 0


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_batch_that_is_closed_before_a_step_is_decided_is_written_in_the_time_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    async with served_in(tmp_path) as served:
        before = Writes()
        served.engine._batch_closed(before)
        monkeypatch.setattr(running, "shift", timedelta(hours=hours))
        served.engine.clock_stepped(timedelta(hours=hours))
        closed = Writes()
        served.engine._batch_closed(closed)
        assert 0 <= float(closed.meta["clock"]) - float(before.meta["clock"]) < 60
        await served.engine.settle(Tick(at=clock()))
        after = Writes()
        served.engine._batch_closed(after)
        assert abs(float(after.meta["clock"]) - float(before.meta["clock"]) - hours * 3600) < 60


async def test_after_a_long_time_off_nothing_is_deleted_at_once_since_the_clock_may_be_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served_in(tmp_path) as served:
        received = TextReceived(at=clock(), gateway="kannel", gateway_id="a", sender=MATTI, recipient="1", body="Hei")
        await served.engine.settle(received)
    monkeypatch.setattr(running, "shift", timedelta(days=30))
    async with served_in(tmp_path) as served:
        await served.engine.settle(Tick(at=clock()))
        assert "kannel a" in served.world.texts.received
        monkeypatch.setattr(running, "shift", timedelta(days=30, hours=1, seconds=1))
        await served.engine.settle(Tick(at=clock()))
        assert "kannel a" not in served.world.texts.received
