"""Transfers on a FreePBX, whose agents are Local channels: one person is one call, and a consultation is no visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import ended, has_figure, masked, reported
from tests.cast import MATTI
from tests.testbed.daemon import Daemon
from tests.testbed.freepbx import QUEUE_NUMBER, SALES, SUPPORT, FreePbx
from tests.testbed.phones import Call, PhoneNetwork

QUIET: dict[str, Any] = {"welcome": None, "callback": None, "notify": None, "survey": None}
TWO_QUEUES = {
    "services": {"support": QUIET, "sales": {**QUIET, "queue": SALES, "numbers": [], "name": {"fi": "Myynti"}}}
}
SERVED = ["queue.joined", "queue.answered", "queue.left answered"]


async def answers(network: PhoneNetwork, agent: str) -> Call:
    ringing = await network.agent(agent).rings()
    await ringing.answer()
    return ringing


async def blind(network: PhoneNetwork, pbx: FreePbx, agent: Call, _daemon: Daemon) -> None:
    await agent.transfer(SALES)
    await pbx.log_on(SALES, "1002")
    await answers(network, "1002")


async def attended_while_waiting(network: PhoneNetwork, pbx: FreePbx, agent: Call, _daemon: Daemon) -> None:
    second = await network.call("1001", SALES)
    await pbx.has_waiting(SALES, 1)
    await agent.transfer_to(second, SALES)
    await second.ended()
    await pbx.log_on(SALES, "1002")
    await answers(network, "1002")


async def attended_once_answered(network: PhoneNetwork, pbx: FreePbx, agent: Call, daemon: Daemon) -> None:
    await pbx.log_on(SALES, "1002")
    second = await network.call("1001", SALES)
    await answers(network, "1002")
    await has_figure(daemon, "callcentre_talking", 2)
    await agent.transfer_to(second, SALES)


@pytest.mark.parametrize("way", [blind, attended_while_waiting, attended_once_answered])
async def test_a_caller_who_is_transferred_into_another_queue_is_one_call_with_two_visits(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork,
    way: Callable[[PhoneNetwork, FreePbx, Call, Daemon], Awaitable[None]],
) -> None:  # fmt: skip
    daemon = await start_daemon(TWO_QUEUES)
    await pbx.log_on(SUPPORT, "1001")
    call = await network.call(MATTI, QUEUE_NUMBER)
    agent = await answers(network, "1001")
    first = await daemon.fact("queue.answered", number=masked(MATTI), queue=SUPPORT)
    await way(network, pbx, agent, daemon)
    second = await daemon.fact("queue.answered", number=masked(MATTI), queue=SALES)
    assert (first["agent"], second["agent"]) == ("Local/1001@from-queue/n", "Local/1002@from-queue/n")
    await call.hang_up()
    assert (await ended(daemon, MATTI))["queue"] == SALES
    assert reported(daemon, MATTI) == [*SERVED, *SERVED, "call.ended"]
    assert {fact["call"] for fact in daemon.facts if "call" in fact} == {first["call"]}


async def test_a_consultation_that_is_given_up_is_no_visit(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(TWO_QUEUES)
    await pbx.log_on(SUPPORT, "1001")
    call = await network.call(MATTI, QUEUE_NUMBER)
    await answers(network, "1001")
    await daemon.fact("queue.answered", number=masked(MATTI))
    second = await network.call("1001", SALES)
    await has_figure(daemon, f'callcentre_waiting{{queue="{SALES}"}}', 1)
    await second.hang_up()
    await has_figure(daemon, f'callcentre_waiting{{queue="{SALES}"}}', 0)
    await call.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == [*SERVED, "call.ended"]
    assert {fact["queue"] for fact in daemon.facts if "queue" in fact} == {SUPPORT}
