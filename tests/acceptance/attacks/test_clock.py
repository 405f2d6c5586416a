"""The wall clock of a running daemon is set an hour back, and an hour forward: nothing stops, and nothing comes twice.

Asterisk keeps its own time meanwhile: the lease must be reckoned by that.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import LIISA, MATTI, PEKKA, VILLE, calls_in, ended, figures, joined, welcome
from tests.testbed.callbacks import SOON, rules, wish
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

HOUR = 3600.0


async def is_set(daemon: Daemon, seconds: float, *, count: int = 1) -> None:
    """Set the daemon's clock, and wait until it has noticed."""
    daemon.set_clock(seconds)

    async def noticed() -> bool:
        return (await figures(daemon))["callcentre_clock_steps_total"] == count

    await until(noticed, within=5, awaited=f"step {count} noticed", every=0.1)


async def ticks(daemon: Daemon, count: int = 3) -> None:
    """Wait until so many more ticks are on disk."""
    seen: list[int] = []

    async def enough() -> bool:
        with closing(sqlite3.connect(daemon.file.parent / "callcentre.db")) as database:
            ((at,),) = database.execute("select at from pulse")
        if at not in seen:
            seen.append(at)
        return len(seen) > count

    await until(enough, within=count + 5, awaited=f"{count} ticks", every=0.1)


async def test_callers_are_served_before_and_after_each_step(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome(), own_clock=True)
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    for steps, (number, ahead) in enumerate(((LIISA, -HOUR), (PEKKA, 0.0), (VILLE, HOUR)), start=1):
        await is_set(daemon, ahead, count=steps)
        await ticks(daemon)
        assert (await daemon.health())[0] == 200
        # The lease holds on Asterisk's clock: they come through the daemon.
        await calls_in(network, daemon, number, SUPPORT_NUMBER)
        assert (await joined(daemon, number))["position"] == steps + 1
    await first.hang_up()
    assert 0 < (await ended(daemon, MATTI))["wait"] < 120
    for number in (MATTI, LIISA, PEKKA, VILLE):
        assert (await kannel.phone(number).receives()).body == "Tervetuloa"
        assert len(kannel.phone(number).texts) == 1
    assert len(daemon.find("alarm.raised", reason="clock_stepped")) == 1


async def test_a_callback_is_dialled_again_after_its_pause_and_not_at_once(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(rules(dial={"attempts": "4", "retry_after": SOON}), own_clock=True)
    await pbx.log_on("support", "agent1")
    callback = await wish(daemon, MATTI)
    phone = network.phone(MATTI)

    async def is_busy(attempt: int) -> None:
        await (await phone.rings(within=20)).reject("busy")
        await daemon.fact("callback.postponed", callback=callback, attempt=attempt)
        assert len(daemon.find("callback.dialled")) == attempt

    await is_busy(1)
    await is_set(daemon, -HOUR)
    await is_busy(2)
    await is_set(daemon, HOUR, count=2)
    assert len(daemon.find("callback.dialled")) == 2
    # Set back once more while the daemon is off.
    await daemon.stop()
    daemon.set_clock(-HOUR)
    await daemon.start()
    await is_busy(3)
