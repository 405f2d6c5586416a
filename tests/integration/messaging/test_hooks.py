"""The hooks of SMS gateways over real sockets: what is taken, and what is turned away."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest

from callcentre.kernel.event import Event
from callcentre.messaging.events import TextReceived
from callcentre.messaging.gateways.console import ConsoleGateway
from callcentre.web.server import WebServer
from tests.integration.web_client import (
    API_TOKEN,
    DLR,
    MO,
    RECEIVED,
    REPORTED,
    TOKEN,
    Client,
    Daemon,
)

# --- what is taken ------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "event"), [(MO, RECEIVED), (DLR, REPORTED)])
async def test_a_hook_stores_its_event_and_answers_with_nothing(
    client: Client, daemon: Daemon, target: str, event: Event
) -> None:
    answer = await client.get(target)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"] == "text/plain"
    assert daemon.stored == [event]


async def test_a_hook_takes_a_posted_form(client: Client, daemon: Daemon) -> None:
    target, _, form = MO.partition("&")
    assert (await client.post(target, form.encode())).status == 200
    assert daemon.stored == [RECEIVED]


async def test_a_hook_answers_only_after_the_event_is_stored(client: Client, daemon: Daemon) -> None:
    daemon.open.clear()
    asking = asyncio.create_task(client.get(MO))
    await daemon.storing.wait()
    assert not asking.done()
    daemon.open.set()
    assert (await asking).status == 200
    assert daemon.stored == [RECEIVED]


async def test_an_event_that_is_not_stored_in_time_is_asked_for_again(daemon: Daemon) -> None:
    daemon.open.clear()
    server = WebServer("127.0.0.1:0", daemon.app(0.05))
    await server.start()
    answer = await Client(server.address).get(MO)
    await server.stop()
    assert (answer.status, answer.body) == (503, b"not stored in time, try again\n")


async def test_an_event_is_stored_even_when_the_gateway_hangs_up(client: Client, daemon: Daemon) -> None:
    daemon.open.clear()
    _, writer = await asyncio.open_connection(*client.address)
    writer.write(f"GET {MO} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await daemon.storing.wait()
    writer.close()
    await writer.wait_closed()
    await client.get("/health")
    daemon.open.set()
    await client.get("/health")
    assert daemon.stored == [RECEIVED]


@pytest.mark.fault("Gateway: unknown reports")
async def test_a_report_of_nothing_we_keep_is_taken_and_forgotten(client: Client, daemon: Daemon) -> None:
    answer = await client.get(DLR.replace("type=1", "type=0"))
    assert (answer.status, daemon.stored) == (200, [])


async def test_every_octet_of_a_text_arrives(client: Client, daemon: Daemon) -> None:
    body = "ä€😀\n+&=#% %00x\u202e"
    assert (await client.get(MO.replace("SOITA", quote(body)))).status == 200
    assert isinstance(daemon.stored[0], TextReceived)
    assert daemon.stored[0].body == body


# --- what is turned away ------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/hooks/kannel/mo",
        "/hooks/kannel/mo?token=",
        "/hooks/kannel/mo?token=wrong",
        "/hooks/kannel/dlr?token=wrong&message=m&type=1",
        "/hooks/nobody/mo?token=wrong",
        f"/hooks/kannel/mo?token={quote(TOKEN)}&token=wrong",
        f"/hooks/kannel/mo?token={quote(TOKEN)}x",
        "/hooks/kannel/mo?token=%ff%zz",
        "/hooks/kannel/mo?token=wrong&text=" + "x" * 20_000,
        "/metrics",
        "/metrics?token=wrong",
        f"/metrics?token={quote(TOKEN)}",
        f"/hooks/kannel/mo?token={quote(API_TOKEN)}",
    ],
)
async def test_without_the_token_nothing_else_is_looked_at(client: Client, daemon: Daemon, target: str) -> None:
    answer = await client.get(target)
    at_hook = target.startswith("/hooks")
    assert (answer.status, answer.body) == (403 if at_hook else 401, b"wrong or missing token\n")
    assert answer.headers.get("WWW-Authenticate") == (None if at_hook else 'Bearer realm="callcentre"')
    assert daemon.stored == []


async def test_an_empty_token_lets_nobody_in(client: Client, daemon: Daemon) -> None:
    daemon.token = daemon.hook_token = ""
    assert (await client.get("/hooks/kannel/mo?token=")).status == 403
    assert (await client.get("/metrics")).status == 401


async def test_a_token_read_again_holds_at_once(client: Client, daemon: Daemon) -> None:
    daemon.hook_token = "new"
    assert (await client.get(MO)).status == 403
    assert (await client.get(MO.replace(quote(TOKEN), "new"))).status == 200


async def test_a_hook_of_another_gateway_is_not_there(client: Client, daemon: Daemon) -> None:
    assert (await client.get(MO.replace("kannel", "twilio"))).status == 404
    daemon.gateway = ConsoleGateway()
    assert (await client.get(MO)).status == 404
    assert (await client.get(MO.replace("kannel", "console"))).status == 400
    assert daemon.stored == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("&text=%zz", "a percent sign does not begin an escape"),
        ("&text=%", "a percent sign does not begin an escape"),
        ("&text=%ff%fe", "an escape is not UTF-8"),
        ("&text=%ed%a0%bd", "an escape is not UTF-8"),
        ("&id=1&from=2&to=3&text=a%00b", "text has a character that no text can have"),
        ("&id=", "id is empty"),
        ("&id=1&id=2", "a field is given twice"),
        ("", "id is missing"),
        ("&a" * 101, "more than 100 fields"),
    ],
)
async def test_nonsense_is_answered_with_one_plain_line(client: Client, daemon: Daemon, query: str, said: str) -> None:
    for answer in (
        await client.get(f"/hooks/kannel/mo?token={quote(TOKEN)}{query}"),
        await client.post(f"/hooks/kannel/mo?token={quote(TOKEN)}", query.encode()),
    ):
        assert (answer.status, answer.body) == (400, f"{said}\n".encode())
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert daemon.stored == []


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content_Type": "application/json"}, b'{"id": 1}', "the body is not a form"),
        ({"Content_Type": "multipart/form-data; boundary=x"}, b"--x", "the body is not a form"),
        ({"Content_Encoding": "gzip"}, b"\x1f\x8b\x08", "the body is compressed"),
        ({}, b"text=\xff\xfe", "characters other than ASCII must be escaped"),
    ],
)
async def test_a_body_that_is_no_form_is_nonsense(
    client: Client, daemon: Daemon, headers: dict[str, str], body: bytes, said: str
) -> None:
    answer = await client.post(MO, body, **headers)
    assert (answer.status, answer.body) == (400, f"{said}\n".encode())
    assert daemon.stored == []


async def test_a_query_that_is_too_long_is_refused_as_such(client: Client, daemon: Daemon) -> None:
    for length in (9_000, 50_000):
        answer = await client.get(MO + "x" * length)
        assert (answer.status, answer.body) == (413, b"query too long\n")
    for octets in (MO + "x" * 300_000, MO + " HTTP/1.1\r\nX: " + "y" * 300_000):
        answer = await client.send(f"GET {octets}".encode())
        assert (answer.status, answer.body) == (413, b"request line or header too long\n")
    assert daemon.stored == []


@pytest.mark.parametrize("head", ["Content-Length: 99999999999", "Content-Length: 65537"])
async def test_a_body_announced_too_long_is_refused_unread(client: Client, head: str) -> None:
    answer = await client.send(f"POST {MO} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
    assert (answer.status, answer.body) == (413, b"body too long\n")


async def test_a_body_that_grows_too_long_is_refused(client: Client, daemon: Daemon) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = f"POST {MO} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = await client.send(head + 3 * chunk)
    assert (answer.status, answer.body) == (413, b"body too long\n")
    assert daemon.stored == []


@pytest.mark.parametrize("octets", [b"3\r\nabc\r\nzz\r\n", b"3\r\nabcdef\r\n", b"-1\r\n\r\n"])
async def test_a_body_in_broken_chunks_is_nonsense(client: Client, daemon: Daemon, octets: bytes) -> None:
    head = f"POST {MO} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = await client.send(head + octets)
    assert (answer.status, answer.body) == (400, b"malformed request\n")
    assert daemon.stored == []


async def test_a_body_that_never_ends_is_not_waited_for(daemon: Daemon) -> None:
    server = WebServer("127.0.0.1:0", daemon.app(0.05))
    await server.start()
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(f"POST {MO} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc".encode())
    assert (await reader.readline()) == b"HTTP/1.1 503 Service Unavailable\r\n"
    writer.close()
    await server.stop()
