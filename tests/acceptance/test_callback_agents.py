"""Agent first, on real parts: an agent is rung through the queue, then the customer, and both talk."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import ANNA, LIISA, MATTI
from tests.testbed.bed import Bed
from tests.testbed.callbacks import (
    SOON,
    offered,
    open_callbacks,
    request_callback,
    rings_and_accepts,
    rules,
    until_in_line,
)
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")

AGENT_FIRST = {"order": "agent_first", "retry_after": SOON}


async def in_phase(daemon: Daemon, callback: str, phase: str) -> None:
    """Wait until a callback is there."""

    async def look() -> bool:
        return bool((await open_callbacks(daemon))[callback]["phase"] == phase)

    await until(look, within=5, awaited=f"{callback} {phase}")


async def test_the_agent_answers_first_then_the_customer_and_they_talk(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST))
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1", name="Anna")
    agent = await network.agent("agent1").rings(within=8)
    assert agent.caller_number == LIISA
    assert not network.phone(LIISA).calls
    await agent.answer()
    customer = await network.phone(LIISA).rings(within=8)
    assert customer.caller_number == SUPPORT_NUMBER
    await customer.answer()
    recording = await customer.record()
    await customer.press(",1")
    connected = await daemon.fact("callback.connected", callback=callback)
    assert (await recording.stop()).anything
    assert (connected["agent"], connected["agent_name"]) == (ANNA, "Anna")
    for speaker, listener in ((agent, customer), (customer, agent)):
        recording = await listener.record()
        await speaker.say(2)
        assert (await recording.stop()).anything
    await agent.hang_up()
    await customer.ended()
    completed = await daemon.fact("callback.completed", callback=callback)
    assert completed["talk"] > 0
    reported = [fact["event"] for fact in daemon.facts if fact.get("call") == completed["call"]]
    assert reported == [
        "callback.dialled", "callback.confirmed", "queue.joined", "queue.answered", "queue.left", "callback.queued",
        "callback.connected", "call.ended", "callback.completed",
    ]  # fmt: skip
    await pbx.is_silent()

    async def no_bridge() -> bool:
        return not await pbx.ari.get("/bridges")

    await until(no_bridge, within=5, awaited="the PBX without a bridge")


ENTRY = """
[to-queues]
exten => support,1,Answer()
 same => n,Queue(support,,,${VQ_AANNOUNCE},${VQ_MAXWAIT},,,,${VQ_POSITION})
 same => n,Goto(${CUT(VQ_DEST,^,1)},${CUT(VQ_DEST,^,2)},${CUT(VQ_DEST,^,3)})
"""
"""A way into the queue of the PBX's own, which answers as that of FreePBX does."""


async def test_where_the_pbx_answers_on_the_way_into_the_queue_the_customer_still_waits_for_an_agent(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, bed: Bed
) -> None:
    entry = {"services": {"support": {"queue_entry": "to-queues,support,1"}}}
    daemon = await start_daemon(merged(rules(dial=AGENT_FIRST), entry))
    await bed.install(daemon.file, more=ENTRY)
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1", name="Anna")
    agent = await network.agent("agent1").rings(within=8)
    # Not the first agent who is rung is there.
    await agent.reject()
    agent = await network.agent("agent1").rings(within=8)
    assert agent.caller_number == LIISA
    assert not network.phone(LIISA).calls
    await agent.answer()
    await rings_and_accepts(network, LIISA)
    connected = await daemon.fact("callback.connected", callback=callback, attempt=1)
    assert (connected["agent"], connected["agent_name"]) == (ANNA, "Anna")
    await agent.hang_up()
    await daemon.fact("callback.completed", callback=callback)
    await pbx.is_silent()


async def test_a_customer_who_does_not_answer_frees_the_agent_with_a_word_and_is_tried_again(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST, dialling={"ring": "5s"}))
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings(within=8)
    await agent.answer()
    customer = await network.phone(LIISA).rings(within=8)
    await customer.ended(within=8)
    recording = await agent.record()
    await daemon.fact("callback.postponed", callback=callback, reason="no_answer", attempt=1)
    await agent.ended()
    assert (await recording.stop()).anything
    assert not daemon.find("queue.joined")
    assert (await open_callbacks(daemon))[callback]["attempts"] == 1
    again = await network.agent("agent1").rings(within=20)
    assert len(network.phone(LIISA).calls) == 1
    await again.answer()
    await rings_and_accepts(network, LIISA)
    await daemon.fact("callback.connected", callback=callback, attempt=2)


async def test_an_agent_is_rung_only_when_nobody_earlier_waits_and_the_customer_only_when_one_has_answered(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST))
    earlier = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
    await earlier.declines()
    await until_in_line(pbx, MATTI)
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings()
    assert agent.caller_number == MATTI
    await agent.answer()
    await daemon.fact("queue.answered")
    await agent.hang_up()
    await daemon.fact("call.ended")
    agent = await network.agent("agent1").rings(within=8)
    assert agent.caller_number == LIISA
    await agent.reject()
    agent = await network.agent("agent1").rings(within=8)
    assert agent.caller_number == LIISA
    assert not network.phone(LIISA).calls
    await agent.answer()
    await rings_and_accepts(network, LIISA)
    await daemon.fact("callback.connected", callback=callback, attempt=1)


async def test_a_customer_whose_agent_hangs_up_before_they_talk_waits_in_the_queue_at_the_place_held(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST))
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings(within=8)
    await agent.answer()
    customer = await network.phone(LIISA).rings(within=8)
    await pbx.log_off("support", "agent1")
    await agent.hang_up()
    await network.call(MATTI, SUPPORT_NUMBER)
    await until_in_line(pbx, MATTI)
    await customer.answer()
    await customer.press(",1")
    await until_in_line(pbx, LIISA, MATTI)
    await pbx.log_on("support", "agent1")
    await (await network.agent("agent1").rings()).answer()
    await daemon.fact("callback.connected", callback=callback, attempt=1)


async def test_a_killed_daemon_loses_neither_the_agent_nor_the_customer_in_any_state(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST))
    numbers = ("+358401110001", "+358401110002", "+358401110003", "+358401110004")
    callbacks = [await request_callback(daemon, number) for number in numbers]
    agents = [network.agent(f"agent{number}") for number in range(1, 5)]
    rung = []
    customers = []
    for place, agent in enumerate(agents):
        await pbx.log_on("support", agent.number)
        rung.append(await agent.rings(within=8))
        if place < 3:
            await rung[place].answer()
            customers.append(await network.phone(numbers[place]).rings(within=8))
    await customers[0].answer()
    await customers[0].press(",1")
    await daemon.fact("callback.connected", callback=callbacks[0])
    await customers[1].answer()
    await in_phase(daemon, callbacks[1], "asking")

    await daemon.restart()
    # One talks, one was asked, one rings, and for one an agent rings.
    await customers[1].press("1")
    await daemon.fact("callback.connected", callback=callbacks[1], attempt=1)
    await customers[2].answer()
    await customers[2].press(",1")
    await daemon.fact("callback.connected", callback=callbacks[2], attempt=1)
    await rung[3].answer()
    await rings_and_accepts(network, numbers[3])
    await daemon.fact("callback.connected", callback=callbacks[3], attempt=1)
    for call in rung:
        await call.hang_up()
    await daemon.fact("callback.completed", count=4)
    assert [len(network.phone(number).calls) for number in numbers] == [1] * 4
    await pbx.is_silent()


async def test_an_asterisk_that_dies_with_an_agent_reserved_only_begins_again(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial=AGENT_FIRST))
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    await network.agent("agent1").rings(within=8)
    await pbx.restart()
    await daemon.ready()
    assert (await open_callbacks(daemon))[callback]["attempts"] == 0
    await pbx.log_on("support", "agent1")
    await (await network.agent("agent1").rings(within=10)).answer()
    await rings_and_accepts(network, LIISA)
    await daemon.fact("callback.connected", callback=callback, attempt=1)
    assert len(network.phone(LIISA).calls) == 1
