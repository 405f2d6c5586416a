"""An Asterisk and a client for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from callcentre.telephony.ari import Client
from tests.integration.telephony.ari.functions import FunctionsOfAsterisk
from tests.integration.telephony.ari.owner import Owner
from tests.integration.telephony.ari.server import MisbehavingAri


@pytest.fixture
async def asterisk() -> AsyncIterator[FunctionsOfAsterisk]:
    known = FunctionsOfAsterisk()
    application = web.Application()
    application.router.add_get("/ari/channels/{id}/variable", known.variable)
    application.router.add_get("/ari/channels", known.list_channels)
    application.router.add_post("/ari/channels/create", known.create)
    application.router.add_delete("/ari/channels/{id}", known.hang_up)
    application.router.add_get("/ari/bridges", known.list_bridges)
    application.router.add_get("/ari/asterisk/ping", known.ping)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    known.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"
    yield known
    await runner.cleanup()


@pytest.fixture
async def client(asterisk: FunctionsOfAsterisk) -> AsyncIterator[Client]:
    async with Client(asterisk.url, "u", "p") as client:
        yield client


@pytest.fixture
async def ari() -> AsyncIterator[MisbehavingAri]:
    async with MisbehavingAri() as server:
        yield server


@pytest.fixture
async def owner(ari: MisbehavingAri) -> AsyncIterator[Owner]:
    owner = Owner(ari)
    async with owner.client:
        yield owner
        if owner.task is not None:
            owner.task.cancel()
            await asyncio.wait([owner.task])
