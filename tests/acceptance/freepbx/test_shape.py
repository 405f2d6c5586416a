"""The PBX of these tests behaves as FreePBX does where that matters: else nothing here would prove anything."""

from __future__ import annotations

import pytest

from tests.cast import MATTI
from tests.testbed.freepbx import QUEUE_NUMBER, QUEUES, SALES, SUPPORT, FreePbx, FreePbxQueue
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

DIRECTLY = f"""
[from-pstn-custom]
exten => +358912340401,1,Answer()
 same => n,Queue({SUPPORT})
"""


async def test_agents_ring_for_a_caller_by_ext_queues_who_has_the_queue_s_prefix(
    pbx: FreePbx, network: PhoneNetwork
) -> None:
    await pbx.log_on(SUPPORT, "1001")
    await network.call(MATTI, QUEUE_NUMBER)
    ring = await network.agent("1001").rings()
    assert (ring.caller_number, ring.caller_name) == (MATTI, f"Tuki:{MATTI}")


async def test_nobody_rings_for_a_queue_that_is_run_past_ext_queues(pbx: FreePbx, network: PhoneNetwork) -> None:
    pbx.write("extensions_custom.conf", DIRECTLY)
    await pbx.reload("pbx_config.so")
    await pbx.log_on(SUPPORT, "1001")
    await network.call(MATTI, "+358912340401")
    await pbx.has_waiting(SUPPORT, 1)

    async def guarded() -> bool:
        return pbx.log.read_text(errors="replace").count("[1001@from-queue:5] Hangup") >= 2

    await until(guarded, within=10, awaited="the guard, twice")
    assert not network.agent("1001").calls


@pytest.mark.parametrize("blocked", [True, False])
async def test_an_agent_who_does_not_answer_is_kept_from_voicemail_only_on_the_way_by_ext_queues(
    pbx: FreePbx, network: PhoneNetwork, blocked: bool
) -> None:
    # Somebody who sets NODEST alone lets the voicemail answer the caller of the queue.
    pbx.write("extensions_custom.conf", DIRECTLY.replace("Answer()", f"Set(__NODEST={SUPPORT})\n same => n,Answer()"))
    await pbx.reload("pbx_config.so")
    await pbx.log_on(SUPPORT, "1001")
    network.agent("1001").behaviour = "busy"
    await network.call(MATTI, QUEUE_NUMBER if blocked else "+358912340401")

    async def voicemail() -> str:
        return str((await pbx.ari.get("/asterisk/variable", variable="VOICEMAIL"))["value"])

    async def seen() -> bool:
        rung_again = len(network.agent("1001").calls) >= 2
        return rung_again if blocked else await voicemail() == "1001"

    await until(seen, within=15, awaited="a second ring" if blocked else "the voicemail")
    assert await voicemail() == ("" if blocked else "1001")


async def test_do_not_disturb_shows_in_the_agent_s_state_by_the_hint(pbx: FreePbx) -> None:
    await pbx.log_on(SUPPORT, "1001")
    await pbx.shows(SUPPORT, "1001", "(Not in use)")
    await pbx.do_not_disturb("1001", on=True)
    await pbx.shows(SUPPORT, "1001", "(Busy)")


async def test_the_ivr_of_a_queue_takes_its_keys(pbx: FreePbx, network: PhoneNetwork) -> None:
    call = await network.call(MATTI, QUEUE_NUMBER)
    await pbx.has_waiting(SUPPORT, 1)
    await call.press("2")
    assert await pbx.came_to() == f"broke-out {MATTI}"


async def test_after_the_longest_wait_the_call_goes_to_the_fail_over_destination(
    pbx: FreePbx, network: PhoneNetwork
) -> None:
    await pbx.apply((FreePbxQueue(SUPPORT, max_wait="2", fail_over="app-test,failed-over,1"), QUEUES[1]))
    await network.call(MATTI, QUEUE_NUMBER)
    assert await pbx.came_to() == f"failed-over {MATTI}"


async def test_static_agents_come_from_the_generated_file(pbx: FreePbx) -> None:
    await pbx.apply(members={SALES: ["1002"]})
    await pbx.shows(SALES, "1002", "(Not in use)")
