"""Whoever knows one token, or none, tries every door of a running daemon."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.cast import MATTI, REPLY_NUMBER
from tests.testbed.alone import alone, http_port
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon

HOOK_TOKEN = "token-of-the-hooks-of-this-run"
KANNEL = {
    "gateway": "kannel",
    "kannel": {
        "url": "http://127.0.0.1:1/", "username": "u", "password": "p", "report_url": "http://127.0.0.1:1/hooks/kannel/dlr"
    },
}  # fmt: skip
TEXT = {"id": "u-1", "from": MATTI, "to": REPLY_NUMBER, "text": "SOITA", "ts": "1"}
BY_HEADER, BY_QUERY = "by header", "by query"
DOORS = ("/api/callbacks", "/api/openapi.json", "/metrics", "/hooks/kannel/mo")

OPEN = {
    ("/api/callbacks", BY_HEADER, TOKEN): 200,
    ("/api/openapi.json", BY_HEADER, TOKEN): 200,
    ("/metrics", BY_HEADER, TOKEN): 200,
    ("/metrics", BY_QUERY, TOKEN): 200,
    ("/hooks/kannel/mo", BY_HEADER, HOOK_TOKEN): 200,
    ("/hooks/kannel/mo", BY_QUERY, HOOK_TOKEN): 200,
}
"""What opens at all; everything else is 401, and 403 at a hook."""


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    with http_port() as port:
        async with alone(tmp_path, port, KANNEL, http={"hook_token": HOOK_TOKEN}) as running:
            yield running


async def asked(
    session: aiohttp.ClientSession, daemon: Daemon, door: str, how: str, token: str
) -> tuple[int, Mapping[str, str]]:
    query = TEXT if door.startswith("/hooks") else {}
    headers = {"Authorization": f"Bearer {token}"} if how == BY_HEADER else {}
    query = query | ({"token": token} if how == BY_QUERY else {})
    async with session.get(f"{daemon.url}{door}", params=query, headers=headers) as answer:
        return answer.status, answer.headers


async def test_each_token_opens_its_own_doors_only(daemon: Daemon) -> None:
    async with aiohttp.ClientSession() as session:
        for door in DOORS:
            for how in (BY_HEADER, BY_QUERY):
                for token in (TOKEN, HOOK_TOKEN, TOKEN + HOOK_TOKEN, ""):
                    status, headers = await asked(session, daemon, door, how, token)
                    closed = 403 if door.startswith("/hooks") else 401
                    assert status == OPEN.get((door, how, token), closed), (door, how, token)
                    assert ("WWW-Authenticate" in headers) is (status == 401)
    received = await daemon.fact("sms.received")
    assert daemon.find("sms.received") == [received]


async def test_three_thousand_guesses_leave_a_line_and_stop_nobody_who_knows_the_token(daemon: Daemon) -> None:
    """All from one address, as everybody is behind a proxy that is not trusted."""
    statuses: Counter[int] = Counter()

    async def guess(session: aiohttp.ClientSession, first: int) -> None:
        for number in range(first, first + 300):
            statuses[(await asked(session, daemon, "/hooks/kannel/mo", BY_QUERY, f"guess{number}"))[0]] += 1

    async with aiohttp.ClientSession() as session:
        async with asyncio.TaskGroup() as together:
            for first in range(0, 3000, 300):
                together.create_task(guess(session, first))
        for door, token in (("/hooks/kannel/mo", HOOK_TOKEN), ("/api/callbacks", TOKEN)):
            assert (await asked(session, daemon, door, BY_HEADER, token))[0] == 200
    # A window may end while they guess, on a machine with much to do.
    assert statuses.keys() == {403, 429}
    assert statuses[403] < 100
    lines = daemon.process.errors.read_text().splitlines()
    assert 1 <= sum("hook refused" in line for line in lines) <= 4
    assert await daemon.fact("sms.received")


async def test_a_stranger_learns_a_word_and_not_why(daemon: Daemon) -> None:
    status, said = await daemon.health()
    assert (status, json.loads(said)) == (503, {"status": "not ready", "reason": "asterisk"})
    status, said = await daemon.health(TOKEN)
    assert (status, set(json.loads(said))) == (503, {"status", "reason", "reasons", "details"})
    assert (await daemon.health(HOOK_TOKEN))[0] == 401
