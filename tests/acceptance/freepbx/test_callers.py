"""Callers of a FreePBX: they are seen, served by its agents, offered a callback, and keep what its queue gave them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, joined, masked, reported, welcome
from tests.cast import LIISA, MATTI
from tests.testbed.bed import FreePbxBed
from tests.testbed.callbacks import offered, rules
from tests.testbed.configuration import merged
from tests.testbed.freepbx import (
    CALLBACK_NUMBER,
    NAMELESS_NUMBER,
    QUEUE_NUMBER,
    QUEUES,
    SALES,
    SUPPORT,
    SWEDISH_NUMBER,
    FreePbx,
    FreePbxQueue,
)
from tests.testbed.kannel import Kannel
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

LIMITED = FreePbxQueue(SUPPORT, prefix="Tuki:", breakout="ivr-1", max_wait="8", fail_over="app-test,failed-over,1")


@pytest.mark.parametrize("number", [QUEUE_NUMBER, CALLBACK_NUMBER], ids=["ext-queues", "callcentre-queue"])
async def test_a_caller_is_seen_and_answered_by_an_agent_who_has_the_name_of_the_queue(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork, number: str
) -> None:
    daemon = await start_daemon({"services": {"support": {"welcome": None}}})
    await pbx.log_on(SUPPORT, "1001", name="Anna")
    call = await network.call(MATTI, number)
    agent = await network.agent("1001").rings()
    assert agent.caller_number == MATTI
    await agent.answer()
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    assert (answered["agent"], answered["agent_name"]) == ("Local/1001@from-queue/n", "Anna")
    await call.hang_up()
    assert (await ended(daemon, MATTI))["talk"] > 0
    assert reported(daemon, MATTI) == ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]


@pytest.mark.parametrize("number", [QUEUE_NUMBER, CALLBACK_NUMBER], ids=["ext-queues", "callcentre-queue"])
async def test_a_caller_who_withholds_the_number_is_not_texted_though_the_route_hides_that(
    start_daemon: StartDaemon, network: PhoneNetwork, number: str
) -> None:
    daemon = await start_daemon(welcome())
    await network.call(MATTI, number, withheld=True)
    skipped = await daemon.fact("welcome.skipped")
    assert skipped["reason"] == "withheld"
    assert not [fact for fact in daemon.facts if "number" in fact or "caller" in fact]


async def test_the_dialled_number_tells_the_service_of_a_call_that_comes_in_at_s(
    start_daemon: StartDaemon, network: PhoneNetwork
) -> None:
    shared = {"services": {"sales": {"queue": SUPPORT, "numbers": [CALLBACK_NUMBER], "name": {"fi": "Myynti"}}}}
    daemon = await start_daemon(merged(shared, {"services": {"support": {"numbers": [QUEUE_NUMBER]}}}))
    await network.call(MATTI, NAMELESS_NUMBER)
    assert (await joined(daemon, MATTI))["service"] == "sales"


async def test_a_language_that_was_chosen_on_the_way_stays(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    caller = await offered(daemon, network, MATTI, SWEDISH_NUMBER)
    path = f"/channels/{caller.channel}/variable"
    await caller.declines()
    assert (await pbx.ari.get(path, variable="CHANNEL(language)"))["value"] == "sv"


@pytest.mark.usefixtures("short_prompts")
@pytest.mark.parametrize("number", [QUEUE_NUMBER, CALLBACK_NUMBER], ids=["ext-queues", "callcentre-queue"])
@pytest.mark.parametrize("alive", [True, False], ids=["with the daemon", "daemon dead"])
async def test_the_exit_key_keeps_the_longest_wait_the_options_and_the_fail_over_destination(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork, number: str, alive: bool
) -> None:
    await pbx.apply((LIMITED, QUEUES[1]))
    daemon = await start_daemon(rules())
    if not alive:
        await daemon.kill()
    begin = pbx.log.stat().st_size
    call = await network.call(MATTI, number)
    if alive and number == CALLBACK_NUMBER:
        await daemon.fact("callback.offered")
        await call.press("9")
    await pbx.has_waiting(SUPPORT, 1)
    offers = len(daemon.find("callback.offered"))
    await call.press("*")
    if alive:
        await daemon.fact("callback.offered", count=offers + 1)
        await call.press("9")
    assert await pbx.came_to(within=15) == f"failed-over {MATTI}"
    text = pbx.log.read_bytes()[begin:].decode(errors="replace")
    first, second = (found.split(",") for found in re.findall(r'\] Queue\("[^"]*", "([^"]*)"\)', text))
    assert (first[0], second[0]) == (SUPPORT, SUPPORT)
    assert set(first[1]) == set(second[1]) == {"t", "C"}
    assert 1 <= int(second[4]) <= int(first[4]) == 8
    assert second[-1] == "1"


@pytest.mark.usefixtures("short_prompts")
@pytest.mark.parametrize(
    ("number", "place"),
    [(QUEUE_NUMBER, "failed-over"), (CALLBACK_NUMBER, "after")],
    ids=["ext-queues", "callcentre-queue"],
)
async def test_what_follows_callcentre_is_not_for_those_who_came_past_it(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork, bed: FreePbxBed, number: str, place: str
) -> None:
    await pbx.apply((LIMITED, QUEUES[1]))
    daemon = await start_daemon({"services": {"support": {"welcome": None}}})
    await bed.install(daemon.file, more="\n[callcentre-after]\nexten => support,1,Goto(app-test,after,1)\n")
    call = await calls_in(network, daemon, MATTI, number)
    await call.press("*")
    assert await pbx.came_to(within=15) == f"{place} {MATTI}"


@pytest.mark.usefixtures("short_prompts")
async def test_the_other_keys_of_the_queue_s_ivr_stay(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    call = await calls_in(network, daemon, MATTI, QUEUE_NUMBER)
    await call.press("2")
    assert await pbx.came_to() == f"broke-out {MATTI}"
    assert (await daemon.fact("queue.left", number=masked(MATTI)))["reason"] == "key"


async def test_callers_reach_the_agents_without_the_daemon(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon()
    await daemon.kill()
    await pbx.log_on(SUPPORT, "1001")
    await network.call(MATTI, CALLBACK_NUMBER)
    assert (await network.agent("1001").rings()).caller_number == MATTI


async def test_a_caller_who_stays_after_the_exit_key_is_back_at_the_same_place(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon({"services": {"support": {"welcome": None}}})
    first = await calls_in(network, daemon, MATTI, QUEUE_NUMBER)
    await calls_in(network, daemon, LIISA, QUEUE_NUMBER)
    await first.press("*")
    again = await joined(daemon, MATTI, count=2)
    assert again["position"] == 1

    async def first_of_two() -> bool:
        shown = await pbx.cli(f"queue show {SUPPORT}")
        return shown.count("(wait:") == 2

    await until(first_of_two, within=5, awaited="both in the queue")


async def test_a_text_does_not_call_a_person_by_the_prefix_and_number_that_freepbx_makes_a_name(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome("Hei {{ name }}!"))
    await calls_in(network, daemon, MATTI, QUEUE_NUMBER)
    assert (await kannel.phone(MATTI).receives()).body == "Hei!"
    await calls_in(network, daemon, LIISA, QUEUE_NUMBER, name="Liisa Virtanen")
    assert (await kannel.phone(LIISA).receives()).body == "Hei Liisa Virtanen!"


@pytest.mark.usefixtures("short_prompts")
@pytest.mark.parametrize("alive", [True, False], ids=["with the daemon", "daemon dead"])
async def test_the_exit_key_in_the_queue_that_follows_leads_back_into_that_one(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork, alive: bool
) -> None:
    first = FreePbxQueue(SUPPORT, max_wait="2", fail_over=f"ext-queues,{SALES},1")
    await pbx.apply((first, FreePbxQueue(SALES, max_wait="7", fail_over="app-test,failed-over,1")))
    quiet = {"welcome": None, "callback": None, "notify": None, "survey": None}
    sales: dict[str, Any] = {**quiet, "queue": SALES, "numbers": [], "name": {"fi": "Myynti"}}
    daemon = await start_daemon({"services": {"support": quiet, "sales": sales}})
    if not alive:
        await daemon.kill()
    begin = pbx.log.stat().st_size
    call = await network.call(MATTI, CALLBACK_NUMBER)
    await pbx.has_waiting(SUPPORT, 1)
    await pbx.has_waiting(SALES, 1)
    await call.press("*")
    assert await pbx.came_to(within=12) == f"failed-over {MATTI}"
    text = pbx.log.read_bytes()[begin:].decode(errors="replace")
    assert re.findall(r'\] Queue\("[^"]*", "([^",]*)', text) == [SUPPORT, SALES, SALES]
