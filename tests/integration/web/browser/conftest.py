"""A browser, and a server with sample pages for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from tests.integration.web.browser.source import Source
from tests.testbed.browser import Tabs, chromium

LISTEN = """
window.facts = []; window.tones = 0;
document.addEventListener("callcentre:fact", (event) => facts.push(event.detail.fact.id));
document.addEventListener("callcentre:tone", () => { tones += 1; });
"""


@pytest_asyncio.fixture(loop_scope="module")
async def source() -> AsyncIterator[Source]:
    served = Source()
    async with TestServer(served.app()) as server:
        served.address = str(server.make_url("")).rstrip("/")
        yield served
        served.cut()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def tabs(browser: Browser, source: Source) -> AsyncIterator[Tabs]:
    context = await browser.new_context(timezone_id="UTC")
    await context.add_init_script(LISTEN)
    opened = Tabs(context, source.address)
    yield opened
    await context.close()
    assert not opened.complaints
