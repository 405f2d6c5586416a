"""The wall clock of a running daemon is set an hour back, and an hour forward: nothing stops, and nothing comes twice.

Asterisk keeps its own time, or its clock is set as well: callers come through the daemon all the same.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import Steps, calls_in, ended, figures, joined, welcome
from tests.cast import KALLE, LIISA, MATTI, PEKKA
from tests.testbed.callbacks import SOON, request_callback, rules
from tests.testbed.daemon import Daemon
from tests.testbed.databases import connected
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import OtherTime
from tests.testbed.waiting import until

HOUR = 3600.0
THROUGH_US = ["support Stasis", "support Queue"]


@pytest.fixture
def clock(tmp_path: Path) -> OtherTime:
    """A clock that can be set."""
    return OtherTime(tmp_path / "clock")


@pytest_asyncio.fixture(loop_scope="session")
async def pbx_in_that_time(pbx: Pbx, clock: OtherTime) -> AsyncIterator[Pbx]:
    """The PBX, on the same clock until the test is over."""
    before = pbx.process.environment
    await pbx.kill()
    pbx.process.environment = {**os.environ, **clock.environment}
    await pbx.start()
    yield pbx
    await pbx.kill()
    pbx.process.environment = before


async def notices(daemon: Daemon, *, steps: int) -> None:
    """Wait until the daemon has noticed that its clock was set so often."""

    async def noticed() -> bool:
        return (await figures(daemon))["callcentre_clock_steps_total"] == steps

    await until(noticed, within=5, awaited=f"step {steps} noticed", every=0.1)


async def ticks(daemon: Daemon, count: int = 3) -> None:
    """Wait until so many more ticks are on disk."""
    seen: list[object] = []

    async def enough() -> bool:
        with connected(daemon.file.parent) as database:
            at = database.execute(sa.text("select at from pulse")).scalar_one()
        if at not in seen:
            seen.append(at)
        return len(seen) > count

    await until(enough, within=count + 5, awaited=f"{count} ticks", every=0.1)


async def are_served(daemon: Daemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel, clock: OtherTime) -> None:
    """Callers come before and after each of three steps, and each hears their place once."""
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    for steps, (number, ahead) in enumerate(((LIISA, -HOUR), (PEKKA, 0.0), (KALLE, HOUR)), start=1):
        clock.set(ahead)
        await notices(daemon, steps=steps)
        await ticks(daemon)
        assert (await daemon.health())[0] == 200
        way = Steps(pbx)
        await calls_in(network, daemon, number, SUPPORT_NUMBER)
        assert way() == THROUGH_US
        assert (await joined(daemon, number))["position"] == steps + 1
    await first.hang_up()
    assert 0 < (await ended(daemon, MATTI))["wait"] < 120
    for number in (MATTI, LIISA, PEKKA, KALLE):
        assert (await kannel.phone(number).receives()).body == "Tervetuloa"
        assert len(kannel.phone(number).texts) == 1
    assert len(daemon.find("alarm.raised", reason="clock_stepped")) == 1


@pytest.mark.fault("Time: clock set back by an hour", "Time: clock set forward by an hour")
async def test_callers_are_served_before_and_after_each_step(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel, clock: OtherTime
) -> None:
    daemon = await start_daemon(welcome(), clock=clock)
    await are_served(daemon, network, pbx, kannel, clock)


@pytest.mark.fault("Time: clock set back by an hour", "Time: clock set forward by an hour")
async def test_callers_are_served_when_asterisks_clock_is_set_as_well(
    pbx_in_that_time: Pbx, start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, clock: OtherTime
) -> None:
    daemon = await start_daemon(welcome(), clock=clock)
    await are_served(daemon, network, pbx_in_that_time, kannel, clock)
    reported = datetime.fromisoformat((await pbx_in_that_time.ari.get("/asterisk/ping"))["timestamp"])
    assert abs(reported - datetime.now(UTC)) > timedelta(seconds=HOUR - 60)


@pytest.mark.fault("Time: clock set back by an hour", "Time: clock set forward by an hour")
async def test_a_callback_is_dialled_again_after_its_pause_and_not_at_once(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, clock: OtherTime
) -> None:
    daemon = await start_daemon(rules(dial={"attempts": "4", "retry_after": SOON}), clock=clock)
    await pbx.log_on("support", "agent1")
    callback = await request_callback(daemon, MATTI)
    phone = network.phone(MATTI)

    async def is_busy(attempt: int) -> None:
        await (await phone.rings(within=20)).reject("busy")
        await daemon.fact("callback.postponed", callback=callback, attempt=attempt)
        assert len(daemon.find("callback.dialled")) == attempt

    await is_busy(1)
    clock.set(-HOUR)
    await notices(daemon, steps=1)
    await is_busy(2)
    clock.set(HOUR)
    await notices(daemon, steps=2)
    assert len(daemon.find("callback.dialled")) == 2
    # Set back once more while the daemon is off.
    await daemon.stop()
    clock.set(-HOUR)
    await daemon.start()
    await is_busy(3)
