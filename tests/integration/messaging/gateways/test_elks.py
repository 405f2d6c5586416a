"""Texts by 46elks: out, their reports, and texts from phones, with a 46elks that behaves as it is documented."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from structlog.testing import capture_logs

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Refused, TextReceived
from callcentre.messaging.gateways.elks import ElksGateway
from callcentre.web.server import WebServer
from tests.acceptance.scene import ran
from tests.cast import LIISA, MATTI, REPLY_NUMBER
from tests.integration.web_client import AT, Client, Daemon
from tests.integration.web_client import TOKEN as HOOK_TOKEN
from tests.testbed.alone import alone, http_port, request_callback, restarted
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon as Process
from tests.testbed.elks import PASSWORD, USERNAME, Elks, elks


def text(body: str = "Hei", **changed: str) -> SendText:
    fields = {"message": "m-1", "number": MATTI, "sender": "Neuvonta"} | changed
    return SendText(body=body, **fields)


@pytest.fixture
async def account() -> AsyncIterator[Elks]:
    async with elks() as running:
        yield running


# --- the API -------------------------------------------------------------------------------------


@asynccontextmanager
async def gateway_of(
    account: Elks, *, password: str = PASSWORD, report_url: str = "https://h.example/hooks/46elks/dlr"
) -> AsyncIterator[ElksGateway]:
    gateway = ElksGateway(account.url, USERNAME, password, report_url, HOOK_TOKEN)
    yield gateway
    await gateway.close()


@pytest.mark.parametrize("body", ["Hei ä€[ & = + % # %d\n", "Hei 😀 & %", "x" * 1600])
async def test_a_text_reaches_46elks_with_every_field_as_it_was(account: Elks, body: str) -> None:
    async with gateway_of(account) as gateway:
        outcome = await gateway.send(text(body, message="m/1 ä"))
    [sent] = account.sent
    assert outcome == Accepted(sent.id)
    assert sent.form == {
        "from": "Neuvonta",
        "to": MATTI,
        "message": body,
        "whendelivered": "https://h.example/hooks/46elks/dlr?token=s3cret/%C3%A4&message_id=m/1+%C3%A4",
    }


async def test_a_wrong_password_is_refused_for_good_and_the_probe_says_what_to_fix(account: Elks) -> None:
    async with gateway_of(account) as gateway:
        assert await gateway.probe() is None
    async with gateway_of(account, password="guess") as gateway:
        outcome = await gateway.send(text())
        assert isinstance(outcome, Refused)
        assert outcome.permanent
        said = await gateway.probe()
    assert said is not None
    assert said.startswith("sms.46elks.username: ")
    assert account.sent == []


# --- the hooks -----------------------------------------------------------------------------------


@pytest.fixture
async def daemon() -> Daemon:
    running = Daemon(gateway=ElksGateway("http://127.0.0.1:1/a1", "u", "p", "http://127.0.0.1:2/dlr", HOOK_TOKEN))
    running.open.set()
    return running


@pytest.fixture
async def server(daemon: Daemon) -> AsyncIterator[WebServer]:
    running = WebServer("127.0.0.1:0", daemon.app(0.3))
    await running.start()
    yield running
    await running.stop()


def at(server: WebServer, hook: str, **query: str) -> str:
    host, port = server.address
    return f"http://{host}:{port}/hooks/46elks/{hook}?{urlencode({'token': HOOK_TOKEN, **query})}"


@pytest.mark.fault("Gateway: reports early", "Gateway: reports twice")
async def test_a_text_and_its_reports_find_each_other_out_of_order_and_twice(
    account: Elks, daemon: Daemon, server: WebServer
) -> None:
    host, port = server.address
    async with gateway_of(account, report_url=f"http://{host}:{port}/hooks/46elks/dlr") as gateway:
        await gateway.send(text(message="m/1 ä&=+%"))
    for status in ("delivered", "sent", "delivered", "unheard-of"):
        assert await account.report(account.sent[0], status) == [204]
    assert daemon.stored == [
        DeliveryReported(at=AT, message="m/1 ä&=+%", delivery=delivery)
        for delivery in (Delivery.DELIVERED, Delivery.ACCEPTED, Delivery.DELIVERED)
    ]


async def test_a_text_from_a_phone_is_stored_and_answered_by_nothing(
    account: Elks, daemon: Daemon, server: WebServer
) -> None:
    body = "Hyvää 😀\n+&=#% %00"
    assert await account.receive(at(server, "mo"), MATTI, body, to=REPLY_NUMBER, sms_id="s1") == [204]
    assert daemon.stored == [
        TextReceived(at=AT, gateway="46elks", gateway_id="s1", sender=MATTI, recipient=REPLY_NUMBER, body=body)
    ]
    assert account.replies == []


async def test_46elks_asks_again_while_nothing_can_be_stored_and_no_failure_becomes_a_text(
    account: Elks, daemon: Daemon, server: WebServer
) -> None:
    daemon.broken = RuntimeError("disk")
    assert await account.receive(at(server, "mo"), MATTI, "EI", to=REPLY_NUMBER) == [500] * 6
    daemon.broken = None
    daemon.open.clear()
    daemon.storing.clear()
    asking = asyncio.create_task(account.receive(at(server, "mo"), MATTI, "EI", to=REPLY_NUMBER, sms_id="s1"))
    await daemon.storing.wait()
    daemon.storing.clear()
    # The first try runs out of time, and the second finds us able.
    await daemon.storing.wait()
    daemon.open.set()
    assert await asking == [503, 204]
    assert {event.gateway_id for event in daemon.stored if isinstance(event, TextReceived)} == {"s1"}
    assert account.replies == []


@pytest.mark.parametrize("hook", ["mo", "dlr"])
@pytest.mark.parametrize("query", ["", "token=", "token=guess", f"token={quote(HOOK_TOKEN)}&token=guess"])
async def test_a_hook_asks_for_the_token_before_anything_else(
    daemon: Daemon, server: WebServer, hook: str, query: str
) -> None:
    form = urlencode({"id": "s1", "from": MATTI, "to": REPLY_NUMBER, "message": "EI", "status": "failed"}).encode()
    with capture_logs() as logged:
        answer = await Client(server.address).post(f"/hooks/46elks/{hook}?message_id=m-1&{query}", form)
    assert (answer.status, answer.body) == (403, b"wrong or missing token\n")
    assert daemon.stored == []
    assert [line["reason"] for line in logged] == ["wrong or missing token"]


@pytest.mark.parametrize(
    ("hook", "body", "status", "said"),
    [
        ("mo", b"id=s1&from=1&to=2&message=" + b"x" * 70_000, 413, b"body too long\n"),
        ("mo", b"id=s1&from=1&to=2&message=%ff%fe", 400, b"an escape is not UTF-8\n"),
        ("mo", b"id=s1&from=1&to=2&message=\xe4", 400, b"characters other than ASCII must be escaped\n"),
        ("mo", b"id=s1&from=1&to=2&message=%", 400, b"a percent sign does not begin an escape\n"),
        ("mo", b"id=s1&from=1&to=2&message=a&message=b", 400, b"a field is given twice\n"),
        ("mo", b"id=s1&from=1&to=2&message=a%00", 400, b"message has a character that no text can have\n"),
        ("mo", b"id=s1&from=1&to=2", 400, b"message is missing\n"),
        ("mo", b"id=&from=1&to=2&message=a", 400, b"id is empty\n"),
        ("mo", b"", 400, b"id is missing\n"),
        ("dlr", b"id=s1&status=sent", 400, b"message_id is missing\n"),
        ("dlr", b"id=s1&status=sent&token=again&message_id=m", 400, b"a field is given twice\n"),
    ],
)
async def test_nonsense_is_answered_with_one_plain_line(
    daemon: Daemon, server: WebServer, hook: str, body: bytes, status: int, said: bytes
) -> None:
    answer = await Client(server.address).post(f"/hooks/46elks/{hook}?token={quote(HOOK_TOKEN)}", body)
    assert (answer.status, answer.body) == (status, said)
    assert daemon.stored == []


async def test_what_a_report_says_beside_its_status_does_not_matter(daemon: Daemon, server: WebServer) -> None:
    async with aiohttp.ClientSession() as session:
        form = {"id": "s1", "status": "failed", "message": "what was sent", "cost": "5000"}
        async with session.post(at(server, "dlr", message_id="m-1"), data=form) as response:
            assert response.status == 204
    assert daemon.stored == [DeliveryReported(at=AT, message="m-1", delivery=Delivery.FAILED)]


# --- the whole daemon ----------------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[int]:
    with http_port() as free:
        yield free


@pytest.fixture
async def process(tmp_path: Path, port: int, account: Elks) -> AsyncIterator[Process]:
    section = {
        "url": account.url,
        "username": USERNAME,
        "password": PASSWORD,
        "report_url": f"http://127.0.0.1:{port}/hooks/46elks/dlr",
    }
    async with alone(tmp_path, port, {"gateway": "46elks", "46elks": section}) as running:
        yield running


def sms_url(process: Process) -> str:
    """The address that the number has at 46elks."""
    return f"{process.url}/hooks/46elks/mo?token={TOKEN}"


async def test_a_text_goes_out_by_46elks_and_its_report_and_an_answer_come_in(process: Process, account: Elks) -> None:
    await request_callback(process, MATTI)
    sent = await asyncio.wait_for(account.taken.get(), 10)
    assert (sent.form["to"], sent.form["from"]) == (MATTI, "Neuvonta")
    assert sent.form["message"] == "Soitamme sinulle takaisin: paikkasi on 1. Hyvää päivää €!"
    await process.fact("sms.accepted", kind="callback_confirmation")
    assert await account.report(sent, "delivered") == [204]
    assert await account.report(sent, "sent") == [204]
    delivered = await process.fact("sms.delivered")
    for _ in range(2):
        assert await account.receive(sms_url(process), MATTI, "Lopeta.", to=REPLY_NUMBER, sms_id="s1") == [204]
    await process.fact("number.opted_out", number=delivered["number"])
    await request_callback(process, LIISA)
    other = await asyncio.wait_for(account.taken.get(), 10)
    assert await account.report(other, "failed") == [204]
    await process.fact("sms.failed")
    assert [fact["event"] for fact in process.facts if fact["event"].startswith(("sms.", "number."))] == [
        "sms.queued", "sms.accepted", "sms.delivered", "sms.received", "number.opted_out",
        "sms.queued", "sms.accepted", "sms.failed",
    ]  # fmt: skip
    assert account.replies == []


async def test_a_text_whose_answer_a_crash_lost_goes_again_under_the_same_name(process: Process, account: Elks) -> None:
    account.may_answer.clear()
    await request_callback(process, MATTI)
    first = await asyncio.wait_for(account.taken.get(), 10)
    await restarted(process)
    again = await asyncio.wait_for(account.taken.get(), 10)
    assert again.form == first.form
    assert again.id != first.id
    for sent in (first, again):
        assert await account.report(sent, "delivered") == [204]
    account.may_answer.set()
    await account.receive(sms_url(process), LIISA, "hei", to=REPLY_NUMBER)
    await process.fact("sms.received")
    assert len(process.find("sms.delivered")) == 1


async def test_the_doctor_asks_46elks_and_sends_no_text(process: Process, account: Elks) -> None:
    assert "ok    SMS gateway 46elks\n" in (await ran("doctor", "-c", process.file)).output
    process.file.write_text(process.file.read_text(encoding="utf-8").replace("pass&word", "guess"), encoding="utf-8")
    said = (await ran("doctor", "-c", process.file)).output
    assert "FIX   SMS gateway 46elks: sms.46elks.username: " in said
    assert "guess" not in said
    assert account.sent == []
