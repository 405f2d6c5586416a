"""Handing texts to a sendsms page that answers, refuses, breaks off, or is not there."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, Unclear
from callcentre.messaging.gateways.kannel import KannelGateway

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
USER, PASSWORD = "callcentre", "pass&word %d"


def text(body: str = "Hei", **changed: str) -> SendText:
    fields = {"message": "m-1", "number": "+358401112222", "sender": "Neuvonta"} | changed
    return SendText(body=body, **fields)


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class Smsbox:
    """A sendsms page that does with each request what it is told; `asked` are the request lines so far."""

    def __init__(self, answer: bytes | Answer) -> None:
        self.asked: list[str] = []
        self.peers: set[asyncio.StreamWriter] = set()
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.decode().split(" ")[1])
            if isinstance(self._answer, bytes):
                writer.write(self._answer)
            else:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def query(self) -> dict[str, str]:
        """The fields of the one request there was."""
        [target] = self.asked
        fields = parse_qs(urlsplit(target).query, keep_blank_values=True, errors="strict")
        return {name: value for name, [value] in fields.items()}


@asynccontextmanager
async def smsbox(answer: bytes | Answer, seconds: float = 10.0) -> AsyncIterator[tuple[Smsbox, KannelGateway]]:
    box = Smsbox(answer)
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    gateway = kannel(server.sockets[0].getsockname()[1], seconds)
    try:
        yield box, gateway
    finally:
        await gateway.close()
        server.close()
        for peer in box.peers:
            peer.close()
        await server.wait_closed()


def kannel(port: int, seconds: float = 10.0) -> KannelGateway:
    return KannelGateway(
        f"http://127.0.0.1:{port}/cgi-bin/sendsms",
        USER,
        PASSWORD,
        "http://127.0.0.1:8090/hooks/kannel/dlr",
        "tok&en",
        timeout=seconds,
    )


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(
    ("body", "coding"),
    [("Hei ä€[ & = + % # %d\n", "0"), ("Hei 😀 & %", "2"), ("Fran\N{LATIN SMALL LETTER C WITH CEDILLA}ais", "2")],
)
async def test_a_text_reaches_sendsms_with_every_field_as_it_was(body: str, coding: str) -> None:
    async with smsbox(http("202 Accepted", "0: Accepted for delivery")) as (box, gateway):
        assert await gateway.send(text(body)) == Accepted()
        assert box.asked[0].startswith("/cgi-bin/sendsms?")
        assert box.query() == {
            "username": USER,
            "password": PASSWORD,
            "from": "Neuvonta",
            "to": "+358401112222",
            "text": body,
            "charset": "UTF-8",
            "coding": coding,
            "dlr-mask": "31",
            "dlr-url": "http://127.0.0.1:8090/hooks/kannel/dlr?token=tok%%26en&message=m-1&type=%d",
        }


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read the request, and be gone."""


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half_a_head(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Acc")


async def half_a_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Acc")


async def no_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (hang_up, Unclear("no answer from smsbox: the connection broke")),
        (reset, Unclear("no answer from smsbox: the connection broke")),
        (half_a_head, Unclear("no answer from smsbox: the connection broke")),
        (half_a_body, Unclear("no answer from smsbox: the connection broke")),
        (no_http, Unclear("no answer from smsbox: its answer is not HTTP")),
        (silence, Unclear("no answer from smsbox: time ran out")),
    ],
)
async def test_a_text_whose_answer_is_lost_is_unclear_and_was_asked_for_once(
    answer: Answer, expected: Handover
) -> None:
    async with smsbox(answer, seconds=0.3 if answer is silence else 10.0) as (box, gateway):
        assert await gateway.send(text()) == expected
        assert len(box.asked) == 1


@pytest.mark.fault("Gateway: refused")
async def test_a_text_to_nobody_listening_is_refused_for_now(closed_port: int) -> None:
    gateway = kannel(closed_port)
    assert await gateway.send(text()) == Refused("no connection to smsbox: connection refused")
    await gateway.close()


async def test_a_text_that_never_got_a_connection_is_refused_for_now() -> None:
    # A listener that accepts nobody: the system drops who comes after its queue is full.
    with socket.socket() as listener, socket.socket() as first:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        gateway = kannel(listener.getsockname()[1], seconds=0.3)
        assert await gateway.send(text()) == Refused("no connection to smsbox: time ran out")
        await gateway.close()


async def test_a_redirect_is_not_followed() -> None:
    async with smsbox(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n") as (box, gateway):
        assert await gateway.send(text()) == Refused("smsbox answered 302: ''", permanent=True)
        assert len(box.asked) == 1


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with smsbox(endless) as (_, gateway):
        assert await gateway.send(text()) == Unclear(f"smsbox answered 200: '{'x' * 80}'")


async def test_a_body_that_is_no_unicode_is_refused_for_good() -> None:
    async with smsbox(http("202 Accepted", "0: Accepted for delivery")) as (box, gateway):
        assert await gateway.send(text("a\ud83d")) == Refused(
            "the text holds characters that do not exist in Unicode", permanent=True
        )
        assert box.asked == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1", "http://"])
async def test_an_address_that_is_none_is_refused_for_good_without_telling_the_password(url: str) -> None:
    gateway = KannelGateway(url, USER, PASSWORD, "http://127.0.0.1/", "t")
    assert await gateway.send(text()) == Refused("sms.kannel.url is not the address of a web page", permanent=True)
    said = await gateway.probe()
    assert said is not None
    assert "pass" not in said
    await gateway.close()


async def test_the_gateway_can_be_used_again_after_closing() -> None:
    async with smsbox(http("202 Accepted", "3: Queued for later delivery")) as (box, gateway):
        await gateway.send(text())
        await gateway.close()
        assert await gateway.send(text()) == Accepted()
        assert len(box.asked) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("400 Bad Request", "Missing receiver number, rejected"), None),
        (http("403 Forbidden", "Authorization failed for sendsms"), "does not admit this user"),
        (http("404 Not Found", "Unknown request."), "does not answer as Kannel's sendsms does"),
        (http("400 Bad Request", "what?"), "does not answer as Kannel's sendsms does"),
        (http("503 Foo", "Temporal failure, try again later."), "takes no text now (503"),
        (http("500 Internal Server Error", ""), "takes no text now (500"),
        (http("429 Too Many Requests", ""), "takes no text now (429"),
        (http("202 Accepted", "0: Accepted for delivery"), "does not answer as Kannel's sendsms does"),
        (hang_up, "does not answer (the connection broke)"),
    ],
)
async def test_a_probe_tells_what_is_wrong_and_sends_no_text(answer: bytes | Answer, said: str | None) -> None:
    async with smsbox(answer) as (box, gateway):
        found = await gateway.probe()
        assert box.query() == {"username": USER, "password": PASSWORD}
    if said is None:
        assert found is None
    else:
        assert found is not None
        assert said in found
        assert "pass&word" not in found


async def test_a_probe_of_nobody_listening_says_what_to_start(closed_port: int) -> None:
    gateway = kannel(closed_port)
    found = await gateway.probe()
    assert found is not None
    assert found.startswith(
        f"sms.kannel.url: http://127.0.0.1:{closed_port}/cgi-bin/sendsms does not answer (connection refused)"
    )
    assert "start bearerbox and smsbox" in found
    await gateway.close()
