"""Calls by the outbound routes of a FreePBX that nobody takes: its dialplan ends them with Busy() or Congestion()."""

from __future__ import annotations

import asyncio

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import LIISA
from tests.testbed.callbacks import open_callbacks, request_callback, rules, waits_because
from tests.testbed.freepbx import AGENTS, SUPPORT, FreePbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


async def test_a_call_by_an_outbound_route_counts_as_what_the_network_says(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dialling={"endpoint": "Local/{national}@from-internal/n"}))

    async def refuses(number: int, how: str, fact: str, reason: str) -> None:
        phone = network.phone(f"+35840111{number:04d}")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=20)).hang_up(how)
        await daemon.fact(fact, callback=callback, reason=reason, attempt=1)

    for agent in AGENTS:
        await pbx.log_on(SUPPORT, agent)
    async with asyncio.TaskGroup() as together:
        together.create_task(refuses(1, "busy", "callback.postponed", "busy"))
        together.create_task(refuses(2, "normal", "callback.failed", "impossible"))
        together.create_task(refuses(3, "unallocated", "callback.failed", "impossible"))
        together.create_task(refuses(4, "congestion", "callback.postponed", "failed"))
        together.create_task(refuses(5, "no_answer", "callback.postponed", "no_answer"))
    assert not daemon.find("alarm.raised", reason="dialling_no_route")


async def test_a_number_that_no_outbound_route_takes_costs_the_customer_nothing(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dialling={"endpoint": "Local/{digits}@from-internal/n"}))
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on(SUPPORT, AGENTS[0])
    await daemon.fact("alarm.raised", reason="dialling_no_route")
    await waits_because(daemon, callback, "no_route")
    assert (await open_callbacks(daemon))[callback]["attempts"] == 0
    assert not network.phone(LIISA).calls
