"""Delivery reports and texts from phones, by the hooks that a real Kannel calls and by those it does not on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, masked, reported, together, welcome
from tests.cast import LIISA, MATTI, REPLY_NUMBER
from tests.testbed.bed import Bed
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.phones import PhoneNetwork


async def ask(daemon: Daemon, path: str, query: Mapping[str, str], **options: Any) -> tuple[int, str]:
    """The status and the body of the daemon's answer to a GET, or to a POST when there is `data`."""
    method = "POST" if "data" in options else "GET"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, daemon.url + path, params=query, **options) as response,
    ):
        return response.status, await response.text()


async def report(daemon: Daemon, message: str, mask: int) -> None:
    """A delivery report as Kannel brings it; it must be taken."""
    query = {"token": TOKEN, "message": message, "type": str(mask)}
    assert await ask(daemon, "/hooks/kannel/dlr", query) == (200, "")


async def mo(daemon: Daemon, number: str, body: str, *, gateway_id: str) -> None:
    """A text from a phone as Kannel brings it; it must be taken, with an empty answer."""
    query = {"token": TOKEN, "id": gateway_id, "from": number, "to": REPLY_NUMBER, "text": body, "ts": "1795327403"}
    assert await ask(daemon, "/hooks/kannel/mo", query) == (200, "")


@pytest.mark.fault("Gateway: reports late", "Gateway: reports twice", "Gateway: unknown reports")
async def test_a_text_is_reported_from_being_wanted_to_its_arrival(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    words = "Žluťoučký kůň úpěl! " * 4
    daemon = await start_daemon(welcome(words))
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    delivered = await daemon.fact("sms.delivered", number=masked(MATTI))
    assert (delivered["kind"], delivered["parts"], delivered["service"]) == ("welcome", 2, "support")
    assert (await kannel.phone(MATTI).receives()).body == words
    for late in (1, 2, 16):
        await report(daemon, delivered["message"], late)
    await report(daemon, "welcome-nobody", 1)
    await call.hang_up()
    await ended(daemon, MATTI)
    assert [fact for fact in reported(daemon, MATTI) if fact.startswith("sms.")] == [
        "sms.queued", "sms.accepted", "sms.delivered",
    ]  # fmt: skip
    assert {fact["message"] for fact in daemon.facts if "message" in fact} == {delivered["message"]}


class Between:
    """A proxy between the daemon and Kannel's sendsms: it hands each text on at once, but answers when it may."""

    def __init__(self, sendsms_url: str) -> None:
        self._sendsms_url = sendsms_url
        self.handed_on: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.may_answer = asyncio.Event()

    async def pass_on(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        # Kannel shall report nothing: the test does.
        message = parse_qs(urlsplit(query.pop("dlr-url")).query)["message"][0]
        del query["dlr-mask"]
        async with aiohttp.ClientSession() as session, session.get(self._sendsms_url, params=query) as response:
            status, body = response.status, await response.text()
        await self.handed_on.put({**query, "message": message})
        await self.may_answer.wait()
        return web.Response(status=status, text=body)


@pytest_asyncio.fixture(loop_scope="session")
async def between(bed: Bed) -> AsyncIterator[tuple[Between, str]]:
    """The proxy in between, and its address."""
    between = Between(bed.kannel.sendsms_url)
    application = web.Application()
    application.router.add_get("/sendsms", between.pass_on)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield between, f"http://127.0.0.1:{runner.addresses[0][1]}/sendsms"
    between.may_answer.set()
    await runner.cleanup()


@pytest.mark.fault("Gateway: reports early")
async def test_a_report_may_come_before_the_answer_and_others_out_of_order(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, between: tuple[Between, str]
) -> None:
    sendsms, url = between
    daemon = await start_daemon(together(welcome(), {"sms": {"kannel": {"url": url}}}))
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    early = await asyncio.wait_for(sendsms.handed_on.get(), 5)
    await report(daemon, early["message"], 1)
    await daemon.fact("sms.delivered", number=masked(MATTI))
    await report(daemon, early["message"], 8)
    sendsms.may_answer.set()
    # 34 is how Kannel says expired; 8 and 4 are stations on the way.
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    other = await asyncio.wait_for(sendsms.handed_on.get(), 5)
    for mask in (4, 8):
        await report(daemon, other["message"], mask)
    await daemon.fact("sms.accepted", number=masked(LIISA))
    for mask in (34, 1):
        await report(daemon, other["message"], mask)
    assert (await daemon.fact("sms.failed", number=masked(LIISA)))["reason"] == "expired"
    assert [fact for fact in reported(daemon, MATTI) if fact.startswith("sms.")] == ["sms.queued", "sms.delivered"]
    assert [fact for fact in reported(daemon, LIISA) if fact.startswith("sms.")] == [
        "sms.queued", "sms.accepted", "sms.failed expired",
    ]  # fmt: skip
    assert {text.number for text in kannel.texts} == {MATTI, LIISA}


async def test_a_text_from_a_phone_is_taken_once_also_after_a_crash_and_stop_holds(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    # By Kannel itself; then twice by the hook, as Kannel does when it did not hear our answer.
    await kannel.send_text(MATTI, REPLY_NUMBER, "Terveisiä")
    await daemon.fact("sms.received", number=masked(MATTI))
    await mo(daemon, MATTI, "lopeta.", gateway_id="one")
    await daemon.fact("number.opted_out", number=masked(MATTI))
    await daemon.restart()
    await mo(daemon, MATTI, "lopeta.", gateway_id="one")
    await mo(daemon, MATTI, "STOP", gateway_id="two")
    await mo(daemon, LIISA, "Älä lopeta", gateway_id="three")
    await daemon.fact("sms.received", number=masked(LIISA))
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await daemon.fact("welcome.skipped", number=masked(MATTI), reason="opted_out")
    assert reported(daemon, MATTI) == [
        "sms.received", "sms.received", "number.opted_out", "sms.received", "queue.joined", "welcome.skipped opted_out",
    ]  # fmt: skip
    assert reported(daemon, LIISA) == ["sms.received"]
    assert not kannel.texts


async def test_the_hooks_and_pages_refuse_strangers_giants_and_nonsense_with_one_plain_line(
    start_daemon: StartDaemon,
) -> None:
    daemon = await start_daemon(welcome())
    right = {"token": TOKEN, "id": "1", "from": MATTI, "to": REPLY_NUMBER, "text": "hei"}
    without = {name: {key: value for key, value in right.items() if key != name} for name in right}
    for path, query, options, expected in (
        ("/hooks/kannel/mo", {**right, "token": "guess"}, {}, 403),
        ("/hooks/kannel/mo", without["token"], {}, 403),
        ("/hooks/kannel/dlr", {"token": "guess", "message": "m", "type": "1"}, {}, 403),
        ("/metrics", {}, {}, 401),
        ("/metrics", {"token": "guess"}, {}, 401),
        ("/hooks/kannel/mo", {**right, "text": "x" * 9000}, {}, 413),
        ("/hooks/kannel/mo", {"token": TOKEN}, {"data": {**right, "text": "x" * 70_000}}, 413),
        ("/hooks/kannel/mo", without["id"], {}, 400),
        ("/hooks/kannel/mo", without["from"], {}, 400),
        ("/hooks/kannel/dlr", {"token": TOKEN, "message": "m", "type": "many"}, {}, 400),
        ("/hooks/kannel/dlr", {"token": TOKEN}, {}, 400),
        ("/hooks/twilio/mo", right, {}, 404),
        ("/nowhere", {"token": TOKEN}, {}, 404),
    ):
        status, body = await ask(daemon, path, query, **options)
        assert (status, body.count("\n")) == (expected, 1), (path, body)
        assert "Traceback" not in body
    assert (await ask(daemon, "/metrics", {"token": TOKEN}))[0] == 200
    assert (await ask(daemon, "/metrics", {}, headers={"Authorization": f"Bearer {TOKEN}"}))[0] == 200
    assert (await ask(daemon, "/health", {}))[0] == 200
    await mo(daemon, LIISA, "hei", gateway_id="last")
    await daemon.fact("sms.received", number=masked(LIISA))
    assert not reported(daemon, MATTI)
