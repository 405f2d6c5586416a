"""The pages of search in a real browser: everybody can use them, on a phone and at a desk, in each language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from callcentre.features.callbacks.events import CallbackRequested
from tests.cast import MATTI
from tests.integration.features.search.test_lists import store_texts, text
from tests.integration.features.search.test_pages import FIRST, SECOND, stored
from tests.integration.visited import Visited
from tests.testbed.axe import mistakes
from tests.testbed.browser import chromium


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def opened(browser: Browser, visited: Visited, user: str, **options: Any) -> Page:
    """A tab of a visitor, and on it the words of the page that the browser objects to."""
    context = await browser.new_context(**options)
    await context.add_cookies([{"name": "callcentre", "value": user, "url": visited.url}])
    return await context.new_page()


async def filled(visited: Visited) -> dict[str, str]:
    """The address of each page, with something on it."""
    caller = await stored(visited)
    await visited.settle(
        CallbackRequested(
            at=visited.at, request="r1", service="support", number=MATTI, caller_name="Matti", by="staff"
        )
    )  # fmt: skip
    store_texts(visited, text(visited, 901, "failed"), text(visited, 902, "delivered"))
    return {
        "call": f"/calls/{SECOND}", "callbacks": "/callbacks", "callback": "/callbacks/cb-r1", "texts": "/messages",
        "text": f"/messages/welcome-{FIRST}", "person": f"/people/{caller}", "search": "/search",
        "found": "/search?q=0401112222", "named": "/search?q=Matti", "nothing": "/search?q=xyz",
        "none": "/callbacks?phase=connected",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("user", "theme", "width"), [("aino", "light", 1920), ("aino_fi", "dark", 320), ("aino_sv", "light", 320)]
)
async def test_everybody_can_use_the_pages(
    visited: Visited, browser: Browser, user: str, theme: Any, width: int
) -> None:
    page = await opened(
        browser, visited, user, color_scheme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )  # fmt: skip
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for name, path in (await filled(visited)).items():
        await page.goto(visited.url + path)
        assert await mistakes(page) == [], name
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert complaints == []


async def test_a_number_is_asked_for_with_a_reason_and_shown(visited: Visited, browser: Browser) -> None:
    page = await opened(browser, visited, "aino", java_script_enabled=False)
    await page.goto(visited.url + (await filled(visited))["callback"])
    await page.get_by_role("button", name="Show the number").first.click()
    dialog = page.locator("#show-number")
    await dialog.get_by_label("Why").fill("The customer asked")
    await dialog.get_by_role("button", name="Show the number").click()
    await expect(page.locator("strong.number")).to_have_text(MATTI)
    await page.goto(page.url.replace("/numbers/show", "/callbacks/cb-r1"))
    await expect(page.locator("main")).not_to_contain_text(MATTI)
    await expect(page.locator("main")).to_contain_text("aino looked at the full number.")


async def test_a_person_is_found_by_keyboard(visited: Visited, browser: Browser) -> None:
    await filled(visited)
    page = await opened(browser, visited, "aino")
    await page.goto(visited.url + "/search")
    await page.get_by_role("searchbox").press_sequentially("040 111 2222")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Person")
    # No log of a proxy and no history of a browser has the number.
    assert "040" not in page.url
    assert "2222" not in page.url
