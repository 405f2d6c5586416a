"""app.js, charts.js and the style of pages in a real browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.integration.web.browser import samples
from tests.integration.web.browser.source import Source
from tests.testbed.axe import mistakes
from tests.testbed.browser import Tabs

# One browser for all: it takes a second to start.
pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "live": samples.live(),
    "statistics": samples.statistics(),
    "login": {"visitor": None},
}
WIDTHS = (320, 1280, 1920)
"""A phone, a desk and a wall, in pixels."""


async def background(page: Page) -> str:
    """The colour behind the page."""
    return str(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


LIGHT, DARK = "rgb(244, 246, 249)", "rgb(17, 21, 27)"


# ---- The style ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLES)
async def test_pages_can_be_used_by_everybody(tabs: Tabs, source: Source, name: str, theme: Any) -> None:
    source.values = dict(SAMPLES[name])
    page = await tabs.open(f"/sample/{name}")
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    assert await background(page) == {"light": LIGHT, "dark": DARK}[theme]
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert not await mistakes(page)


async def test_axe_finds_a_mistake(tabs: Tabs, source: Source) -> None:
    source.values = {"visitor": None}
    page = await tabs.open("/sample/login")
    await page.evaluate("document.querySelector('button').textContent = ''")
    assert [mistake.partition(":")[0] for mistake in await mistakes(page)] == ["button-name"]


async def test_what_is_not_live_can_be_read(tabs: Tabs, source: Source) -> None:
    source.values = samples.live()
    page = await tabs.open_live("/sample/live")
    source.down = True
    source.cut()
    await expect(page.locator("body.stale")).to_have_count(1)
    assert not await mistakes(page)


async def test_the_menu_of_a_phone_opens_without_scripts(tabs: Tabs, source: Source) -> None:
    source.values = samples.live()
    await tabs.context.route("**/*.js*", lambda route: route.abort())
    page = await tabs.open("/sample/live")
    await page.set_viewport_size({"width": 320, "height": 700})
    await expect(page.get_by_role("link", name="Statistics")).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await expect(page.get_by_role("link", name="Statistics")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="Statistics")).to_be_hidden()
    await page.set_viewport_size({"width": 1280, "height": 700})
    await expect(page.get_by_role("link", name="Statistics")).to_be_visible()


# ---- app.js ----


async def test_a_chosen_theme_is_kept(tabs: Tabs, source: Source) -> None:
    source.values = samples.live()
    page = await tabs.open("/sample/live")
    assert await background(page) == LIGHT
    await page.get_by_role("button", name="Dark").click()
    assert await background(page) == DARK
    other = await tabs.open("/sample/live")
    assert await background(other) == DARK
    await expect(other.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    await other.get_by_role("button", name="As the system").click()
    await expect(page.locator("html:not([data-theme])")).to_have_count(1)
    assert await background(page) == LIGHT


async def test_a_form_is_posted_after_its_confirmation_only(tabs: Tabs, source: Source) -> None:
    page = await tabs.open_live()
    pause = page.get_by_role("button", name="Pause")
    await pause.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Pause Anna?")
    assert not await mistakes(page)
    await dialog.get_by_role("button", name="Go back").click()
    await expect(dialog).to_be_hidden()
    await pause.click()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert await page.evaluate("document.activeElement.textContent") == "Pause"
    assert not source.posted
    # By keyboard alone.
    await page.keyboard.press("Enter")
    await page.keyboard.type("lunch")
    await page.keyboard.press("Enter")
    await source.has_posted({"csrf": "token", "why": "lunch"})


async def test_a_panel_that_changes_keeps_the_confirmation(tabs: Tabs, source: Source) -> None:
    # A panel is the same for all who see it: the token of the visitor is on the page.
    form = (
        '<form id="pause" method="post" action="/act" data-confirm="Pause Bo?">'
        '<input type="hidden" name="csrf" value=""><button>Pause Bo</button></form>'
    )
    source.panel = f"{form}<p id='number'>1</p>"
    page = await tabs.open_live()
    await page.get_by_role("button", name="Pause Bo").click()
    source.send(source.shown(f"<p>new</p>{form}<p id='number'>2</p>"))
    await expect(page.locator("#number")).to_have_text("2")
    await page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    await source.has_posted({"csrf": "token"})


async def test_without_scripts_a_form_is_posted_at_once(tabs: Tabs, source: Source) -> None:
    await tabs.context.route("**/*.js*", lambda route: route.abort())
    page = await tabs.open()
    await page.get_by_role("button", name="Pause").click()
    await source.has_posted({"csrf": "token"})


# ---- charts.js ----


async def test_charts_are_drawn_and_follow_theme_and_width(tabs: Tabs, source: Source) -> None:
    source.values = samples.statistics()
    page = await tabs.open("/sample/statistics")
    canvases = page.locator("figure.chart canvas")
    await expect(canvases).to_have_count(2)
    first = await canvases.first.screenshot()
    await page.get_by_role("button", name="Dark").click()
    assert await canvases.first.screenshot() != first
    await page.set_viewport_size({"width": 500, "height": 900})
    wide = await page.evaluate("document.querySelector('.plot').clientWidth")
    assert 300 < wide < 500
    await expect(page.locator(".plot .uplot").first).to_have_js_property("offsetWidth", wide)
