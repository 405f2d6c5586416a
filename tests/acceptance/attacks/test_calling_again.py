"""Calls with the number of somebody who is to be called back: they make no phone ring earlier."""

from __future__ import annotations

from tests.acceptance.conftest import StartDaemon
from tests.cast import LIISA
from tests.testbed.callbacks import open_callbacks, request_callback, rules
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until


async def is_in_phase(daemon: Daemon, callback: str, phase: str) -> dict[str, object]:
    """Wait until the callback is listed in this phase; how it is listed."""
    listed: dict[str, object] = {}

    async def look() -> bool:
        listed.update((await open_callbacks(daemon))[callback])
        return listed["phase"] == phase

    await until(look, within=8, awaited=f"{callback} in phase {phase}", seen=lambda: str(listed))
    return listed


async def test_six_calls_with_the_number_of_somebody_we_call_make_their_phone_ring_no_more(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    ringing = await network.phone(LIISA).rings(within=8)
    after = []
    for _ in range(6):
        forged = await network.call(LIISA, SUPPORT_NUMBER)
        await is_in_phase(daemon, callback, "returned")
        await forged.hang_up()
        listed = await is_in_phase(daemon, callback, "waiting")
        after.append((listed["why"], listed["attempts"], listed["until"]))
    assert set(after) == {("caller_returned", 0, after[0][2])}
    await ringing.ended()
    assert len(daemon.find("callback.dialled")) == 1
    assert len(network.phone(LIISA).calls) == 1
