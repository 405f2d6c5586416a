"""Whoever knows one token, or none, tries every door of a running daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest_asyncio

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
TEXT = {"id": "u-1", "from": "+358401112222", "to": "+358451234567", "text": "SOITA", "ts": "1"}
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
"""What opens at all; everything else is 401."""


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


async def test_each_token_opens_its_own_doors_only(daemon: Daemon):
    async with aiohttp.ClientSession() as session:
        for door in DOORS:
            for how in (BY_HEADER, BY_QUERY):
                for token in (TOKEN, HOOK_TOKEN, TOKEN + HOOK_TOKEN, ""):
                    status, headers = await asked(session, daemon, door, how, token)
                    assert status == OPEN.get((door, how, token), 401), (door, how, token)
                    assert ("WWW-Authenticate" in headers) is (status == 401)
    received = await daemon.fact("sms.received")
    assert daemon.find("sms.received") == [received]
