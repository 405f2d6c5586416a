"""A real browser: Chromium of the test bed without a window, driven by Playwright."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

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
