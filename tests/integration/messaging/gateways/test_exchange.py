"""Handing texts to gateways of the internet that break off, are slow, answer anyhow, or are not there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, Unclear
from callcentre.messaging.gateways.elks import ElksGateway
from callcentre.messaging.gateways.gateway import Gateway
from callcentre.messaging.gateways.twilio import TwilioGateway
from tests.cast import MATTI
from tests.testbed.peers import (
    Answer,
    Anyhow,
    answering,
    half_a_body,
    half_a_head,
    hang_up,
    http,
    no_http,
    reset,
    silence,
)
from tests.testbed.twilio import ACCOUNT_SID

SECRET = "pass&word %d"
TEXT = SendText(message="m-1", number=MATTI, sender="Neuvonta", body="Hei")

Make = Callable[[str, float], Gateway]


def elks(url: str, seconds: float = 10.0) -> Gateway:
    return ElksGateway(url, "u0123", SECRET, "https://h.example/hooks/46elks/dlr", "tok&en", timeout=seconds)


def twilio(url: str, seconds: float = 10.0) -> Gateway:
    return TwilioGateway(url, ACCOUNT_SID, SECRET, "https://h.example/hooks/twilio/dlr", "tok&en", timeout=seconds)


pytestmark = pytest.mark.parametrize("make", [elks, twilio])


@asynccontextmanager
async def gateway_to(
    make: Make, answer: bytes | Answer, seconds: float = 10.0
) -> AsyncIterator[tuple[Anyhow, Gateway]]:
    async with answering(answer) as anyhow:
        gateway = make(anyhow.url, seconds)
        yield anyhow, gateway
        await gateway.close()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (hang_up, "the connection broke"),
        (reset, "the connection broke"),
        (half_a_head, "the connection broke"),
        (half_a_body, "the connection broke"),
        (no_http, "its answer is not HTTP"),
        (silence, "time ran out"),
    ],
)
async def test_a_text_whose_answer_is_lost_is_unclear_and_was_asked_for_once(
    make: Make, answer: Answer, said: str
) -> None:
    async with gateway_to(make, answer, 0.3 if answer is silence else 10.0) as (anyhow, gateway):
        assert await gateway.send(TEXT) == Unclear(f"no answer from {gateway.name}: {said}")
        assert len(anyhow.asked) == 1


@pytest.mark.fault("Gateway: refused")
async def test_a_text_to_nobody_listening_is_refused_for_now(make: Make, closed_port: int) -> None:
    gateway = make(f"http://127.0.0.1:{closed_port}", 10.0)
    assert await gateway.send(TEXT) == Refused(f"no connection to {gateway.name}: connection refused")
    said = await gateway.probe()
    assert said is not None
    assert said.startswith(
        f"sms.{gateway.name}.url: http://127.0.0.1:{closed_port} does not answer (connection refused)"
    )
    await gateway.close()


async def test_a_text_that_never_got_a_connection_is_refused_for_now(make: Make) -> None:
    # A listener that accepts nobody: the system drops who comes after its queue is full.
    with socket.socket() as listener, socket.socket() as first:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        gateway = make(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.3)
        assert await gateway.send(TEXT) == Refused(f"no connection to {gateway.name}: time ran out")
        await gateway.close()


async def test_a_server_without_a_certificate_learns_no_secret(make: Make) -> None:
    async with answering(hang_up) as anyhow:
        gateway = make(anyhow.url.replace("http:", "https:"), 2.0)
        assert isinstance(await gateway.send(TEXT), Refused)
        assert anyhow.asked == []
        await gateway.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", Refused),
        (http("401 Unauthorized", '{"code":20003}'), Refused),
        (http("500 Internal Server Error"), Unclear),
    ],
)
async def test_an_answer_that_takes_no_text_is_asked_for_once(
    make: Make, answer: bytes, expected: type[Handover]
) -> None:
    async with gateway_to(make, answer) as (anyhow, gateway):
        assert isinstance(await gateway.send(TEXT), expected)
        assert len(anyhow.asked) == 1


async def test_an_endless_answer_is_not_read_to_its_end(make: Make) -> None:
    async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with gateway_to(make, endless) as (_, gateway):
        outcome = await gateway.send(TEXT)
    assert isinstance(outcome, Unclear)
    assert outcome.reason.startswith(f"{gateway.name} answered 200 without ")


@pytest.mark.parametrize("body", ['\ufeff{"id":"a","sid":"a","status":"queued"}', '{"id":"\udc80'])
async def test_an_answer_in_no_unicode_does_not_break_us(make: Make, body: str) -> None:
    octets = body.encode("utf-8", "surrogateescape")
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(octets)}\r\n\r\n".encode()
    async with gateway_to(make, head + octets) as (_, gateway):
        assert isinstance(await gateway.send(TEXT), Unclear)


async def test_a_body_that_is_no_unicode_is_refused_for_good(make: Make) -> None:
    async with gateway_to(make, http("200 OK", "{}")) as (anyhow, gateway):
        broken = SendText(message="m-1", number=MATTI, sender="N", body="a\ud83d")
        assert await gateway.send(broken) == Refused(
            "the text holds characters that do not exist in Unicode", permanent=True
        )
        assert anyhow.asked == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1"])
async def test_an_address_that_is_none_is_refused_for_good_without_telling_the_secret(make: Make, url: str) -> None:
    gateway = make(url, 10.0)
    assert await gateway.send(TEXT) == Refused(
        f"sms.{gateway.name}.url is not the address of a web page", permanent=True
    )
    said = await gateway.probe()
    assert said is not None
    assert said.startswith(f"sms.{gateway.name}.url: not the address of a web page; write https://api.")
    await gateway.close()


async def test_the_gateway_can_be_used_again_after_closing(make: Make) -> None:
    async with gateway_to(make, http("200 OK", '{"id":"x","sid":"x","status":"queued"}')) as (anyhow, gateway):
        assert await gateway.send(TEXT) == Accepted("x")
        await gateway.close()
        assert await gateway.send(TEXT) == Accepted("x")
        assert len(anyhow.asked) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("401 Unauthorized", "API access requires"), "take both from"),
        (http("403 Forbidden"), "take both from"),
        (http("429 Too Many Requests"), "takes nothing now (429)"),
        (http("503 Service Unavailable"), "takes nothing now (503)"),
        (http("200 OK", "<html>It works!</html>"), "does not answer as"),
        (http("200 OK", "[]"), "does not answer as"),
        (http("405 Method Not Allowed"), "does not answer as"),
        (hang_up, "does not answer (the connection broke)"),
    ],
)
async def test_a_probe_tells_what_is_wrong_and_sends_no_text(make: Make, answer: bytes | Answer, said: str) -> None:
    async with gateway_to(make, answer) as (anyhow, gateway):
        found = await gateway.probe()
        assert all(request.startswith(b"GET ") for request in anyhow.asked)
    assert found is not None
    assert said in found
    assert found.startswith(f"sms.{gateway.name}.")
    assert "pass&word" not in found
