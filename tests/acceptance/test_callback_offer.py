"""Offering a callback to people on the phone: on the way into the queue and at the exit key, on real parts."""

from __future__ import annotations

import asyncio

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import KALLE, LIISA, MATTI
from tests.testbed.callbacks import Caller, in_line, offered, open_callbacks, request_callback, rules, until_in_line
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


async def test_a_caller_who_takes_the_offer_hears_the_promise_and_is_let_go_with_a_text(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules())
    caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name="Matti")
    taken = await caller.takes()
    recording = await caller.call.record()
    assert await caller.call.ended() == "Normal Clearing"
    heard = await recording.stop()
    assert heard.anything
    assert (await kannel.phone(MATTI).receives()).body.endswith("Paikkasi jonossa on 1.")
    listed = (await open_callbacks(daemon))[taken]
    assert (listed["place"], listed["attempts"]) == (1, 0)
    await pbx.is_silent()


async def test_silence_and_another_key_both_keep_the_place_in_the_queue(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    first = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
    second = await offered(daemon, network, LIISA, SUPPORT_NUMBER)
    await second.declines()
    assert await in_line(pbx) == [LIISA]
    declined = await daemon.fact("callback.declined", call=first.channel)
    assert declined["reason"] == "no_key"
    await until_in_line(pbx, MATTI, LIISA)


async def test_a_caller_who_calls_while_an_agent_is_idle_is_put_through_without_an_offer(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    await pbx.log_on("support", "agent1")
    daemon = await start_daemon(rules())
    for caller in (MATTI, LIISA):
        # The second comes when nobody has been on the line.
        call = await network.call(caller, SUPPORT_NUMBER)
        talk = await network.agent("agent1").rings()
        assert talk.caller_number == caller
        await talk.reject()
        await call.hang_up()
        await pbx.is_silent()
    assert {fact["reason"] for fact in daemon.find("callback.refused")} == {"short_wait"}
    assert not daemon.find("callback.offered")


async def test_the_exit_key_offers_it_again_and_the_callback_keeps_the_place_of_the_call(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callers = []
    for number in (MATTI, LIISA, KALLE):
        callers.append(await offered(daemon, network, number, SUPPORT_NUMBER))
        await callers[-1].declines()
    await until_in_line(pbx, MATTI, LIISA, KALLE)
    second = callers[1]
    await second.call.press("*")
    await daemon.fact("callback.offered", call=second.channel, count=2)
    taken = await second.takes()
    await second.call.ended()
    assert (await open_callbacks(daemon))[taken]["place"] == 2
    assert await in_line(pbx) == [MATTI, KALLE]


async def test_a_caller_who_declines_at_the_exit_key_is_back_at_the_same_place(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callers = []
    for number in (MATTI, LIISA, KALLE):
        callers.append(await offered(daemon, network, number, SUPPORT_NUMBER))
        await callers[-1].declines()
    second = callers[1]
    await second.call.press("*")
    await daemon.fact("callback.offered", call=second.channel, count=2)
    assert await in_line(pbx) == [MATTI, KALLE]
    await second.call.press("9")
    await until_in_line(pbx, MATTI, LIISA, KALLE)


async def test_a_caller_who_may_not_have_one_hears_why_at_the_exit_key_and_is_back_at_the_same_place(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(offer={"max_open": 1}))
    await request_callback(daemon, KALLE)
    first = await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    await network.call(LIISA, SUPPORT_NUMBER)
    await until_in_line(pbx, MATTI, LIISA)
    channel = (await daemon.fact("queue.joined"))["call"]
    recording = await first.record()
    await first.press("*")
    await daemon.fact("callback.refused", reason="full", call=channel, count=2)
    await until_in_line(pbx, LIISA)
    await until_in_line(pbx, MATTI, LIISA)
    assert (await recording.stop()).anything


async def test_another_number_is_keyed_in_checked_read_back_and_confirmed(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules())
    held = await request_callback(daemon, KALLE)

    async def withholds_the_number_and_keys_in_another_at_the_second_try(caller: Caller) -> None:
        await caller.call.press("2,,0600123456#")
        await caller.call.press(",,0403334444#")
        recording = await caller.call.record()
        await caller.call.press(",,1")
        taken = await daemon.fact("callback.accepted", call=caller.channel, within=15)
        assert taken["number"] == "+35840•••44"
        assert (await recording.stop()).anything
        await kannel.phone(LIISA).receives()
        await caller.call.ended()

    async def withholds_the_number_and_says_yes(caller: Caller) -> None:
        await caller.call.press("1")
        await daemon.fact("callback.declined", reason="key", call=caller.channel)

    async def names_a_pay_line_until_the_tries_are_used_up(caller: Caller) -> None:
        await caller.call.press("2,,0600123456#,,0600123456#,,0600123456#")
        await daemon.fact("callback.declined", reason="number", call=caller.channel, within=15)

    async def asks_for_a_number_that_has_one(caller: Caller) -> None:
        await caller.call.press("2,,0405556666#,,1")
        await caller.call.ended(within=15)
        assert not daemon.find("callback.accepted", call=caller.channel)

    scenes = (
        withholds_the_number_and_keys_in_another_at_the_second_try, withholds_the_number_and_says_yes,
        names_a_pay_line_until_the_tries_are_used_up, asks_for_a_number_that_has_one,
    )  # fmt: skip
    numbers = (None, None, MATTI, MATTI)
    callers = [await offered(daemon, network, number, SUPPORT_NUMBER) for number in numbers]
    async with asyncio.TaskGroup() as together:
        for scene, caller in zip(scenes, callers, strict=True):
            together.create_task(scene(caller))
    # Two are in the queue, who did not get what they wanted.
    await pbx.has_waiting("support", 2)
    for caller in callers[1:3]:
        await daemon.fact("queue.joined", call=caller.channel)
    (taken,) = (fact["callback"] for fact in daemon.find("callback.accepted", call=callers[0].channel))
    assert list(await open_callbacks(daemon)) == [held, taken]


async def test_a_number_that_its_owner_keeps_back_is_not_used_though_the_trunk_tells_it(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules(welcome={"min_waiting": "1", "text": "Tervetuloa"}))
    call = await network.call(MATTI, SUPPORT_NUMBER, name="Matti", withheld=True)
    channel = (await daemon.fact("callback.offered"))["call"]
    await call.press("1")
    await daemon.fact("callback.declined", reason="key", call=channel)
    await daemon.fact("welcome.skipped", reason="withheld", call=channel)
    await until_in_line(pbx, "")
    assert not any("number" in fact for fact in daemon.facts)
    assert kannel.phone(MATTI).texts == []
