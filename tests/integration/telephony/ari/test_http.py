"""Requests over kept connections, to a server that answers late, in pieces, wrongly or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcentre.telephony.ari import AriError, Client, Unreachable, http
from tests.integration.telephony.ari.raw_server import DONE, EMPTY_LIST, RawServer
from tests.integration.telephony.ari.server import PATIENCE

CERTIFICATE = Path(__file__).parents[2] / "localhost.pem"


@pytest.fixture(autouse=True)
def idle_connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection ends for the reason that a test names, and not because it was idle."""
    monkeypatch.setattr(http, "KEEP_ALIVE", 3600.0)


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer() as server:
        yield server


@pytest.fixture
async def client(server: RawServer) -> AsyncIterator[Client]:
    async with Client(server.url, "u", "p") as client:
        yield client


async def test_a_request_is_as_short_as_http_allows(server: RawServer, client: Client) -> None:
    asking = asyncio.create_task(client.channels.play("1", media="sound:a"))
    visit = await server.visit()
    assert await visit.request() == "POST /ari/channels/1/play?media=sound%3Aa HTTP/1.1"
    await visit.say(b'HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{"id":"p"}')
    assert (await asking).id == "p"


async def test_requests_one_after_the_other_share_a_connection(server: RawServer, client: Client) -> None:
    for _ in range(3):
        asking = asyncio.create_task(client.channels.list())
        if server.visits == 0:
            visit = await server.visit()
        await visit.request()
        await visit.say(EMPTY_LIST)
        assert await asking == ()
    assert server.visits == 1


async def test_an_answer_in_pieces_is_awaited(server: RawServer, client: Client) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(b"HTTP/1.1 100 Continue\r\n\r\n", *(bytes((byte,)) for byte in EMPTY_LIST))
    assert await asking == ()


async def test_an_answer_that_ends_with_the_connection(server: RawServer, client: Client) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(b"HTTP/1.1 200 OK\r\n\r\n[", b"]")
    visit.writer.close()
    assert await asking == ()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]",
        EMPTY_LIST + b"more than was promised",
    ],
)
async def test_a_connection_that_cannot_be_kept_is_closed(server: RawServer, client: Client, answer: bytes) -> None:
    for _ in range(2):
        asking = asyncio.create_task(client.channels.list())
        visit = await server.visit()
        await visit.request()
        await visit.say(answer)
        assert await asking == ()
        assert await visit.ended() == b""


async def test_bytes_that_nobody_asked_for_end_an_idle_connection(server: RawServer, client: Client) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(EMPTY_LIST)
    await asking
    await visit.say(DONE)
    assert await visit.ended() == b""


async def test_a_post_after_the_server_closed_the_idle_connection_goes_over_a_new_one(
    server: RawServer, client: Client
) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(EMPTY_LIST)
    await asking
    visit.writer.close()
    # The client closes its end when it has noticed.
    assert await visit.ended() == b""
    asking_again = asyncio.create_task(client.channels.answer("1"))
    visit = await server.visit()
    assert await visit.request() == "POST /ari/channels/1/answer HTTP/1.1"
    await visit.say(DONE)
    await asking_again


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[]"])
async def test_an_answer_that_breaks_off_is_an_error_and_nothing_is_sent_again(
    server: RawServer, client: Client, answer: bytes
) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(EMPTY_LIST)
    await asking
    asking = asyncio.create_task(client.channels.list())
    await visit.request()
    await visit.say(answer)
    visit.writer.close()
    with pytest.raises(Unreachable, match="in the middle of the answer"):
        await asking
    assert server.visits == 1


async def test_what_is_no_http_is_an_error_and_the_next_request_has_a_new_connection(
    server: RawServer, client: Client
) -> None:
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(b"SIP/2.0 200 OK\r\n\r\n")
    with pytest.raises(Unreachable, match="broke off: the answer does not begin as HTTP"):
        await asking
    assert await visit.ended() == b""
    asking = asyncio.create_task(client.channels.list())
    visit = await server.visit()
    await visit.request()
    await visit.say(EMPTY_LIST)
    assert await asking == ()


async def test_a_late_answer_is_not_taken_for_that_of_another_request(server: RawServer) -> None:
    async with Client(server.url, "u", "p", timeout=0.05) as client:
        with pytest.raises(Unreachable, match=r"no answer .* within 0\.05 s"):
            await client.channels.get("1")
        visit = await server.visit()
        await visit.request()
        assert await visit.ended() == b""


async def test_a_cancelled_request_frees_its_place(server: RawServer) -> None:
    async with Client(server.url, "u", "p", connections=1) as client:
        asking = asyncio.create_task(client.channels.list())
        visit = await server.visit()
        waiting = asyncio.create_task(client.channels.list())
        await visit.request()
        asking.cancel()
        assert await visit.ended() == b""
        visit = await server.visit()
        await visit.request()
        await visit.say(EMPTY_LIST)
        assert await waiting == ()


async def test_the_time_limit_counts_the_wait_for_a_connection_as_well(server: RawServer) -> None:
    async with Client(server.url, "u", "p", connections=1, timeout=0.05) as client:
        answers = await asyncio.gather(*(client.channels.list() for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unreachable] * 3
    assert server.visits <= 3


async def test_an_idle_connection_is_closed_after_a_while(
    server: RawServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "KEEP_ALIVE", 0.01)
    asking = [asyncio.create_task(client.channels.list()) for _ in range(2)]
    visits = [await server.visit() for _ in asking]
    for visit in visits:
        await visit.request()
        await visit.say(EMPTY_LIST)
    await asyncio.gather(*asking)
    for visit in visits:
        assert await visit.ended() == b""


async def test_closing_the_client_ends_what_is_under_way(server: RawServer) -> None:
    async with Client(server.url, "u", "p") as client:
        asking = asyncio.create_task(client.channels.list())
        visit = await server.visit()
        await visit.request()
    with pytest.raises(Unreachable, match="closed"):
        await asyncio.wait_for(asking, PATIENCE)
    assert server.visits == 1


async def test_a_client_that_is_not_open_says_so(server: RawServer) -> None:
    with pytest.raises(Unreachable, match="async with"):
        await Client(server.url, "u", "p").channels.list()


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_requests_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with (
        RawServer(_tls()) as server,
        Client(f"https://localhost:{server.port}/ari", "u", "p") as client,
    ):
        asking = asyncio.create_task(client.channels.list())
        visit = await server.visit()
        assert await visit.request() == "GET /ari/channels HTTP/1.1"
        await visit.say(EMPTY_LIST)
        assert await asking == ()


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with (
        RawServer(_tls()) as server,
        Client(f"https://localhost:{server.port}/ari", "u", "p") as client,
    ):
        with pytest.raises(Unreachable, match=r"cannot connect to .*certificate"):
            await client.channels.list()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: aaaa\r\n\r\n",
    ],
)
async def test_a_server_that_does_not_speak_websocket_is_refused(
    server: RawServer, client: Client, answer: bytes
) -> None:
    connecting = asyncio.create_task(client.connect_events("app one", heartbeat=1))
    visit = await server.visit()
    assert await visit.request() == "GET /ari/events?app=app%20one HTTP/1.1"
    await visit.say(answer)
    with pytest.raises(AriError, match="refuses the WebSocket"):
        await connecting
    assert await visit.ended() == b""


@pytest.mark.parametrize("answer", [b"HTTP/1.1 503 Not Ready\r\nContent-Length: 0\r\n\r\n", b""])
async def test_nothing_is_kept_of_a_refused_websocket(server: RawServer, client: Client, answer: bytes) -> None:
    connecting = asyncio.create_task(client.connect_events("app", heartbeat=1))
    visit = await server.visit()
    await visit.request()
    if answer:
        await visit.say(answer)
    else:
        visit.writer.close()
    with pytest.raises(AriError):
        await connecting
    assert client._http is not None
    assert client._http._all == set()
