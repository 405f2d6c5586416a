"""What one caller, or many forged ones, can have us do in a day: callbacks, numbers of others, and moves."""

from __future__ import annotations

import asyncio

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import LIISA, MATTI, REPLY_NUMBER
from tests.testbed.callbacks import offered, open_callbacks, request_callback, rules
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


async def test_five_withheld_calls_that_key_in_numbers_take_a_fifth_and_text_one_stranger(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules(offer={"max_open": "5"}))
    first = await offered(daemon, network, None, SUPPORT_NUMBER)
    await first.call.press("2,,0403334400#,,1")
    await daemon.fact("callback.accepted", call=first.channel)
    for attack in range(1, 5):
        await network.call(None, SUPPORT_NUMBER)
        await daemon.fact("callback.refused", count=attack, reason="withheld_full")
        await daemon.fact("queue.joined", count=attack)
    assert len(daemon.find("callback.offered")) == 1
    assert len(await open_callbacks(daemon)) == 1
    # A caller who shows a number is taken.
    await (await offered(daemon, network, MATTI, SUPPORT_NUMBER)).takes()
    await kannel.phone(MATTI).receives()
    await kannel.phone("+358403334400").receives()
    assert len(daemon.find("sms.queued", kind="callback_confirmation")) == 2


async def test_twenty_calls_with_forged_numbers_make_one_callback_and_one_text_for_the_number_keyed_in(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(rules())
    callers = [await offered(daemon, network, f"+3584055500{place:02d}", SUPPORT_NUMBER) for place in range(20)]
    async with asyncio.TaskGroup() as together:
        for caller in callers:
            together.create_task(caller.call.press("2,,0403334444#,,1"))
    await daemon.fact("callback.refused", count=17, within=20, reason="per_number")
    assert len(daemon.find("callback.accepted")) == 1
    assert len(await open_callbacks(daemon)) == 1
    await kannel.phone(LIISA).receives()
    assert len(daemon.find("sms.queued", kind="callback_confirmation")) == 1


async def test_of_twelve_moves_by_text_three_move_and_nobody_else_is_texted(
    start_daemon: StartDaemon, kannel: Kannel
) -> None:
    shown = {"at_position": "1", "by": "auto", "two_way": "true", "voice_if_undelivered": None}
    daemon = await start_daemon(rules(notify=shown))
    callback = await request_callback(daemon, MATTI, name="Matti")
    await kannel.phone(MATTI).receives()
    for move in range(12):
        await kannel.send_text(MATTI, REPLY_NUMBER, f"040 33344{move:02d}")
        await daemon.fact("notice.answered", count=move + 1)
    answers = [fact["reason"] for fact in daemon.find("notice.answered")]
    assert answers == ["number"] * 3 + ["refused"] * 9
    assert (await open_callbacks(daemon))[callback]["number"] == "+35840•••02"
    assert {fact["number"] for fact in daemon.find("sms.queued")} == {"+35840•••22"}
    # A number that was told of nothing has nothing to cancel.
    await kannel.send_text("+358403334402", REPLY_NUMBER, "EI")
    await daemon.fact("sms.received", count=13)
    assert list(await open_callbacks(daemon)) == [callback]
