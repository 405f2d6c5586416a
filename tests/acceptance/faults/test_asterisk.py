"""Asterisk stops, starts slowly, reads everything again, refuses requests, goes silent, floods or is taken over."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import all_is_well, is_whole, reaches_the_queue, says
from tests.acceptance.scene import calls_in, examined, has_figure, joined, masked, reported, together
from tests.cast import AINO, LIISA, MATTI
from tests.testbed.bed import Bed
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import OtherTime
from tests.testbed.waiting import until
from tests.testbed.wire import Wire

PLAIN = {"services": {"support": {"welcome": None}}}


@pytest.mark.fault("Asterisk: stopped")
async def test_an_asterisk_that_is_frozen_is_noticed_and_its_callers_are_known_when_it_goes_on(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    pbx.process.signal(signal.SIGSTOP)
    try:
        await says(daemon, "not connected to Asterisk")
        await network.call(LIISA, SUPPORT_NUMBER)
    finally:
        pbx.process.signal(signal.SIGCONT)
    await pbx.has_waiting("support", 2)
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


@pytest.mark.fault("Asterisk: stopped")
async def test_an_asterisk_that_is_stopped_in_order_is_said_and_found_again(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.cli("core stop now")
    await pbx.process.wait(within=10)
    await says(daemon, "is Asterisk running")
    await pbx.start()
    assert (await daemon.fact("queue.left"))["reason"] in ("abandoned", "unknown")
    await all_is_well(daemon, network, pbx)


@pytest.mark.fault("Asterisk: reloaded")
async def test_an_asterisk_that_reads_everything_again_loses_no_caller(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    network.agent("agent1").behaviour = "answer"
    await pbx.log_on("support", "agent1", name="Anna")
    talks = await calls_in(network, daemon, AINO, SUPPORT_NUMBER)
    await daemon.fact("queue.answered")
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    for _ in range(3):
        await pbx.cli("core reload")
    await reaches_the_queue(network, pbx, LIISA, place=2)
    await all_is_well(daemon, network, pbx, MATTI, LIISA)
    await has_figure(daemon, "callcentre_talking", 1)
    await talks.hang_up()
    await daemon.fact("queue.answered", number=masked(MATTI))


@pytest.mark.fault("Asterisk: slow to start")
async def test_an_asterisk_that_starts_slowly_is_awaited_until_its_queues_are_there(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await pbx.kill()
    options = (pbx.etc / "asterisk.conf").read_text()
    pbx.write("asterisk.conf", options.replace("[options]", "[options]\nexecincludes=yes"))
    # app_queue is loaded late, and reads its file for three seconds; the HTTP server and ARI are there meanwhile.
    pbx.write("queues.conf", f"#exec sleep 3\n{(pbx.etc / 'queues.conf').read_text()}")
    try:
        await pbx.process.start()
        await says(daemon, "not ready")
        await until(pbx._answers, within=20, awaited="Asterisk, at last")
    finally:
        pbx.write("asterisk.conf", options)
        pbx.write("queues.conf", queues_conf())
    await all_is_well(daemon, network, pbx)


@pytest_asyncio.fixture(loop_scope="session")
async def wire(bed: Bed) -> AsyncIterator[Wire]:
    async with Wire(bed.pbx.http_port).laid() as wire:
        yield wire


@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param("401 Unauthorized", "user name or password", marks=pytest.mark.fault("Asterisk: ARI answers 401")),
        pytest.param("500 Internal Server Error", "500", marks=pytest.mark.fault("Asterisk: ARI answers 500")),
    ],
)
async def test_an_ari_that_answers_no_request_any_more_is_no_connection_though_its_events_come(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, wire: Wire, status: str, words: str
) -> None:
    daemon = await start_daemon(together(PLAIN, {"ari": {"url": f"http://127.0.0.1:{wire.port}/ari"}}))
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    wire.answer(status)
    await says(daemon, words)
    await reaches_the_queue(network, pbx, LIISA, place=2)
    assert daemon.process.errors.read_text().count("lease.not_renewed") <= 1
    wire.repair()
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


@pytest.mark.fault("Asterisk: ARI answers 401")
async def test_a_password_that_is_changed_in_ari_conf_alone_is_said_with_what_to_do(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    before = (pbx.etc / "ari.conf").read_text()
    pbx.write(
        "ari.conf",
        before.replace("[callcentre]\ntype=user\npassword=callcentre", "[callcentre]\ntype=user\npassword=new"),
    )
    try:
        await pbx.reload("res_ari.so")
        await says(daemon, "user name or password")
        await reaches_the_queue(network, pbx, LIISA, place=2)
        faults = (await examined(daemon.file)).faults
        assert any("ari.conf" in fix for fix in faults.values()), faults
    finally:
        pbx.write("ari.conf", before)
        await pbx.reload("res_ari.so")
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


@pytest.mark.fault("Asterisk: half-open WebSocket")
async def test_a_websocket_that_is_half_open_is_noticed_and_made_anew(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, wire: Wire
) -> None:
    daemon = await start_daemon(together(PLAIN, {"ari": {"url": f"http://127.0.0.1:{wire.port}/ari"}}))
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    wire.fall_silent()
    await reaches_the_queue(network, pbx, LIISA, place=2)
    await says(daemon, "not connected to Asterisk")
    wire.repair()
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


AT_LEAST = 1_000
"""Events of a flood. It goes on until the caller is in the queue too, which takes longer on a busy machine."""
FLOODING_NUMBER = "+358912340041"
FLOODS = f"""
exten => {FLOODING_NUMBER},1,Answer()
 same => n,Set(TIMES=0)
 same => n,While($["${{ENOUGH}}" = "" | ${{TIMES}} < {AT_LEAST}])
 same => n,Set(MEMBERNAME=${{TIMES}})
 same => n,Set(TIMES=$[${{TIMES}} + 1])
 same => n,EndWhile()
 same => n,Set(GLOBAL(FLOODED)=${{TIMES}})
 same => n,Wait(600)
"""


@pytest.mark.fault("Asterisk: flood of events")
async def test_a_flood_of_events_keeps_no_caller_from_the_queue_and_loses_none(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await bed.install(daemon.file, more=FLOODS)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    for variable in ("ENOUGH", "FLOODED"):
        await pbx.ari.post("/asterisk/variable", variable=variable, value="")
    await network.call(AINO, FLOODING_NUMBER)
    await reaches_the_queue(network, pbx, LIISA, place=2)
    await pbx.ari.post("/asterisk/variable", variable="ENOUGH", value="yes")
    flooded = ""

    async def over() -> bool:
        nonlocal flooded
        flooded = (await pbx.ari.get("/asterisk/variable", variable="FLOODED"))["value"]
        return bool(flooded)

    await until(over, within=60, awaited="the end of the flood", every=0.2)
    assert int(flooded) >= AT_LEAST
    # Whether it was an overload depends on the machine.
    overloads = len(daemon.find("alarm.raised", reason="overload"))
    if overloads:
        await daemon.fact("overload.ended", count=overloads, within=30)
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


@pytest.mark.fault("Asterisk: ApplicationReplaced")
async def test_with_another_program_under_its_name_the_daemon_ends_and_callers_pass_by(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.ari.listen("callcentre", lambda _event: None)
    try:
        assert await daemon.process.wait(within=15) == 1
        said = daemon.last_words()
        assert "another program connected to Asterisk as 'callcentre' (ari.app)" in said
        assert "stop it, or give each its own ari.app" in said
        await reaches_the_queue(network, pbx, LIISA, place=2)
    finally:
        await pbx.ari.close()
    await daemon.start()
    await all_is_well(daemon, network, pbx, MATTI, LIISA)


@pytest_asyncio.fixture(loop_scope="session")
async def asterisks_clock(pbx: Pbx, tmp_path: Path) -> AsyncIterator[OtherTime]:
    """A clock of Asterisk alone, until the test is over."""
    clock = OtherTime(tmp_path / "clock")
    clock.set(10)
    before = pbx.process.environment
    await pbx.kill()
    pbx.process.environment = {**os.environ, **clock.environment}
    await pbx.start()
    yield clock
    await pbx.kill()
    pbx.process.environment = before


@pytest.mark.fault("Asterisk: clock 10 s off")
async def test_a_clock_of_asterisk_that_is_ten_seconds_off_lengthens_no_wait_and_holds_up_nobody(
    asterisks_clock: OtherTime, start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(PLAIN)
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    faults = (await examined(daemon.file)).faults
    assert any("clock" in what for what in faults), faults
    # Now it is ten seconds slow. A caller of the next seconds may pass the daemon by.
    asterisks_clock.set(-10)
    await reaches_the_queue(network, pbx, AINO, place=3)
    await joined(daemon, AINO)
    await first.hang_up()
    assert 0 <= (await daemon.fact("call.ended"))["wait"] < 9
    assert reported(daemon, LIISA) == ["queue.joined"]
    assert [(await joined(daemon, number))["position"] for number in (MATTI, LIISA, AINO)] == [1, 2, 3]
    assert daemon.find("alarm.raised") == []
    is_whole(daemon)
