"""A web server for the tests of addresses, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callcentre.web.server import WebServer
from tests.integration.web_client import Client, Daemon


@pytest.fixture
async def daemon() -> Daemon:
    running = Daemon()
    running.open.set()
    return running


@pytest.fixture
async def client(daemon: Daemon) -> AsyncIterator[Client]:
    server = WebServer("127.0.0.1:0", daemon.app())
    await server.start()
    yield Client(server.address)
    await server.stop()
