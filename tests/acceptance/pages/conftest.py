"""A browser for the tests of pages, and people with accounts who log in with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.testbed.browser import chromium
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon

PASSWORD: Final = "a long pass phrase"

expect.set_options(timeout=10_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests; each person has a context of their own in it."""
    async with chromium() as browser:
        yield browser


@dataclass
class People:
    """Logs people in: `page = await people.enters(daemon, "seppo", "supervisor", "support")`."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What the console of any page said: a page that breaks its own Content-Security-Policy is seen here."""

    async def comes(self, **options: Any) -> Page:
        """A new browser window, without a log-in."""
        context = await self.browser.new_context(**options)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    async def has_account(self, daemon: Daemon, name: str, role: str, *services: str, agent: str | None = None) -> None:
        """Make an account; `agent` is its phone."""
        body = {"name": name, "role": role, "password": PASSWORD, "services": services, "agent": agent}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{daemon.url}/api/users", json=body, headers={"Authorization": f"Bearer {TOKEN}"}
            ) as answer,
        ):  # fmt: skip
            assert answer.status in {201, 409}, await answer.text()

    async def enters(
        self, daemon: Daemon, name: str, role: str, *services: str, agent: str | None = None, **options: Any
    ) -> Page:
        """Make an account, and log in with it."""
        await self.has_account(daemon, name, role, *services, agent=agent)
        page = await self.comes(**options)
        await page.goto(f"{daemon.url}/login")
        await log_in(page, name)
        return page


async def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the log-in, and wait for the next page."""
    await page.fill("[name=username]", name)
    await page.fill("[name=password]", password)
    async with page.expect_navigation():
        await page.click("form.card button")


@pytest_asyncio.fixture(loop_scope="session")
async def people(browser: Browser) -> AsyncIterator[People]:
    """People with a browser, whose windows are closed after the test."""
    people = People(browser)
    yield people
    for context in people.contexts:
        await context.close()
    assert [said for said in people.errors if "Failed to load resource" not in said] == []
