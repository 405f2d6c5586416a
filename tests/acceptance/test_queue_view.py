"""Who waits where and what became of them, from ARI events alone: what the facts say against what really happened."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import (
    calls_in,
    check_numbering,
    ended,
    figures,
    has_figure,
    joined,
    masked,
    reported,
    view_is_right,
)
from tests.cast import AINO, ANNA, BO, LIISA, MATTI, PEKKA
from tests.testbed.bed import Bed
from tests.testbed.daemon import Daemon, Fact
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork

UNGREETED = {"services": {"support": {"welcome": None}}}

BOTH_WAYS = pytest.mark.parametrize("number", [SUPPORT_NUMBER, PLAIN_SUPPORT_NUMBER], ids=["our-dialplan", "any"])


async def left(daemon: Daemon, number: str, reason: str) -> Fact:
    """Wait until the daemon tells that this caller left the queue for this reason."""
    return await daemon.fact("queue.left", number=masked(number), reason=reason)


@BOTH_WAYS
async def test_an_answered_call_is_reported_with_agent_wait_and_talk(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, number: str
) -> None:
    daemon = await start_daemon(UNGREETED)
    before_call = time.monotonic()
    call = await calls_in(network, daemon, MATTI, number)
    waits = time.monotonic()
    await pbx.log_on("support", "agent1", name="Anna")
    agent = await network.agent("agent1").rings()
    before_answer = time.monotonic()
    await agent.answer()
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    talks = time.monotonic()
    await has_figure(daemon, "callcentre_talking", 1)
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 0)
    before_end = time.monotonic()
    await agent.hang_up()
    await call.ended()
    end = await ended(daemon, MATTI)

    out = await left(daemon, MATTI, "answered")
    for fact in (answered, out, end):
        assert (fact["agent"], fact["agent_name"]) == (ANNA, "Anna")
        assert (fact["service"], fact["queue"], fact["call"]) == ("support", "support", answered["call"])
    assert answered["position"] == out["position"] == 1
    assert answered["wait"] == out["wait"] == end["wait"]
    assert before_answer - waits <= answered["wait"] <= talks - before_call
    assert before_end - talks <= end["talk"] <= time.monotonic() - before_answer
    assert reported(daemon, MATTI) == ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]
    check_numbering(daemon)


async def test_an_agent_is_known_by_the_channel_where_the_queue_does_not_name_it(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await pbx.write_queues(queues_conf(support={"setinterfacevar": "no", "setqueueentryvar": "no"}))
    await calls_in(network, daemon, MATTI, PLAIN_SUPPORT_NUMBER)
    network.agent("agent2").behaviour = "answer"
    await pbx.log_on("support", "agent2")
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    assert answered["agent"] == BO
    assert "agent_name" not in answered


async def test_callers_and_agents_side_by_side_are_not_mixed_up(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    calls = {}
    for place, (caller, number) in enumerate(
        [(MATTI, SUPPORT_NUMBER), (LIISA, PLAIN_SUPPORT_NUMBER), (PEKKA, SUPPORT_NUMBER), (AINO, SUPPORT_NUMBER)], 1
    ):
        calls[caller] = await calls_in(network, daemon, caller, number)
        fact = await joined(daemon, caller)
        assert (fact["position"], fact["waiting"]) == (place, place)
    await has_figure(daemon, 'callcentre_waiting{queue="support"}', 4)
    # One from the middle goes: those behind move up, and the next to join is behind them.
    await calls[LIISA].hang_up()
    assert (await left(daemon, LIISA, "abandoned"))["position"] == 2
    await view_is_right(daemon, pbx)
    # Each agent takes the caller at the head.
    for agent, caller in (("agent1", MATTI), ("agent2", PEKKA)):
        await pbx.log_on("support", agent, name=agent.title())
        ringing = await network.agent(agent).rings()
        assert ringing.caller_number == caller
        await ringing.answer()
        answered = await daemon.fact("queue.answered", number=masked(caller))
        assert (answered["agent"], answered["agent_name"], answered["position"]) == (
            f"PJSIP/{agent}", agent.title(), 1,
        )  # fmt: skip
    await has_figure(daemon, "callcentre_talking", 2)
    await has_figure(daemon, 'callcentre_waiting{queue="support"}', 1)
    for caller in (MATTI, PEKKA, AINO):
        await calls[caller].hang_up()
        await ended(daemon, caller)
    assert "agent" not in await ended(daemon, AINO)
    await has_figure(daemon, 'callcentre_waiting{queue="support"}', 0)
    assert (await figures(daemon))["callcentre_talking"] == 0
    check_numbering(daemon)


REASONS_DIALPLAN = """
exten => +358912340010,1,Answer()
 same => n,Queue(support,,,,1)
 same => n,Wait(60)
exten => +358912340011,1,Answer()
 same => n,ExecIf($[1 = 1]?Queue(support,,,,1))
 same => n,Hangup()
"""
TIMES_OUT, TIMES_OUT_IN_EXECIF = "+358912340010", "+358912340011"


async def test_abandoned_and_timed_out_callers_are_distinguished(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    await bed.install(daemon.file, more=REASONS_DIALPLAN)
    timing_out = await calls_in(network, daemon, MATTI, TIMES_OUT)
    in_exec_if = await calls_in(network, daemon, LIISA, TIMES_OUT_IN_EXECIF)
    abandoning = await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    await abandoning.hang_up()
    assert (await left(daemon, PEKKA, "abandoned"))["position"] == 3
    for caller in (MATTI, LIISA):
        assert (await left(daemon, caller, "timeout"))["wait"] == pytest.approx(1, abs=0.7)
    await in_exec_if.ended()
    # Out of the queue, yet on the phone: the call goes on and its wait does not.
    await timing_out.hang_up()
    end = await ended(daemon, MATTI)
    assert end["wait"] == (await left(daemon, MATTI, "timeout"))["wait"]
    assert end["talk"] == 0
    for caller in (MATTI, LIISA):
        assert reported(daemon, caller) == ["queue.joined", "queue.left timeout", "call.ended"]
    assert reported(daemon, PEKKA) == ["queue.joined", "queue.left abandoned", "call.ended"]


async def test_a_caller_whom_the_queue_refuses_or_sends_away_is_reported_with_the_reason(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    await bed.install(daemon.file, more=REASONS_DIALPLAN)

    await pbx.write_queues(queues_conf(support={"maxlen": "1"}))
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await network.call(LIISA, SUPPORT_NUMBER)
    assert (await left(daemon, LIISA, "full"))["wait"] == 0
    await first.hang_up()
    await ended(daemon, MATTI)

    await pbx.write_queues(queues_conf(support={"joinempty": "no"}))
    await network.call(PEKKA, PLAIN_SUPPORT_NUMBER)
    await left(daemon, PEKKA, "join_empty")

    await pbx.write_queues(queues_conf(support={"leavewhenempty": "yes"}))
    network.agent("agent1").behaviour = "busy"
    await pbx.log_on("support", "agent1")
    await calls_in(network, daemon, AINO, SUPPORT_NUMBER)
    await pbx.log_off("support", "agent1")
    await left(daemon, AINO, "leave_empty")

    assert reported(daemon, LIISA) == ["queue.left full"]
    assert reported(daemon, PEKKA) == ["queue.left join_empty"]
    await ended(daemon, AINO)
    assert reported(daemon, AINO) == ["queue.joined", "queue.left leave_empty", "call.ended"]


async def test_the_exit_key_leads_out_of_the_queue_and_back_to_the_same_place(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    second = await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    await calls_in(network, daemon, PEKKA, PLAIN_SUPPORT_NUMBER)
    await second.press("1")
    await second.press("*")
    out = await left(daemon, LIISA, "key")
    again = await joined(daemon, LIISA, count=2)
    assert (out["position"], again["position"], again["waiting"]) == (2, 2, 3)
    await view_is_right(daemon, pbx)
    await has_figure(daemon, 'callcentre_waiting{queue="support"}', 3)
    # Agents are rung for them in that order still.
    for agent, caller in (("agent1", MATTI), ("agent2", LIISA), ("agent3", PEKKA)):
        await pbx.log_on("support", agent)
        ringing = await network.agent(agent).rings()
        assert ringing.caller_number == caller
        await ringing.answer()
        await daemon.fact("queue.answered", number=masked(caller))
    await second.hang_up()
    end = await ended(daemon, LIISA)
    waits = [fact["wait"] for fact in daemon.find("queue.left", number=masked(LIISA))]
    assert end["wait"] == pytest.approx(sum(waits), abs=0.002)
    assert reported(daemon, LIISA) == [
        "queue.joined", "queue.left key", "queue.joined", "queue.answered", "queue.left answered", "call.ended",
    ]  # fmt: skip


async def test_a_call_that_the_agent_passes_on_is_one_conversation(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings()
    await agent.answer()
    await daemon.fact("queue.answered", number=masked(MATTI))
    # A REFER from the agent's phone, as for a blind transfer.
    await network.ari.post(
        f"/channels/{agent.channel}/redirect", endpoint=f"PJSIP/sip:agent2@{pbx.address}:{pbx.sip_port}"
    )
    other = await network.agent("agent2").rings()
    await other.answer()
    await agent.hang_up()
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 1)
    talks_since = time.monotonic()
    await has_figure(daemon, "callcentre_talking", 1)
    with_the_other = time.monotonic() - talks_since
    assert other.is_up
    await other.hang_up()
    await call.ended()
    end = await ended(daemon, MATTI)
    assert end["talk"] > with_the_other
    assert reported(daemon, MATTI) == ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]


async def test_a_caller_who_joins_and_leaves_between_two_readings_is_reported(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    daemon.freeze()
    call = await network.call(MATTI, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    await call.hang_up()
    await call.ended()
    await pbx.has_waiting("support", 0)
    daemon.thaw()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == ["queue.joined", "queue.left abandoned", "call.ended"]


async def test_on_duty_are_agents_who_can_be_reached_and_are_not_paused(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    for agent in ("agent1", "agent2", "agent3", "ghost"):
        await pbx.log_on("support", agent)
    await pbx.pause("support", "agent3")
    await (await network.agent("agent1").rings()).answer()
    await has_figure(daemon, 'callcentre_agents_on_duty{queue="support"}', 2)
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 1)
    await pbx.unpause("support", "agent3")
    await has_figure(daemon, 'callcentre_agents_on_duty{queue="support"}', 3)
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 2)
    await pbx.log_off("support", "agent2")
    await has_figure(daemon, 'callcentre_agents_on_duty{queue="support"}', 2)


async def test_calls_that_are_none_of_ours_tell_nothing(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    # `sales` is a queue of the PBX that no service of the configuration has.
    stranger = await network.call(LIISA, "+358912340002")
    await pbx.has_waiting("sales", 1)
    await stranger.hang_up()
    await stranger.ended()
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await call.hang_up()
    await ended(daemon, MATTI)
    assert not reported(daemon, LIISA)


# --- a queue that a script starts ------------------------------------------------------------------

BY_SCRIPT = "+358912340013"
SCRIPT = """#!/bin/sh
while read -r line && [ -n "$line" ]; do :; done
echo 'EXEC Queue "support,,,,3"'
read -r result
"""
SCRIPT_DIALPLAN = f"""
exten => {BY_SCRIPT},1,Answer()
 same => n,AGI(queue.sh)
 same => n,Wait(60)
"""


@pytest.fixture
def script(pbx: Pbx) -> None:
    """An AGI script that runs Queue(): no event tells of it."""
    file = pbx.folder / "agi" / "queue.sh"
    file.write_text(SCRIPT, encoding="utf-8")
    file.chmod(0o755)


@pytest.mark.usefixtures("script")
async def test_a_visit_to_a_queue_that_a_script_starts_is_reported_from_beginning_to_end(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(UNGREETED)
    await bed.install(daemon.file, more=SCRIPT_DIALPLAN)
    waiting = await calls_in(network, daemon, MATTI, BY_SCRIPT)
    assert (await joined(daemon, MATTI))["position"] == 1
    out = await left(daemon, MATTI, "timeout")
    assert out["wait"] == pytest.approx(3, abs=0.9)
    await waiting.hang_up()
    await ended(daemon, MATTI)

    network.agent("agent1").behaviour = "answer"
    await pbx.log_on("support", "agent1", name="Anna")
    at_once = await network.call(LIISA, BY_SCRIPT)
    answered = await daemon.fact("queue.answered", number=masked(LIISA))
    assert (answered["agent"], answered["agent_name"]) == (ANNA, "Anna")
    await at_once.hang_up()
    assert (await ended(daemon, LIISA))["talk"] > 0
    for caller, what in ((MATTI, ["queue.left timeout"]), (LIISA, ["queue.answered", "queue.left answered"])):
        assert reported(daemon, caller) == ["queue.joined", *what, "call.ended"]
    assert "app_queue counts other callers" not in daemon.process.errors.read_text(encoding="utf-8")
