"""An agent who answers is not with the caller yet: what app_queue does before the bridge, and what the facts say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, masked, reported, together
from tests.cast import ANNA, LIISA, MATTI, PEKKA
from tests.testbed.bed import Bed
from tests.testbed.callbacks import open_callbacks, request_callback, rings_and_accepts, rules, waits_because
from tests.testbed.configuration import merged, shipped
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")

UNGREETED = {"services": {"support": {"welcome": None}}}
SURVEYED: dict[str, Any] = {
    "services": {
        "support": {
            "welcome": None,
            "survey": merged(shipped()["services"]["support"]["survey"], {"after": "1s", "min_talk": "0s"}),
        }
    }
}

TIMES_OUT, WITH_GOSUB, WITH_AGI = "+358912340020", "+358912340021", "+358912340022"
DIALPLAN = f"""
exten => {TIMES_OUT},1,Answer()
 same => n,Queue(support,,,,2)
 same => n,Wait(60)
exten => {WITH_GOSUB},1,Answer()
 same => n,Queue(support,,,,,,before-the-bridge)
exten => {WITH_AGI},1,Answer()
 same => n,Queue(support,,,,,/bin/true)

[before-the-bridge]
exten => s,1,Wait(60)
 same => n,Return()
"""

DELAY = 3


def delayed(**more: str) -> str:
    """Queues in which an agent who answered is with the caller only after a while."""
    return queues_conf(support={"memberdelay": str(DELAY), **more})


async def answers(network: PhoneNetwork, agent: str = "agent1") -> Call:
    """An agent's phone is answered; the caller is not with them yet."""
    ringing = await network.agent(agent).rings()
    await ringing.answer()
    return ringing


async def has_left(pbx: Pbx, count: int = 0) -> None:
    """Wait until app_queue has let the caller go."""
    await pbx.has_waiting("support", count)


async def test_an_agent_who_hangs_up_in_the_announcement_has_answered_nobody(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(SURVEYED)
    await pbx.write_queues(delayed())
    call = await calls_in(network, daemon, MATTI, PLAIN_SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1")
    await (await answers(network)).hang_up()
    # The caller waits on: the agent is rung for them again.
    await network.agent("agent1").rings()
    await call.hang_up()
    end = await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.left abandoned", "call.ended"]
    assert end["talk"] == 0
    assert "agent" not in end


async def test_a_caller_who_hangs_up_in_the_announcement_has_abandoned(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(SURVEYED)
    await pbx.write_queues(delayed())
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1")
    await answers(network)
    await call.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.left abandoned", "call.ended"]


async def test_a_caller_who_times_out_after_an_agent_was_gone_was_not_answered(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(SURVEYED)
    await bed.install(daemon.file, more=DIALPLAN)
    await pbx.write_queues(delayed())
    await pbx.log_on("support", "agent1")
    call = await network.call(MATTI, TIMES_OUT)
    agent = await answers(network)
    await agent.hang_up()
    again = await network.agent("agent1").rings()
    await again.ended()
    await daemon.fact("queue.left", number=masked(MATTI), reason="timeout")
    await call.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.left timeout", "call.ended"]


async def test_the_wait_of_an_answered_call_ends_as_app_queue_says(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await pbx.write_queues(delayed())
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1", name="Anna")
    await (await answers(network)).hang_up()
    agent = await answers(network)
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    held = await pbx.ari.get(f"/channels/{answered['call']}/variable", variable="QEHOLDTIME")
    # app_queue counts whole seconds, of a clock that it reads at each end.
    assert answered["wait"] == pytest.approx(int(held["value"]), abs=1)
    assert answered["wait"] >= DELAY
    assert (answered["agent"], answered["agent_name"]) == (ANNA, "Anna")
    await agent.hang_up()
    await call.ended()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]


@pytest.mark.parametrize(("hangs_up", "reason"), [("caller", "abandoned"), ("agent", "agent_gone")])
async def test_nobody_answered_a_caller_who_hangs_up_in_the_gosub_before_the_bridge(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed, hangs_up: str, reason: str
) -> None:
    daemon = await start_daemon(SURVEYED)
    await bed.install(daemon.file, more=DIALPLAN)
    behind = await calls_in(network, daemon, LIISA, PLAIN_SUPPORT_NUMBER)
    await behind.hang_up()
    call = await calls_in(network, daemon, MATTI, WITH_GOSUB)
    await pbx.log_on("support", "agent1")
    agent = await answers(network)
    await has_left(pbx)
    await (call if hangs_up == "caller" else agent).hang_up()
    if hangs_up == "caller":
        # app_queue notices when the Gosub returns, and the daemon at once.
        await daemon.fact("queue.left", number=masked(MATTI), reason=reason)
        await agent.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", f"queue.left {reason}", "call.ended"]


async def test_an_agi_before_the_bridge_is_no_step_out_of_the_queue(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    await bed.install(daemon.file, more=DIALPLAN)
    await pbx.write_queues(queues_conf(support={"setinterfacevar": "no", "setqueueentryvar": "no"}))
    await calls_in(network, daemon, MATTI, WITH_AGI)
    await pbx.log_on("support", "agent1")
    agent = await answers(network)
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    assert answered["agent"] == ANNA
    await agent.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]


async def test_of_several_agents_who_answer_the_one_who_is_bridged_counts(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await pbx.write_queues(queues_conf(support={"memberdelay": "1", "setinterfacevar": "no"}))
    for agent in ("agent1", "agent2", "agent3"):
        network.agent(agent).behaviour = "answer"
        await pbx.log_on("support", agent)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    phone = answered["agent"].removeprefix("PJSIP/")
    assert [name for name in ("agent1", "agent2", "agent3") if await _is_up(network, name)] == [phone]


async def _is_up(network: PhoneNetwork, agent: str) -> bool:
    call = await network.agent(agent).rings()

    async def settled() -> bool:
        return call.is_up or call.state == "ended"

    await until(settled, within=5, awaited=f"{agent} in a call or out of it", seen=call.seen)
    return call.is_up


@pytest.mark.parametrize("agent_stays", [True, False])
@pytest.mark.parametrize("known", [True, False], ids=["our-dialplan", "any"])
async def test_a_restart_in_the_announcement_takes_nobody_for_answered(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, agent_stays: bool, known: bool
) -> None:
    daemon = await start_daemon(SURVEYED)
    await pbx.write_queues(delayed(memberdelay="6"))
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER if known else PLAIN_SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1")
    agent = await answers(network)
    await daemon.restart()
    if agent_stays:
        answered = await daemon.fact("queue.answered", number=masked(MATTI))
        assert answered["agent"] == ANNA
        assert answered["wait"] >= 5
    else:
        await agent.hang_up()
        await network.agent("agent1").rings()
    await call.hang_up()
    await ended(daemon, MATTI)
    left = ["queue.answered", "queue.left answered"] if agent_stays else ["queue.left abandoned"]
    assert [one for one in reported(daemon, MATTI) if not one.startswith(("survey", "sms"))] == [
        "queue.joined", *left, "call.ended",
    ]  # fmt: skip


# --- callbacks -------------------------------------------------------------------------------------


async def in_the_queue(daemon: Daemon, network: PhoneNetwork, pbx: Pbx) -> tuple[str, Call]:
    """A callback whose customer accepted and waits: its id and the call."""
    await pbx.log_on("support", "agent1")
    callback = await request_callback(daemon, PEKKA)
    customer = await rings_and_accepts(network, PEKKA)
    await daemon.fact("callback.queued", callback=callback)
    return callback, customer


async def test_a_customer_who_hangs_up_in_the_announcement_has_cancelled(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(together(rules(), UNGREETED))
    await pbx.write_queues(delayed())
    callback, customer = await in_the_queue(daemon, network, pbx)
    await answers(network)
    await customer.hang_up()
    await daemon.fact("callback.cancelled", callback=callback, by="customer")
    await daemon.fact("call.ended", number=masked(PEKKA))
    assert not daemon.find("callback.completed") + daemon.find("callback.connected")


async def test_a_customer_whose_agent_is_gone_before_the_bridge_is_called_back_again(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(together(rules(), UNGREETED))
    await pbx.write_queues(queues_conf(support={"membergosub": "before-the-bridge"}))
    await bed.install(daemon.file, more=DIALPLAN)
    callback, customer = await in_the_queue(daemon, network, pbx)
    agent = await answers(network)
    await has_left(pbx)
    await agent.hang_up()
    await customer.ended()
    await daemon.fact("callback.postponed", callback=callback, reason="failed")
    await waits_because(daemon, callback, "failed")
    assert list(await open_callbacks(daemon)) == [callback]
    assert not daemon.find("callback.completed") + daemon.find("callback.connected")
