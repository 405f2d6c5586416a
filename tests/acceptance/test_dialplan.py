"""The printed dialplan on a real Asterisk: callers reach the queue through us, and all the same without us."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import LIISA, MATTI, PEKKA, SALES, Steps, calls_in, check_numbering, joined, ran, told
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import printed
from tests.testbed.surroundings import Surroundings
from tests.testbed.waiting import until

UNGREETED = {"services": {"support": {"welcome": None}}}

HELD_AT_MOST = 10.0
"""Seconds, on a busy machine, for what the dialplan does after three."""

PAST_US = ["support Queue"]
THROUGH_US = ["support Stasis", "support Queue"]
LET_GO = ["support Stasis", "T Goto", "support Queue"]


async def lease(pbx: Pbx) -> int:
    """The second until which the dialplan sends callers to us; 0 for never."""
    return int((await pbx.ari.get("/asterisk/variable", variable="CALLCENTRE_LEASE"))["value"] or 0)


async def test_a_caller_goes_through_the_daemon_into_the_queue_and_no_time_limit_stays(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    steps = Steps(pbx)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    assert steps() == THROUGH_US
    call = (await joined(daemon, MATTI))["call"]
    assert (await pbx.ari.get(f"/channels/{call}/variable", variable="TIMEOUT(absolute)"))["value"] == "0"


@pytest.mark.parametrize("end", ["stopped", "killed", "never started"])
async def test_without_a_daemon_a_caller_reaches_the_queue_at_once(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Surroundings, end: str
) -> None:
    if end == "never started":
        await pbx.ari.post("/asterisk/variable", variable="CALLCENTRE_LEASE", value="")
        await bed.install(bed.configure(bed.folder / "config.yaml", UNGREETED).file)
    else:
        daemon = await start_daemon(UNGREETED)
        await (daemon.stop() if end == "stopped" else daemon.kill())
    steps = Steps(pbx)
    await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    # Killed, its lease runs on for a moment, but Stasis() fails when nobody listens.
    assert steps() in ([THROUGH_US, PAST_US] if end == "killed" else [PAST_US])


async def _heals(daemon: Daemon, network: PhoneNetwork, pbx: Pbx) -> None:
    """The daemon is itself again: it tells who came meanwhile, and new callers go through it."""
    await daemon.ready()
    assert [(await joined(daemon, number))["position"] for number in (MATTI, LIISA)] == [1, 2]
    steps = Steps(pbx)
    await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    assert steps() == THROUGH_US
    for number in (MATTI, LIISA, PEKKA):
        assert told(daemon, number) == ["queue.joined"]
    check_numbering(daemon)


async def test_a_frozen_daemon_lets_callers_go_within_seconds_and_heals(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    steps = Steps(pbx)
    daemon.freeze()
    await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1, within=HELD_AT_MOST)
    assert steps() == LET_GO
    # The lease has lapsed by now: nobody is held any more.
    steps = Steps(pbx)
    await network.call(LIISA, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 2)
    assert steps() == PAST_US
    daemon.thaw()
    await _heals(daemon, network, pbx)


async def test_a_daemon_that_cannot_store_lets_callers_go_by_and_heals(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    daemon.fill_disk()
    await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1, within=HELD_AT_MOST)
    await daemon.unready()
    assert "database cannot be written" in (await daemon.health())[1]
    steps = Steps(pbx)
    await network.call(LIISA, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 2)
    assert steps() in (PAST_US, THROUGH_US)
    daemon.free_disk()
    await _heals(daemon, network, pbx)


async def test_a_service_the_dialplan_does_not_know_leads_to_the_first_and_after_the_queue_the_call_goes_on(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Surroundings
) -> None:
    daemon = await start_daemon(UNGREETED)
    more = """
exten => +358912340020,1,Goto(callcentre-queue,nosuch,1)

[callcentre-after]
exten => support,1,Set(GLOBAL(CAME_OUT)=${CALLERID(num)})
"""
    await bed.install(daemon.file, more=more)
    await pbx.write_queues(queues_conf(support={"leavewhenempty": "yes"}))
    network.agent("agent1").manner = "busy"
    await pbx.log_on("support", "agent1")
    call = await calls_in(network, daemon, MATTI, "+358912340020")
    assert (await joined(daemon, MATTI))["service"] == "support"
    await pbx.log_off("support", "agent1")
    await call.ended()
    assert (await pbx.ari.get("/asterisk/variable", variable="CAME_OUT"))["value"] == MATTI


async def test_stopping_ends_the_lease_at_once(start_daemon: StartDaemon, pbx: Pbx) -> None:
    daemon = await start_daemon(UNGREETED)

    async def granted() -> bool:
        return await lease(pbx) > 0

    await until(granted, within=5, awaited="a lease")
    assert await daemon.stop() == 0
    assert await lease(pbx) == 0


@pytest.mark.parametrize(("version", "position_after"), [("20", ",,,,,,,,,"), ("22", ",,,,,,,,"), ("", ",,,,,,,,")])
async def test_the_text_for_extensions_fits_the_version_and_is_loaded(
    bed: Surroundings, pbx: Pbx, version: str, position_after: str
) -> None:
    file = bed.configure(bed.folder / "config.yaml", SALES).file
    said = await ran("dialplan", "-c", file, *(["--asterisk", version] if version else []))
    assert said.code == 0, said.errors
    assert f"Queue(support{position_after}${{CALLCENTRE_POSITION}})" in said.output
    before = pbx.log.stat().st_size
    await pbx.write_extensions(extensions_conf(said.output))
    for context, extensions in (
        ("callcentre-queue", ["'support' =>", "'sales' =>", "'i' =>", "'T' =>"]),
        ("callcentre-exit-support", ["'*' =>"]),
        ("callcentre-exit-sales", ["'*' =>"]),
    ):
        shown = await pbx.cli(f"dialplan show {context}")
        for extension in extensions:
            assert extension in shown
    assert not [line for line in pbx.log.read_text()[before:].splitlines() if "WARNING" in line or "ERROR" in line]


async def test_the_text_for_queues_is_a_queues_conf_with_which_agents_are_named_and_the_key_works(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    text = await printed("dialplan", "-c", str(daemon.file), "--asterisk", "22", "--part", "queues")
    await pbx.write_queues(f"[general]\n{text}")
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await call.press("*")
    await joined(daemon, MATTI, count=2)
    network.agent("agent1").manner = "answer"
    await pbx.log_on("support", "agent1", name="Anna")
    answered = await daemon.fact("queue.answered")
    assert (answered["agent"], answered["agent_name"]) == ("PJSIP/agent1", "Anna")
    assert (await pbx.ari.get(f"/channels/{answered['call']}/variable", variable="QEORIGINALPOS"))["value"] == "1"


async def test_the_version_of_an_asterisk_that_does_not_answer_must_be_given(bed: Surroundings) -> None:
    file = bed.configure(bed.folder / "config.yaml", {"ari": {"url": "http://127.0.0.1:9/ari"}}).file
    said = await ran("dialplan", "-c", file)
    assert said.code == 1
    assert "give it with --asterisk 22" in said.errors
    assert not said.output
