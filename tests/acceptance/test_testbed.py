"""The test bed itself: what the other acceptance tests lean on, with no daemon in sight."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.cast import LIISA, MATTI, REPLY_NUMBER
from tests.testbed.ari import Recorder
from tests.testbed.bed import Bed
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx, extensions_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import NotSeenError

CALLER = MATTI
OTHER_CALLER = LIISA


@pytest.mark.parametrize("number", [SUPPORT_NUMBER, PLAIN_SUPPORT_NUMBER])
async def test_a_caller_waits_until_an_agent_answers_and_the_agent_sees_who_calls(
    pbx: Pbx, network: PhoneNetwork, number: str
) -> None:
    call = await network.call(CALLER, number, name="Matti")
    await call.answered()
    await pbx.has_waiting("support", 1)
    await pbx.log_on("support", "agent1", name="Anna")
    ringing = await network.agent("agent1").rings()
    assert (ringing.caller_number, ringing.caller_name) == (CALLER, "Matti")
    await ringing.answer()
    await pbx.has_waiting("support", 0)
    await ringing.hang_up()
    assert await call.ended() == "Normal Clearing"


async def test_agent_and_caller_hear_each_other_and_silence_is_silence(pbx: Pbx, network: PhoneNetwork) -> None:
    await pbx.log_on("support", "agent1")
    network.agent("agent1").behaviour = "answer"
    call = await network.call(CALLER, PLAIN_SUPPORT_NUMBER)
    agent = await network.agent("agent1").rings()
    await call.answered()
    await agent.answered()
    at_agent, at_caller = await agent.record(), await call.record()
    await call.say(0.5)
    heard_by_agent, heard_by_caller = await at_agent.stop(), await at_caller.stop()
    assert heard_by_agent.anything
    assert not heard_by_caller.anything


KEY_NUMBER = "+358912340009"
KEY_DIALPLAN = f"""
exten => {KEY_NUMBER},1,Answer()
 same => n,Read(KEY,,2,,1,5)
 same => n,Hangup(${{IF($["${{KEY}}" = "7*"]?17:16)}})
"""


@pytest.mark.parametrize(("keys", "reason"), [("7*", "User busy"), ("78", "Normal Clearing")])
async def test_keys_reach_the_pbx(pbx: Pbx, network: PhoneNetwork, keys: str, reason: str) -> None:
    await pbx.write_extensions(extensions_conf(more=KEY_DIALPLAN))
    call = await network.call(CALLER, KEY_NUMBER)
    await call.answered()
    await call.press(keys)
    assert await call.ended() == reason


async def test_callers_wait_in_the_order_in_which_they_came_and_one_who_hangs_up_is_gone(
    pbx: Pbx, network: PhoneNetwork
) -> None:
    first = await network.call(CALLER, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    await network.call(OTHER_CALLER, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 2)
    await first.hang_up()
    await first.ended()
    await pbx.has_waiting("support", 1)
    await pbx.log_on("support", "agent2")
    assert (await network.agent("agent2").rings()).caller_number == OTHER_CALLER


async def test_a_busy_agent_is_rung_again_and_a_paused_one_is_not(pbx: Pbx, network: PhoneNetwork) -> None:
    network.agent("agent1").behaviour = "busy"
    for agent in ("agent1", "agent2"):
        await pbx.log_on("support", agent)
    await pbx.pause("support", "agent2")
    call = await network.call(CALLER, PLAIN_SUPPORT_NUMBER)
    assert await (await network.agent("agent1").rings()).ended() == "User busy"
    network.agent("agent1").behaviour = "answer"
    await (await network.agent("agent1").rings()).answered()
    assert not network.agent("agent2").rung
    await call.hang_up()


async def test_a_withheld_number_is_not_shown(pbx: Pbx, network: PhoneNetwork) -> None:
    await pbx.log_on("support", "agent1")
    await network.call(None, PLAIN_SUPPORT_NUMBER)
    assert (await network.agent("agent1").rings()).caller_number == "anonymous"


async def test_the_pbx_can_ring_a_customer(pbx: Pbx, network: PhoneNetwork) -> None:
    await pbx.ari.post(
        "/channels",
        endpoint=f"PJSIP/{CALLER}@trunk",
        callerId=SUPPORT_NUMBER,
        context="from-trunk",
        extension=PLAIN_SUPPORT_NUMBER,
        priority=1,
    )
    ringing = await network.phone(CALLER).rings()
    assert ringing.caller_number == SUPPORT_NUMBER
    await ringing.answer()
    await pbx.has_waiting("support", 1)


async def test_the_pbx_can_be_killed_and_is_the_same_afterwards(pbx: Pbx, network: PhoneNetwork) -> None:
    await network.call(CALLER, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    await pbx.restart()
    assert await pbx.waiting("support") == 0
    await network.call(OTHER_CALLER, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)


async def test_every_raw_event_of_a_call_is_recorded(pbx: Pbx, network: PhoneNetwork, tmp_path: Path) -> None:
    async with Recorder(pbx.ari_url, tmp_path / "events.jsonl") as recorder:
        call = await network.call(CALLER, PLAIN_SUPPORT_NUMBER)
        await pbx.has_waiting("support", 1)
        await call.hang_up()
        await call.ended()
        await pbx.is_silent()
        await recorder.event("ChannelDestroyed")
    events = [json.loads(line) for line in recorder.file.read_text().splitlines()]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "ChannelCreated"
    assert kinds.count("ChannelDestroyed") == 1
    assert "QUEUEPOSITION" in [event.get("variable") for event in events]


async def test_a_call_that_does_not_come_is_reported_with_what_came(network: PhoneNetwork) -> None:
    with pytest.raises(NotSeenError, match=r"a ring of agent1: not seen within 0\.01 s\. Seen instead: .*network"):
        await network.agent("agent1").rings(within=0.01)


async def _sendsms(kannel: Kannel, body: str, *, coding: int) -> int:
    query = {
        "username": "callcentre",
        "password": "callcentre",
        "from": "Neuvonta",
        "to": CALLER,
        "charset": "UTF-8",
        "coding": str(coding),
        "text": body,
    }
    async with aiohttp.ClientSession() as session, session.get(kannel.sendsms_url, params=query) as response:
        return response.status


@pytest.mark.parametrize(
    ("body", "coding", "parts"),
    [
        ("Hei! Jonossa on 3 soittajaa, äöå €", 0, 1),
        ("kaksi\nriviä, 100 % + %41", 0, 1),
        ("".join(f"{n} ä+& %41 " for n in range(36)), 0, 3),
        ("Žluťoučký kůň 😀", 2, 1),
        ("ž😀" * 60, 2, 3),
    ],
)
async def test_a_text_arrives_on_a_phone_as_it_was_sent(kannel: Kannel, body: str, coding: int, parts: int) -> None:
    assert await _sendsms(kannel, body, coding=coding) == 202
    text = await kannel.phone(CALLER).receives()
    assert (text.sender, text.number, text.body, text.parts) == ("Neuvonta", CALLER, body, parts)


async def test_a_text_from_a_phone_arrives_at_the_hook_and_so_does_a_text_after_a_kill(bed: Bed) -> None:
    arrived: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        await arrived.put(dict(request.query))
        return web.Response()

    application = web.Application()
    application.router.add_get("/hooks/kannel/mo", hook)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", bed.http_port).start()
    reported: set[str] = set()
    try:
        for body in ("Kyllä kiitos, 5 € +1", "ei 😀"):
            await bed.kannel.send_text(CALLER, REPLY_NUMBER, body)
            query = await asyncio.wait_for(arrived.get(), 5)
            while query["text"] in reported:  # A kill right after the hook's answer may have Kannel tell a text twice.
                query = await asyncio.wait_for(arrived.get(), 5)
            reported.add(query["text"])
            assert (query["from"], query["to"], query["text"]) == (CALLER, REPLY_NUMBER, body)
            assert query["token"]
            await bed.kannel.restart()
    finally:
        await runner.cleanup()
