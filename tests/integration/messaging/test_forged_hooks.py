"""Requests of somebody who has no token, or only listens in: forged, within others, by other ways, and again."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

import pytest

from tests.integration.web_client import API_TOKEN, DLR, MO, RECEIVED, REPORTED, TOKEN, Client, Daemon, read_answer

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST " + DLR.encode() + b" HTTP/1.1\r\nHost: x\r\n"
WITHIN = b"GET " + MO.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"
"""A request with the token, which is a part of another request's body, and so must never be taken for one."""


async def everything(client: Client, octets: bytes) -> bytes:
    """All that is answered until the server closes the connection."""
    reader, writer = await asyncio.open_connection(*client.address)
    try:
        writer.write(octets)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.transport.abort()


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] ([0-9]{3}) ", said, re.MULTILINE)]


async def test_a_token_in_the_body_is_none(client: Client, daemon: Daemon) -> None:
    path, _, form = MO.partition("?")
    answer = await client.post(path, form.encode())
    assert (answer.status, daemon.stored) == (403, [])


# --- a request within another one ----------------------------------------------------------------

BOTH = b"Content-Length: %d\r\n"
SMUGGLED = {
    "a length and chunks": BOTH % (5 + len(WITHIN)) + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + WITHIN,
    "chunks and a length": b"Transfer-Encoding: chunked\r\n" + BOTH % 3 + b"\r\n0\r\n\r\n" + WITHIN,
    "two lengths": BOTH % 1 + BOTH % (1 + len(WITHIN)) + b"\r\nx" + WITHIN,
    "two lengths in one": b"Content-Length: 1, %d\r\n\r\nx" % (1 + len(WITHIN)) + WITHIN,
    "a length with a sign": b"Content-Length: +%d\r\n\r\n" % len(WITHIN) + WITHIN,
    "a hexadecimal length": b"Content-Length: 0x%x\r\n\r\n" % len(WITHIN) + WITHIN,
    "a length with an underscore": b"Content-Length: 1_0\r\n\r\n" + b"x" * 10 + WITHIN,
    "a blank before the colon": b"Content-Length : %d\r\n\r\n" % len(WITHIN) + WITHIN,
    "a folded line": b"X: y\r\n Content-Length: %d\r\n\r\n" % len(WITHIN) + WITHIN,
    "a bare line feed": b"X: y\nContent-Length: %d\r\n\r\n" % len(WITHIN) + WITHIN,
    "a bare carriage return": b"X: y\rContent-Length: %d\r\n\r\n" % len(WITHIN) + WITHIN,
    "a NUL in a name": b"Content-Length\0: %d\r\n\r\n" % len(WITHIN) + WITHIN,
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n" + BOTH % len(WITHIN) + b"\r\n" + WITHIN,
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + WITHIN,
    "a coding behind a vertical tab": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + WITHIN,
    "chunks with a sign": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + WITHIN,
    "hexadecimal chunks": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + WITHIN,
    "a chunk longer than its size": b"Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n" + WITHIN,
    "a chunk without end": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n" + WITHIN,
    "a chunk that ends with a line feed": b"Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n" + WITHIN,
}  # fmt: skip


@pytest.mark.parametrize("way", SMUGGLED)
async def test_a_request_within_a_broken_one_is_not_carried_out(client: Client, daemon: Daemon, way: str) -> None:
    said = await everything(client, POST + FORM + SMUGGLED[way])
    assert RECEIVED not in daemon.stored
    # The rest of the connection is not looked at: where the broken request ends is anybody's guess.
    assert statuses(said) == [400]


async def test_what_follows_a_broken_request_on_its_connection_is_not_carried_out(
    client: Client, daemon: Daemon
) -> None:
    reader, writer = await asyncio.open_connection(*client.address)
    for number in (1, 2):
        writer.write(POST + FORM + b"Content-Length: 0\r\n\r\n")
        assert (await read_answer(reader)).status == 200
        assert daemon.stored == [REPORTED] * number
    writer.write(b"\x16\x03\x01 junk\r\n\r\n" + WITHIN)
    assert statuses(await reader.read()) == [400]
    writer.close()
    assert daemon.stored == [REPORTED] * 2


async def test_a_body_of_one_request_is_not_the_next_request(client: Client, daemon: Daemon) -> None:
    reader, writer = await asyncio.open_connection(*client.address)
    forged = POST.replace(quote(TOKEN).encode(), b"wrong")
    writer.write(forged + FORM + BOTH % len(WITHIN) + b"\r\n" + WITHIN)
    assert (await read_answer(reader)).status == 403
    assert await reader.read() == b""
    writer.close()
    assert daemon.stored == []


# --- by other ways ---------------------------------------------------------------------------------

PATHS = (
    "/hooks/kannel/../kannel/mo", "//hooks/kannel/mo", "/hooks//kannel/mo", "/hooks/kannel/mo/", "/HOOKS/kannel/mo",
    "/hooks/kannel/mo;x=y", "/hooks/kannel%2fmo", "/hooks%2fkannel/mo", "/hooks/kannel/mo%00", "/hooks/kannel/mo%2e",
    "/./hooks/kannel/mo", "/metrics/../hooks/kannel/mo", "http://x/hooks/kannel/mo", "/hooks/%6bannel/mo", "/metrics/",
    "//metrics", "/%6detrics", "/metrics%3f", "/metrics;", "/health/../metrics", "http://x/metrics", "*",
    "/api/%2e%2e/metrics",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_no_way_of_writing_a_path_goes_around_the_token(client: Client, daemon: Daemon, path: str) -> None:
    fields = MO.partition("&")[2]
    for token in ("", f"token={quote(API_TOKEN)[:-1]}&", f"x=token={quote(TOKEN)}&"):
        for method in ("GET", "POST", "HEAD"):
            answer = await client.ask(method, f"{path}?{token}{fields}")
            assert answer.status in {400, 401, 403, 404, 405, 429}, (method, token)
    assert daemon.stored == []
