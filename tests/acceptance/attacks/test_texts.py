"""Attacks through texts: gateways that leave open whether they took one, and phones that make us text."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import masked
from tests.cast import AINO, LIISA, MATTI, REPLY_NUMBER
from tests.testbed.alone import alone, http_port, request_callback, restarted
from tests.testbed.callbacks import offered, rules
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.peers import serving
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import Changes

# --- a gateway that takes the text and does not say so -------------------------------------------

Answer = Callable[[web.Request], Awaitable[web.Response]]


class Taker:
    """A gateway of any kind that takes every text and then answers by `answer`; `taken` counts them by number."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.taken: Counter[str] = Counter()
        self._changes = Changes()

    async def took(self, number: str, tries: int = 1) -> None:
        """Wait until so many tries of the text to this number have come."""
        await self._changes.wait_for(
            lambda: self.taken[number] >= tries, within=20, awaited=f"try {tries} of the text to {number}"
        )

    async def take(self, request: web.Request) -> web.Response:
        fields = {**request.query, **await request.post()}
        self.taken[str(fields.get("to") or fields["To"])] += 1
        self._changes.changed()
        return await self.answer(request)


async def lost(_request: web.Request) -> web.Response:
    """A proxy that waited too long for the gateway behind it."""
    return web.Response(status=504, text="Gateway Time-out")


async def page(_request: web.Request) -> web.Response:
    """Somebody else's page, with a status as if all were well."""
    return web.Response(text="<html>It works!</html>")


async def broken(request: web.Request) -> web.Response:
    """No answer at all: the connection ends."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def accepted(_request: web.Request) -> web.Response:
    return web.Response(status=202, text="0: Accepted for delivery")


def account(gateway: str, url: str) -> dict[str, Any]:
    """Settings below `sms` for a gateway at this address."""
    report = {"report_url": f"https://calls.example.fi/hooks/{gateway}/dlr"}
    match gateway:
        case "kannel":
            keys = {"url": f"{url}/sendsms", "username": "u", "password": "p"}
        case "46elks":
            keys = {"url": url, "username": "u", "password": "p"}
        case _:
            keys = {"url": url, "account_sid": f"AC{'0' * 32}", "auth_token": "t"}
    return {"gateway": gateway, gateway: keys | report}


@asynccontextmanager
async def texting(folder: Path, gateway: str, answer: Answer) -> AsyncIterator[tuple[Daemon, Taker]]:
    """A daemon whose texts go to a gateway that answers so."""
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs by it
    taker = Taker(answer)
    async with serving(lambda application: application.router.add_route("*", "/{any:.*}", taker.take)) as url:
        with http_port() as port:
            async with alone(folder, port, account(gateway, url)) as daemon:
                yield daemon, taker


async def is_unclear(daemon: Daemon, number: str) -> None:
    """Wait until the text to this number is given up."""
    failed = await daemon.fact("sms.failed", number=masked(number), within=60)
    assert failed["reason"] == "unclear"


@pytest.mark.fault("Gateway: garbage", "Gateway: accepted and then dead")
async def test_a_text_that_may_have_arrived_is_tried_three_times_and_two_such_texts_raise_an_alarm(
    tmp_path: Path,
) -> None:
    """Side by side, since each takes half a minute."""

    async def answered(gateway: str, answer: Answer) -> None:
        async with texting(tmp_path / gateway, gateway, answer) as (daemon, taker):
            await request_callback(daemon, MATTI)
            await is_unclear(daemon, MATTI)
            assert taker.taken == {MATTI: 3}
            assert not daemon.find("alarm.raised")

    async def killed() -> None:
        over = asyncio.Event()

        async def keeps_us_waiting(request: web.Request) -> web.Response:
            await over.wait()
            return await accepted(request)

        async with texting(tmp_path / "killed", "kannel", keeps_us_waiting) as (daemon, taker):
            await request_callback(daemon, MATTI)
            await taker.took(MATTI)
            await daemon.kill()
            taker.answer = lost
            over.set()
            await restarted(daemon)
            await is_unclear(daemon, MATTI)
            assert taker.taken == {MATTI: 3}

    async def alarmed() -> None:
        async with texting(tmp_path / "alarmed", "kannel", lost) as (daemon, taker):
            await asyncio.gather(request_callback(daemon, MATTI), request_callback(daemon, LIISA))
            await asyncio.gather(is_unclear(daemon, MATTI), is_unclear(daemon, LIISA))
            assert taker.taken == {MATTI: 3, LIISA: 3}
            await daemon.fact("alarm.raised", reason="sms_unclear")
            taker.answer = accepted
            await request_callback(daemon, AINO)
            await daemon.fact("alarm.cleared", reason="sms_unclear")
            assert len(daemon.find("alarm.raised")) == 1
            assert taker.taken == {MATTI: 3, LIISA: 3, AINO: 1}

    async def reported() -> None:
        """The phone is off: the operator has the text, says so, and keeps it."""
        async with texting(tmp_path / "reported", "kannel", lost) as (daemon, taker):
            await request_callback(daemon, MATTI)
            await taker.took(MATTI)
            message = (await daemon.fact("sms.queued", number=masked(MATTI)))["message"]
            query = {"token": TOKEN, "message": message, "type": "8"}
            async with aiohttp.ClientSession() as session:
                async with session.get(f"{daemon.url}/hooks/kannel/dlr", params=query) as response:
                    assert response.status == 200
                await daemon.fact("sms.accepted", number=masked(MATTI))
                # A text that is handed over later, and not reported, is tried again: so the pause is over for both.
                await request_callback(daemon, LIISA)
                await taker.took(LIISA, tries=2)
                assert taker.taken[MATTI] == 1
                async with session.get(f"{daemon.url}/hooks/kannel/dlr", params=query | {"type": "1"}) as response:
                    assert response.status == 200
            await daemon.fact("sms.delivered", number=masked(MATTI))

    async with asyncio.TaskGroup() as together:
        together.create_task(reported())
        together.create_task(answered("46elks", broken))
        together.create_task(answered("twilio", page))
        together.create_task(killed())
        together.create_task(alarmed())


# --- a phone that makes us text ------------------------------------------------------------------


@pytest.mark.usefixtures("short_prompts")
async def test_five_calls_with_ten_texts_each_get_every_promise_and_few_answers(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    notify = {"at_position": "1", "by": "sms", "voice_if_undelivered": "60s"}
    daemon = await start_daemon(rules(notify=notify))
    for calls in range(1, 6):
        caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
        callback = await caller.takes()
        await daemon.fact("notice.delivered", callback=callback)
        for number in range(9):
            await kannel.send_text(MATTI, REPLY_NUMBER, f"+35860012{calls}{number}1")
        await daemon.fact("sms.received", count=calls * 10 - 1)
        await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
        await daemon.fact("callback.cancelled", callback=callback, by="sms")
        await caller.call.ended()
    promises = daemon.find("sms.queued", kind="callback_notice")
    assert (len(promises), len(daemon.find("sms.queued"))) == (5, 15)
    assert {fact["reason"] for fact in daemon.find("sms.refused")} == {"per_number"}
    await daemon.fact("sms.delivered", count=15)
    assert Counter(text.number for text in kannel.texts) == {MATTI: 15}


async def writes(daemon: Daemon, number: str, *bodies: str) -> None:
    """Texts from a phone, as Kannel brings them."""
    async with aiohttp.ClientSession() as session:
        for place, body in enumerate(bodies):
            query = {"token": TOKEN, "id": f"{number} {place}", "from": number, "to": REPLY_NUMBER, "text": body}
            async with session.get(f"{daemon.url}/hooks/kannel/mo", params=query) as response:
                assert response.status == 200


async def test_a_phone_with_nothing_open_changes_nothing_but_stop(tmp_path: Path) -> None:
    async with texting(tmp_path / "kannel", "kannel", accepted) as (daemon, taker):
        await request_callback(daemon, LIISA)
        await daemon.fact("sms.accepted", number=masked(LIISA))
        before = {fact["event"] for fact in daemon.facts}
        await writes(daemon, MATTI, "EI", "K", "PERU", "5", "0403334444", LIISA, "START", "hei", "", "Stop tack")
        await daemon.fact("number.opted_out", number=masked(MATTI))
        reported = [fact for fact in daemon.facts if fact.get("number") == masked(MATTI)]
        assert {fact["event"] for fact in reported} == {"sms.received", "number.opted_out"}
        assert {fact["event"] for fact in daemon.facts} == before | {"sms.received", "number.opted_out"}
        await request_callback(daemon, MATTI)
        await daemon.fact("sms.refused", number=masked(MATTI), reason="opted_out")
        assert taker.taken == {LIISA: 1}
