"""Callbacks on a FreePBX: its agents ring, its outbound routes dial, and its states say who is ready."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, has_figure, masked
from tests.cast import LIISA, MATTI
from tests.testbed.callbacks import SOON, offered, request_callback, rings_and_accepts, rules
from tests.testbed.configuration import merged
from tests.testbed.freepbx import CALLBACK_NUMBER, QUEUE_NUMBER, SUPPORT, FreePbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")

BY_ROUTE = {"dialling": {"endpoint": "Local/{national}@from-internal/n"}}
ON_DUTY, READY = (f'callcentre_agents_{state}{{queue="{SUPPORT}"}}' for state in ("on_duty", "ready"))


@pytest.mark.parametrize("order", ["customer_first", "agent_first"])
@pytest.mark.parametrize("endpoint", [{}, BY_ROUTE], ids=["trunk", "outbound route"])
async def test_a_customer_is_called_back_and_talks_with_an_agent_behind_from_queue(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork, order: str, endpoint: dict[str, object]
) -> None:
    daemon = await start_daemon(merged(rules(dial={"order": order, "retry_after": SOON}), endpoint))
    caller = await offered(daemon, network, LIISA, CALLBACK_NUMBER)
    callback = await caller.takes()
    await caller.call.ended(within=15)
    await pbx.log_on(SUPPORT, "1001", name="Anna")
    if order == "customer_first":
        customer = await rings_and_accepts(network, LIISA)
        agent = await network.agent("1001").rings(within=10)
        assert agent.caller_number == LIISA
        await agent.answer()
    else:
        agent = await network.agent("1001").rings(within=15)
        assert agent.caller_number == LIISA
        assert len(network.phone(LIISA).calls) == 0
        await agent.answer()
        customer = await rings_and_accepts(network, LIISA)
    connected = await daemon.fact("callback.connected", callback=callback, within=15)
    assert (connected["agent"], connected["agent_name"]) == ("Local/1001@from-queue/n", "Anna")
    recording = await customer.record()
    await agent.say(2)
    assert (await recording.stop()).anything
    await agent.hang_up()
    completed = await daemon.fact("callback.completed", callback=callback)
    assert completed["talk"] > 0
    await pbx.is_silent()


async def test_nobody_is_called_while_the_only_agent_does_not_want_to_be_disturbed(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial={"order": "agent_first"}))
    await pbx.do_not_disturb("1001", on=True)
    await pbx.log_on(SUPPORT, "1001")
    await request_callback(daemon, LIISA)
    await has_figure(daemon, READY, 0)
    assert not network.agent("1001").calls
    await pbx.do_not_disturb("1001", on=False)
    await has_figure(daemon, READY, 1)
    assert (await network.agent("1001").rings(within=10)).caller_number == LIISA


async def test_an_agent_on_an_ordinary_call_is_on_duty_and_not_ready(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon({"services": {"support": {"welcome": None}}})
    await pbx.log_on(SUPPORT, "1001")
    await calls_in(network, daemon, MATTI, QUEUE_NUMBER)
    await network.agent("1001").rings()
    await network.call("1001", "1002")
    await has_figure(daemon, ON_DUTY, 1)
    await has_figure(daemon, READY, 0)
    assert daemon.find("queue.joined", number=masked(MATTI))


async def test_a_busy_customer_behind_an_outbound_route_is_busy(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(merged(rules(dial={"retry_after": SOON}), BY_ROUTE))
    network.phone(LIISA).behaviour = "busy"
    await pbx.log_on(SUPPORT, "1001")
    callback = await request_callback(daemon, LIISA)
    postponed = await daemon.fact("callback.postponed", callback=callback, within=15)
    assert postponed["reason"] == "busy"


async def test_a_number_that_no_route_matches_is_an_alarm_and_not_an_attempt(
    start_daemon: StartDaemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    nowhere = {"dialling": {"endpoint": "Local/{digits}@from-internal/n"}}
    daemon = await start_daemon(merged(rules(), nowhere))
    await pbx.log_on(SUPPORT, "1001")
    await request_callback(daemon, LIISA)
    await daemon.fact("alarm.raised", reason="dialling_no_route", within=15)
    assert not daemon.find("callback.failed")
    assert not daemon.find("callback.postponed")
    assert not network.phone(LIISA).calls
