"""Texts by Twilio: out, their reports, and texts from phones, with a Twilio that behaves as it is documented.

Twilio calls an address on the internet, and a proxy hands that on to the daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from structlog.testing import capture_logs

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Refused, TextReceived
from callcentre.messaging.gateways.twilio import RETRIES, TwilioGateway
from callcentre.web.server import WebServer
from tests.acceptance.scene import ran
from tests.cast import LIISA, MATTI, REPLY_NUMBER
from tests.integration.web_client import AT, Client, Daemon
from tests.integration.web_client import TOKEN as HOOK_TOKEN
from tests.testbed.alone import alone, http_port, request_callback, restarted
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon as Process
from tests.testbed.twilio import ACCOUNT_SID, AUTH_TOKEN, Twilio, signed, twilio

PUBLIC = "https://calls.example.fi"
REPORT_URL = f"{PUBLIC}/hooks/twilio/dlr"


def text(body: str = "Hei", **changed: str) -> SendText:
    fields = {"message": "m-1", "number": MATTI, "sender": "Neuvonta"} | changed
    return SendText(body=body, **fields)


# --- the API -------------------------------------------------------------------------------------


@asynccontextmanager
async def gateway_of(
    account: Twilio, *, auth_token: str = AUTH_TOKEN, report_url: str = REPORT_URL
) -> AsyncIterator[TwilioGateway]:
    gateway = TwilioGateway(account.url, ACCOUNT_SID, auth_token, report_url, HOOK_TOKEN)
    yield gateway
    await gateway.close()


@pytest.mark.parametrize("body", ["Hei ä€[ & = + % # %d\n", "Hei 😀 & %", "x" * 1600])
async def test_a_text_reaches_twilio_with_every_field_as_it_was(account: Twilio, body: str) -> None:
    async with gateway_of(account) as gateway:
        outcome = await gateway.send(text(body, message="m/1 ä"))
    [created] = account.created
    assert outcome == Accepted(created.sid)
    assert created.form == {
        "From": "Neuvonta",
        "To": MATTI,
        "Body": body,
        "StatusCallback": f"{REPORT_URL}?token=s3cret/%C3%A4&message=m/1+%C3%A4#{RETRIES}",
    }


async def test_a_person_who_opted_out_at_twilio_is_refused_for_good(account: Twilio) -> None:
    account.opted_out.add(MATTI)
    async with gateway_of(account) as gateway:
        assert await gateway.send(text()) == Refused("twilio answered 400, error 21610", permanent=True, opted_out=True)


async def test_a_wrong_token_is_refused_for_good_and_the_probe_says_what_to_fix(account: Twilio) -> None:
    async with gateway_of(account) as gateway:
        assert await gateway.probe() is None
        account.status = "suspended"
        said = await gateway.probe()
        assert said == "sms.twilio.account_sid: the account is not active; the Twilio Console says why"
    async with gateway_of(account, auth_token="guess") as gateway:
        assert await gateway.send(text()) == Refused("twilio answered 401, error 20003", permanent=True)
        said = await gateway.probe()
    assert said is not None
    assert said.startswith(f"sms.twilio.account_sid: {account.url} does not know this account with this auth_token;")
    assert account.created == []


# --- the hooks -----------------------------------------------------------------------------------


@pytest.fixture
async def daemon() -> Daemon:
    running = Daemon(gateway=TwilioGateway("http://127.0.0.1:1", ACCOUNT_SID, AUTH_TOKEN, REPORT_URL, HOOK_TOKEN))
    running.open.set()
    return running


@pytest.fixture
async def server(daemon: Daemon) -> AsyncIterator[WebServer]:
    running = WebServer("127.0.0.1:0", daemon.app(0.3))
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def account(server: WebServer) -> AsyncIterator[Twilio]:
    host, port = server.address
    async with twilio(PUBLIC, f"http://{host}:{port}") as running:
        yield running


def mo(query: str = f"token={quote(HOOK_TOKEN)}", origin: str = PUBLIC) -> str:
    """The address that the number has at Twilio."""
    return f"{origin}/hooks/twilio/mo?{query}"


@pytest.mark.parametrize("keep_fragment", [False, True])
@pytest.mark.fault("Gateway: reports early", "Gateway: reports twice")
async def test_a_text_and_its_reports_find_each_other_out_of_order_and_twice(
    account: Twilio, daemon: Daemon, keep_fragment: bool
) -> None:
    async with gateway_of(account) as gateway:
        await gateway.send(text(message="m/1 ä&=+%'~"))
    for status in ("delivered", "sent", "undelivered", "delivered", "unheard-of"):
        assert await account.report(account.created[0], status, keep_fragment=keep_fragment) == [200]
    assert daemon.stored == [
        DeliveryReported(at=AT, message="m/1 ä&=+%'~", delivery=delivery)
        for delivery in (Delivery.DELIVERED, Delivery.ACCEPTED, Delivery.FAILED, Delivery.DELIVERED)
    ]


@pytest.mark.parametrize(
    "query",
    [
        f"token={quote(HOOK_TOKEN)}",
        # Not written as we would write it: what counts is what was on the wire.
        "token=s3cret%2f%c3%a4",
        "a=%7e&&token=s3cret/%C3%A4&b='~!*()",
    ],
)
async def test_a_text_from_a_phone_is_stored_and_answered_by_nothing(
    account: Twilio, daemon: Daemon, query: str
) -> None:
    body = " Hyvää 😀\n+&=#% %00 "
    assert await account.receive(mo(query), MATTI, body, to=REPLY_NUMBER, sid="SM1") == [200]
    assert daemon.stored == [
        TextReceived(at=AT, gateway="twilio", gateway_id="SM1", sender=MATTI, recipient=REPLY_NUMBER, body=body)
    ]
    assert account.replies == []


async def test_twilio_may_ask_by_get_and_then_signs_the_address_alone(daemon: Daemon, server: WebServer) -> None:
    fields = {"token": HOOK_TOKEN, "MessageSid": "SM1", "From": MATTI, "To": REPLY_NUMBER, "Body": "EI"}
    right = signed(AUTH_TOKEN, mo(urlencode(fields)), {})
    target = mo(urlencode(fields), origin="")
    assert (await Client(server.address).get(target, X_Twilio_Signature=right)).status == 200
    assert (await Client(server.address).get(target.replace("EI", "JOO"), X_Twilio_Signature=right)).status == 403
    assert len(daemon.stored) == 1


async def test_twilio_asks_again_when_its_address_says_so_and_no_failure_becomes_a_text(
    account: Twilio, daemon: Daemon
) -> None:
    daemon.broken = RuntimeError("disk")
    address = f"{mo()}#{RETRIES}"
    assert await account.receive(address, MATTI, "EI", to=REPLY_NUMBER) == [500] * 6
    assert await account.receive(mo(), MATTI, "EI", to=REPLY_NUMBER) == [500]
    daemon.broken = None
    daemon.open.clear()
    daemon.storing.clear()
    asking = asyncio.create_task(account.receive(address, MATTI, "EI", to=REPLY_NUMBER, sid="SM1"))
    await daemon.storing.wait()
    daemon.storing.clear()
    # The first try runs out of time, and the second finds us able.
    await daemon.storing.wait()
    daemon.open.set()
    assert await asking == [503, 200]
    assert {event.gateway_id for event in daemon.stored if isinstance(event, TextReceived)} == {"SM1"}
    assert account.replies == []


FORM = {"MessageSid": "SM1", "From": MATTI, "To": REPLY_NUMBER, "Body": "EI", "MessageStatus": "failed"}


@pytest.mark.parametrize("hook", ["mo", "dlr"])
@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "x",
        signed("guess", mo(), FORM),
        signed(AUTH_TOKEN, mo(), {}),
        signed(AUTH_TOKEN, mo(origin="http://calls.example.fi"), FORM),
        signed(AUTH_TOKEN, mo(origin="http://127.0.0.1:8090"), FORM),
        signed(AUTH_TOKEN, mo(), FORM | {"Body": "JOO"}),
        signed(AUTH_TOKEN, mo("token=guess"), FORM),
    ],
)
async def test_what_knows_the_token_and_not_the_signature_is_refused(
    daemon: Daemon, server: WebServer, hook: str, signature: str | None
) -> None:
    headers = {} if signature is None else {"X_Twilio_Signature": signature}
    target = f"/hooks/twilio/{hook}?token={quote(HOOK_TOKEN)}"
    with capture_logs() as logged:
        answer = await Client(server.address).post(target, urlencode(FORM).encode(), **headers)
    assert (answer.status, answer.body) == (403, b"wrong or missing signature\n")
    assert daemon.stored == []
    assert [(line["reason"], line["hook"]) for line in logged] == [("wrong or missing signature", hook)]


@pytest.mark.parametrize("query", ["", "token=", "token=guess", f"token={quote(HOOK_TOKEN)}&token=guess"])
async def test_a_hook_asks_for_the_token_before_the_signature(account: Twilio, daemon: Daemon, query: str) -> None:
    with capture_logs() as logged:
        assert await account.receive(mo(query), MATTI, "EI", to=REPLY_NUMBER) == [403]
    assert daemon.stored == []
    assert [line["reason"] for line in logged] == ["wrong or missing token"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"MessageSid=1&From=1&To=2&Body=" + b"x" * 70_000, 413, b"body too long\n"),
        (b"MessageSid=1&From=1&To=2&Body=%ff%fe", 400, b"an escape is not UTF-8\n"),
        (b"MessageSid=1&From=1&To=2&Body=\xe4", 400, b"characters other than ASCII must be escaped\n"),
        (b"MessageSid=1&From=1&To=2&Body=%", 400, b"a percent sign does not begin an escape\n"),
        (b"MessageSid=1&From=1&To=2&Body=a&Body=b", 400, b"a field is given twice\n"),
        (b"MessageSid=1&From=1&To=2&Body=a", 403, b"wrong or missing signature\n"),
    ],
)
async def test_nonsense_is_answered_with_one_plain_line(
    daemon: Daemon, server: WebServer, body: bytes, status: int, said: bytes
) -> None:
    answer = await Client(server.address).post(f"/hooks/twilio/mo?token={quote(HOOK_TOKEN)}", body)
    assert (answer.status, answer.body) == (status, said)
    assert daemon.stored == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"From": "1", "To": "2", "Body": "a"}, b"MessageSid is missing\n"),
        ({"MessageSid": "1", "From": "1", "To": "2"}, b"Body is missing\n"),
        ({"MessageSid": "1", "From": "1", "To": "2", "Body": "a\0"}, b"Body has a character that no text can have\n"),
        ({"MessageSid": "1", "From": "1", "To": "2", "Body": "a", "token": "t"}, b"a field is given twice\n"),
    ],
)
async def test_what_is_signed_must_make_sense_too(
    daemon: Daemon, server: WebServer, form: dict[str, str], said: bytes
) -> None:
    headers = {"X_Twilio_Signature": signed(AUTH_TOKEN, mo(), form)}
    answer = await Client(server.address).post(mo(origin=""), urlencode(form).encode(), **headers)
    assert (answer.status, answer.body) == (400, said)
    assert daemon.stored == []


# --- the whole daemon ----------------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[int]:
    with http_port() as free:
        yield free


@pytest.fixture
async def reached(port: int) -> AsyncIterator[Twilio]:
    """An account whose calls reach the daemon on this port."""
    async with twilio(PUBLIC, f"http://127.0.0.1:{port}") as running:
        yield running


@pytest.fixture
async def process(tmp_path: Path, port: int, reached: Twilio) -> AsyncIterator[Process]:
    section = {
        "url": reached.url,
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "report_url": REPORT_URL,
    }
    async with alone(tmp_path, port, {"gateway": "twilio", "twilio": section}) as running:
        yield running


async def test_a_text_goes_out_by_twilio_and_its_report_and_an_answer_come_in(
    process: Process, reached: Twilio
) -> None:
    await request_callback(process, MATTI)
    created = await asyncio.wait_for(reached.taken.get(), 10)
    assert (created.form["To"], created.form["From"]) == (MATTI, "Neuvonta")
    assert created.form["Body"] == "Soitamme sinulle takaisin: paikkasi on 1. Hyvää päivää €!"
    await process.fact("sms.accepted", kind="callback_confirmation")
    assert await reached.report(created, "delivered") == [200]
    assert await reached.report(created, "sent") == [200]
    delivered = await process.fact("sms.delivered")
    for _ in range(2):
        assert await reached.receive(mo(f"token={TOKEN}"), MATTI, "Lopeta.", to=REPLY_NUMBER, sid="SM1") == [200]
    await process.fact("number.opted_out", number=delivered["number"])
    await request_callback(process, LIISA)
    other = await asyncio.wait_for(reached.taken.get(), 10)
    reached.auth_token = "guess"
    assert await reached.report(other, "delivered") == [403]
    reached.auth_token = AUTH_TOKEN
    assert await reached.report(other, "undelivered") == [200]
    await process.fact("sms.failed")
    assert [fact["event"] for fact in process.facts if fact["event"].startswith(("sms.", "number."))] == [
        "sms.queued", "sms.accepted", "sms.delivered", "sms.received", "number.opted_out",
        "sms.queued", "sms.accepted", "sms.failed",
    ]  # fmt: skip
    assert reached.replies == []


async def test_a_text_whose_answer_a_crash_lost_goes_again_under_the_same_name(
    process: Process, reached: Twilio
) -> None:
    reached.may_answer.clear()
    await request_callback(process, MATTI)
    first = await asyncio.wait_for(reached.taken.get(), 10)
    await restarted(process)
    again = await asyncio.wait_for(reached.taken.get(), 10)
    assert again.form == first.form
    assert again.sid != first.sid
    for created in (first, again):
        assert await reached.report(created, "delivered") == [200]
    reached.may_answer.set()
    await reached.receive(mo(f"token={TOKEN}"), LIISA, "hei", to=REPLY_NUMBER)
    await process.fact("sms.received")
    assert len(process.find("sms.delivered")) == 1


async def test_the_doctor_asks_twilio_and_sends_no_text(process: Process, reached: Twilio) -> None:
    assert "ok    SMS gateway twilio\n" in (await ran("doctor", "-c", process.file)).output
    reached.auth_token = "another"
    said = (await ran("doctor", "-c", process.file)).output
    assert "FIX   SMS gateway twilio: sms.twilio.account_sid: " in said
    assert AUTH_TOKEN[:16] not in said
    assert reached.created == []
