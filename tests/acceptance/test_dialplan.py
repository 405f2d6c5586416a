"""The printed dialplan on a real Asterisk: callers reach the queue through us, and all the same without us."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from callcentre.cli.dialplan import NOTHING_PRINTED
from callcentre.configuration import read
from callcentre.telephony import dialplan
from callcentre.telephony.lease.model import ENDED, LONGEST, PERIOD, SECONDS, VARIABLE, lapsed, value_of
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import SALES, Steps, calls_in, check_numbering, joined, ran, reported
from tests.cast import ANNA, LIISA, MATTI, PEKKA
from tests.testbed.bed import Bed
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.databases import of_a_file
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import printed
from tests.testbed.waiting import until

UNGREETED = {"services": {"support": {"welcome": None}}}

HELD_AT_MOST = 10.0
"""Seconds, on a busy machine, for what the dialplan does after three."""

PAST_US = ["support Queue"]
THROUGH_US = ["support Stasis", "support Queue"]
LET_GO = ["support Stasis", "T Goto", "support Queue"]


LEASE_NUMBER = "+358912340021"
TELLS_THE_LEASE = f"""
exten => {LEASE_NUMBER},1,Set(GLOBAL(LEASE)=${{ENV(CALLCENTRE_LEASE)}})
 same => n,Set(GLOBAL(LAPSED)={lapsed()})
 same => n,Hangup()
"""


async def give_lease(pbx: Pbx, value: str) -> None:
    await pbx.ari.post("/asterisk/variable", variable=VARIABLE, value=value)


async def lease(pbx: Pbx, network: PhoneNetwork) -> tuple[str, str]:
    """The lease as a call finds it, and whether the dialplan takes it for lapsed. Needs TELLS_THE_LEASE."""
    call = await network.call(MATTI, LEASE_NUMBER)
    await call.ended()
    value, is_lapsed = [
        (await pbx.ari.get("/asterisk/variable", variable=name))["value"] for name in ("LEASE", "LAPSED")
    ]
    return str(value), str(is_lapsed)


@pytest.mark.parametrize(
    ("lease_of", "passes_by"),
    [
        (lambda _now: "", "1"),
        (lambda _now: ENDED, "1"),
        (lambda now: value_of(now - 1), "1"),
        (lambda now: value_of(now), "1"),
        (lambda now: value_of(now + SECONDS), "0"),
        (lambda now: value_of(now + LONGEST), "0"),
        (lambda now: value_of(now + LONGEST + 60), "1"),
        (lambda now: value_of(now - PERIOD // 2), "1"),
    ],
)
async def test_asterisk_tells_a_lease_in_force_from_one_that_is_not_in_silence(
    pbx: Pbx, network: PhoneNetwork, lease_of: Callable[[int], str], passes_by: str
) -> None:
    await pbx.write_extensions(extensions_conf(more=TELLS_THE_LEASE))
    before = pbx.log.stat().st_size
    value = lease_of(int(time.time()))
    await give_lease(pbx, value)
    assert not [line for line in pbx.log.read_text()[before:].splitlines() if "LEASE" in line]
    assert await lease(pbx, network) == (value, passes_by)
    await give_lease(pbx, ENDED)


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
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed, end: str
) -> None:
    if end == "never started":
        await give_lease(pbx, "")
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
        assert reported(daemon, number) == ["queue.joined"]
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


@of_a_file
@pytest.mark.parametrize(
    "trouble",
    [pytest.param("the disk is full", marks=pytest.mark.fault("Store: disk full")), "the database is gone"],
)
async def test_a_daemon_that_cannot_store_lets_callers_go_by_and_heals(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, trouble: str
) -> None:
    daemon = await start_daemon(UNGREETED)
    database, aside = (daemon.file.with_name(name) for name in ("callcentre.db", "aside.db"))
    if trouble == "the disk is full":
        daemon.fill_disk()
    else:
        database.rename(aside)
    await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1, within=HELD_AT_MOST)
    await daemon.unready()
    assert "database cannot be written" in (await daemon.health(TOKEN))[1]
    steps = Steps(pbx)
    await network.call(LIISA, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 2)
    assert steps() in (PAST_US, THROUGH_US)
    if trouble == "the disk is full":
        daemon.free_disk()
    else:
        aside.rename(database)
    await _heals(daemon, network, pbx)


async def test_a_service_the_dialplan_does_not_know_leads_to_the_first_and_after_the_queue_the_call_goes_on(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    more = """
exten => +358912340020,1,Goto(callcentre-queue,nosuch,1)

[callcentre-after]
exten => support,1,Set(GLOBAL(CAME_OUT)=${CALLERID(num)})
"""
    await bed.install(daemon.file, more=more)
    await pbx.write_queues(queues_conf(support={"leavewhenempty": "yes"}))
    network.agent("agent1").behaviour = "busy"
    await pbx.log_on("support", "agent1")
    call = await calls_in(network, daemon, MATTI, "+358912340020")
    assert (await joined(daemon, MATTI))["service"] == "support"
    await pbx.log_off("support", "agent1")
    await call.ended()
    assert (await pbx.ari.get("/asterisk/variable", variable="CAME_OUT"))["value"] == MATTI


async def test_stopping_ends_the_lease_at_once(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    await bed.install(daemon.file, more=TELLS_THE_LEASE)

    async def granted() -> bool:
        return (await lease(pbx, network))[1] == "0"

    await until(granted, within=5, awaited="a lease")
    assert await daemon.stop() == 0
    assert await lease(pbx, network) == (ENDED, "1")


async def test_a_dialplan_that_an_older_version_printed_is_reported(start_daemon: StartDaemon, pbx: Pbx) -> None:
    daemon = await start_daemon(UNGREETED)
    await daemon.stop()
    before = daemon.process.errors.stat().st_size  # It may have connected before it got its dialplan.

    async def warned() -> bool:
        return b"dialplan.outdated" in daemon.process.errors.read_bytes()[before:]

    await daemon.start()
    await daemon.stop()
    assert not await warned()
    printed_now = dialplan.extensions(read(daemon.file).settings, 22)
    await pbx.write_extensions(extensions_conf(printed_now.replace("[callcentre-version]", "[another]")))
    await daemon.start()
    await until(warned, within=10, awaited="dialplan.outdated", seen=daemon.last_words)
    said = await ran("doctor", "-c", daemon.file)
    assert said.code == 1
    assert "version of the dialplan: was printed by another version" in said.output


@pytest.mark.parametrize(("version", "position_after"), [("20", ",,,,,,,,,"), ("22", ",,,,,,,,"), ("", ",,,,,,,,")])
async def test_the_text_for_extensions_fits_the_version_and_is_loaded(
    bed: Bed, pbx: Pbx, version: str, position_after: str
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
    network.agent("agent1").behaviour = "answer"
    await pbx.log_on("support", "agent1", name="Anna")
    answered = await daemon.fact("queue.answered")
    assert (answered["agent"], answered["agent_name"]) == (ANNA, "Anna")
    assert (await pbx.ari.get(f"/channels/{answered['call']}/variable", variable="QEORIGINALPOS"))["value"] == "1"


async def test_the_version_of_an_asterisk_that_does_not_answer_must_be_given(bed: Bed) -> None:
    file = bed.configure(bed.folder / "config.yaml", {"ari": {"url": "http://127.0.0.1:9/ari"}}).file
    said = await ran("dialplan", "-c", file)
    assert said.code == 1
    assert "give it with --asterisk 22" in said.errors
    assert said.output == NOTHING_PRINTED
