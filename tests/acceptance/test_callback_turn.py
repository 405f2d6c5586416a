"""When a callback's turn has come, on real parts: whom the phone rings for, what they answer, and what follows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml

from tests.acceptance.conftest import StartDaemon
from tests.cast import ANNA, KALLE, LIISA, MATTI
from tests.testbed.callbacks import (
    ALWAYS_OPEN,
    NEVER_OPEN,
    SOON,
    in_line,
    offered,
    open_callbacks,
    request_callback,
    rings_and_accepts,
    rules,
    until_in_line,
    waits_because,
)
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


async def with_rules(daemon: Daemon, changes: Any) -> None:
    """Let a running daemon take other rules."""
    settings = yaml.safe_load(daemon.file.read_text(encoding="utf-8"))
    daemon.file.write_text(yaml.safe_dump(merged(settings, changes), allow_unicode=True), encoding="utf-8")
    daemon.reload()


async def test_the_second_of_three_takes_a_callback_and_is_served_second(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules())
    first = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name="Matti")
    await first.declines()
    second = await offered(daemon, network, LIISA, SUPPORT_NUMBER, name="Liisa")
    await second.takes()
    third = await offered(daemon, network, KALLE, SUPPORT_NUMBER, name="Kalle")
    await third.declines()
    await second.call.ended()
    assert (await kannel.phone(LIISA).receives()).body.endswith("jonossa on 2.")

    await pbx.log_on("support", "agent1", name="Anna")
    agent = network.agent("agent1")
    talk = await agent.rings()
    assert (talk.caller_number, talk.caller_name) == (MATTI, "Matti")
    await talk.answer()
    customer = await network.phone(LIISA).rings(within=8)
    assert customer.caller_number == SUPPORT_NUMBER
    await customer.answer()
    recording = await customer.record()
    await customer.press(",1")
    await until_in_line(pbx, LIISA, KALLE)
    assert (await recording.stop()).anything
    for answered, (number, name) in enumerate(((LIISA, "Liisa"), (KALLE, "Kalle")), start=1):
        await daemon.fact("queue.answered", count=answered)
        await talk.hang_up()
        talk = await agent.rings()
        assert (talk.caller_number, talk.caller_name) == (number, name)
        await talk.answer()
    # An agent who hangs up before the two are put together has talked with nobody.
    await daemon.fact("queue.answered", count=3)
    await talk.hang_up()
    completed = await daemon.fact("callback.completed")
    connected = await daemon.fact("callback.connected", callback=completed["callback"])
    assert (connected["agent"], connected["agent_name"]) == (ANNA, "Anna")


async def test_each_way_an_attempt_may_end_has_its_own_consequence(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    dialling = {"ring": "5s", "in_flight": "20"}
    daemon = await start_daemon(rules(dial={"attempts": "2", "retry_after": SOON}, dialling=dialling))

    async def busy_first() -> None:
        phone = network.phone("+358401110001")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=15)).reject("busy")
        await daemon.fact("callback.postponed", callback=callback, reason="busy", attempt=1)
        call = await rings_and_accepts(network, phone.number, within=25)
        await daemon.fact("callback.queued", callback=callback, attempt=2)
        await call.hang_up()
        cancelled = await daemon.fact("callback.cancelled", callback=callback)
        assert cancelled["by"] == "customer"

    async def never_answers() -> None:
        phone = network.phone("+358401110002")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=15)).reject("no_answer")
        await daemon.fact("callback.postponed", callback=callback, reason="no_answer", attempt=1)
        await (await phone.rings(within=25)).ended(within=8)
        await daemon.fact("callback.failed", callback=callback, reason="no_answer", attempt=2)
        mobile = kannel.phone(phone.number)
        await mobile.receives()
        assert (await mobile.receives()).body == "Emme tavoittaneet sinua. Voit soittaa meille uudelleen."

    async def presses_nothing() -> None:
        phone = network.phone("+358401110003")
        callback = await request_callback(daemon, phone.number)
        call = await phone.rings(within=15)
        await call.answer()
        assert await call.ended(within=16) == "Normal Clearing"
        await daemon.fact("callback.postponed", callback=callback, reason="no_answer", attempt=1)

    async def cancels() -> None:
        phone = network.phone("+358401110004")
        callback = await request_callback(daemon, phone.number)
        call = await phone.rings(within=15)
        await call.answer()
        await call.press(",2")
        await daemon.fact("callback.cancelled", callback=callback, by="customer")
        await call.ended()

    async def postpones() -> None:
        phone = network.phone("+358401110005")
        callback = await request_callback(daemon, phone.number)
        call = await phone.rings(within=15)
        await call.answer()
        await call.press(",3")
        await daemon.fact("callback.postponed", callback=callback, reason="customer")
        await call.ended()
        listed = (await open_callbacks(daemon))[callback]
        assert listed["attempts"] == 0

    async def rejects() -> None:
        phone = network.phone("+358401110006")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=15)).reject("rejected")
        await daemon.fact("callback.failed", callback=callback, reason="impossible")

    async def cannot_be_put_through() -> None:
        phone = network.phone("+358401110007")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=15)).reject("congestion")
        await daemon.fact("callback.postponed", callback=callback, reason="failed", attempt=1)

    async def hangs_up_without_a_key() -> None:
        phone = network.phone("+358401110008")
        callback = await request_callback(daemon, phone.number)
        call = await phone.rings(within=15)
        await call.answer()
        await daemon.fact("callback.dialled", callback=callback)
        await call.hang_up()
        await daemon.fact("callback.postponed", callback=callback, reason="no_answer", attempt=1)

    for number in range(1, 6):
        await pbx.log_on("support", f"agent{number}")
    scenes = (
        busy_first, never_answers, presses_nothing, cancels, postpones, rejects, cannot_be_put_through,
        hangs_up_without_a_key,
    )  # fmt: skip
    async with asyncio.TaskGroup() as together:
        for scene in scenes:
            together.create_task(scene())
    for number in (4, 5, 6):
        assert len(network.phone(f"+35840111000{number}").calls) == 1


async def test_a_customer_who_calls_again_waits_at_the_place_held_and_is_not_dialled_meanwhile(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, LIISA)
    other = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
    await other.declines()
    again = await network.call(LIISA, SUPPORT_NUMBER)
    await again.answered()
    recording = await again.record()
    await again.press(",1")
    await until_in_line(pbx, LIISA, MATTI)
    assert (await recording.stop()).anything
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings()
    assert agent.caller_number == LIISA
    await agent.answer()
    cancelled = await daemon.fact("callback.cancelled", callback=callback)
    assert cancelled["by"] == "caller_returned"
    assert not daemon.find("callback.dialled")


async def test_a_customer_who_calls_again_and_hangs_up_is_called_back_all_the_same(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, LIISA)
    again = await network.call(LIISA, SUPPORT_NUMBER)
    await again.answered()
    await again.press(",1")
    await until_in_line(pbx, LIISA)
    await again.hang_up()
    await daemon.fact("queue.left", reason="abandoned")
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, LIISA)
    await daemon.fact("callback.queued", callback=callback, attempt=1)


async def test_a_customer_who_calls_again_while_the_phone_rings_is_not_rung_any_more(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    ringing = await network.phone(LIISA).rings(within=8)
    again = await network.call(LIISA, SUPPORT_NUMBER)
    await ringing.ended()
    await again.press(",1")
    await until_in_line(pbx, LIISA)
    await (await network.agent("agent1").rings()).answer()
    await daemon.fact("callback.cancelled", callback=callback, by="caller_returned")
    assert len(network.phone(LIISA).calls) == 1


async def test_a_customer_who_calls_again_may_cancel_it_all(start_daemon: StartDaemon, network: PhoneNetwork) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, LIISA)
    again = await network.call(LIISA, SUPPORT_NUMBER)
    await again.answered()
    await again.press(",2")
    await daemon.fact("callback.cancelled", callback=callback, by="customer")
    await again.ended()
    assert not await open_callbacks(daemon)


async def test_at_closing_time_callbacks_expire_with_a_text(start_daemon: StartDaemon, kannel: Kannel) -> None:
    daemon = await start_daemon(rules(callback={"at_closing": "expire", "confirm_by_sms": None}))
    callback = await request_callback(daemon, LIISA)
    await with_rules(daemon, {"services": {"support": {"hours": NEVER_OPEN}}})
    await daemon.fact("callback.expired", callback=callback, reason="closed")
    assert (await kannel.phone(LIISA).receives()).body.startswith("Emme tavoittaneet")
    assert not await open_callbacks(daemon)


async def test_callbacks_carried_over_are_dialled_after_the_next_opening_and_never_before(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(hours=NEVER_OPEN))
    first, second = await request_callback(daemon, LIISA), await request_callback(daemon, KALLE)
    await pbx.log_on("support", "agent1")
    # A call that asks for an agent shows that the log-on has been noticed.
    await network.call(MATTI, SUPPORT_NUMBER)
    agent = await network.agent("agent1").rings()
    await agent.answer()
    await daemon.fact("queue.answered")
    await agent.hang_up()
    await daemon.fact("call.ended")
    assert not daemon.find("callback.dialled")
    await with_rules(daemon, {"services": {"support": {"hours": ALWAYS_OPEN}}})
    await daemon.fact("callback.dialled", count=2)
    assert [fact["callback"] for fact in daemon.find("callback.dialled")] == [first, second]


async def test_past_the_cap_of_the_day_an_alarm_is_raised_and_nobody_is_dialled(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dialling={"per_day": "1"}))
    first, second = await request_callback(daemon, LIISA), await request_callback(daemon, KALLE)
    await pbx.log_on("support", "agent1")
    ringing = await network.phone(LIISA).rings(within=8)
    await daemon.fact("alarm.raised", reason="dialling_per_day")
    await ringing.answer()
    await ringing.press(",2")
    await daemon.fact("callback.cancelled", callback=first)
    await ringing.ended()
    # Who calls now is not promised what cannot be kept.
    caller = await network.call(MATTI, SUPPORT_NUMBER)
    agent = await network.agent("agent1").rings()
    await caller.hang_up()
    await agent.ended()
    assert [fact["callback"] for fact in daemon.find("callback.dialled")] == [first]
    assert list(await open_callbacks(daemon)) == [second]
    assert not network.phone(KALLE).rung
    assert len(daemon.find("alarm.raised")) == 1


async def test_nobody_is_dialled_while_an_earlier_caller_waits(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    earlier = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
    await earlier.declines()
    callback = await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings()
    await waits_because(daemon, callback, "place")
    assert await in_line(pbx) == [MATTI]
    assert not daemon.find("callback.dialled")
    await agent.answer()
    await network.phone(LIISA).rings(within=8)
    assert await in_line(pbx) == []
