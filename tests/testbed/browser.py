"""A real browser: Chromium of the test bed without a window, driven by Playwright."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.testbed.process import program


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that is gone at the end. It loads only pages of ours, and root has no sandbox."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )  # fmt: skip
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Tabs:
    """The tabs of one person at one address.

    `complaints` is what the browser objects to, such as a breach of the policy of a page; a refused connection is none.
    """

    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str = "/", *, at: int | None = None) -> Page:
        """A tab with a page. `at`: its clock is moved by `page.clock`, and begins at this time (ms since 1970)."""
        page = await self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if at is not None:
            await page.clock.install(time=at / 1000)
        await page.goto(self.address + path)
        return page

    async def open_live(self, path: str = "/", *, at: int | None = None) -> Page:
        """A tab with a live page whose stream has come."""
        page = await self.open(path, at=at)
        await expect(page.locator("[data-live-state]")).to_have_text("Live")
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "net::ERR" not in message.text:
            self.complaints.append(message.text)
