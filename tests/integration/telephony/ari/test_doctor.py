"""What doctor concludes from an Asterisk that it can only ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from callcentre.cli.doctor import access
from callcentre.telephony.ari import Client
from tests.integration.telephony.ari.server import Answer, MisbehavingAri

PING = '{"ping": "pong", "timestamp": "2026-11-28T08:00:00.000+0000", "asterisk_id": "x"}'


@pytest_asyncio.fixture
async def ari() -> AsyncIterator[MisbehavingAri]:
    async with MisbehavingAri() as server:
        yield server


@pytest.mark.parametrize("hashes", [False, True])
async def test_a_hash_at_every_request_is_seen_from_outside(ari: MisbehavingAri, hashes: bool) -> None:
    async def hashed() -> None:
        await asyncio.sleep(0.02)

    refused, answered = Answer(401, '{"message": "Authentication required"}'), Answer(text=PING)
    ari.misbehave("GET /asterisk/ping", *[refused] * access.TRIES, *[hashed if hashes else answered] * access.TRIES)
    async with Client(ari.url, "callcentre", "callcentre") as client, Client(ari.url, "", "") as stranger:
        assert await access.is_crypted(client, stranger) is hashes


@pytest.mark.parametrize(
    ("answer", "fix"),
    [
        (Answer(401, '{"message": "Authentication required"}'), "refuses ari.username and ari.password"),
        (Answer(403, '{"message": "Access denied by ACL"}'), "keeps this machine out (Access denied by ACL)"),
        (Answer(404, "nothing"), "is ari.url right, up to and with /ari?"),
        (Answer(404, "<html><h1>Not Found</h1></html>"), "answers with status 404: is ari.url right"),
        (Answer(200, '{"system": {"version": "18.1.0", "entity_id": "x"}}'), "is too old: 20 or newer is needed"),
        (Answer(200, '{"system": {"version": "22.1.0", "entity_id": "x"}}'), None),
    ],
)
async def test_how_asterisk_lets_us_in_is_said(ari: MisbehavingAri, answer: Answer, fix: str | None) -> None:
    ari.misbehave("GET /asterisk/info", answer)
    async with Client(ari.url, "callcentre", "callcentre") as client:
        found, _ = await access.reached(client)
    assert found.well is (fix is None)
    assert fix is None or fix in str(found.fix)
