"""The page of the rules in a real browser, by somebody who has logged in."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from tests.testbed.alone import alone, http_port
from tests.testbed.axe import mistakes
from tests.testbed.browser import Tabs, chromium
from tests.testbed.daemon import Daemon
from tests.testbed.process import python_environment
from tests.unit.config.files import changed

PASSWORD = "hyvin-salainen-sana"
ARI_SECRET = "a-word-of-asterisk"


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    with http_port() as port:
        changes = {"ari": {"password": ARI_SECRET}, "services": {"support": {"welcome": {"min_waiting": 3}}}}
        async with alone(tmp_path, port, {"gateway": "console"}, changes=changes) as running:
            words = ["user", "add", "Anna", "--role", "administrator", "-c", str(running.file)]
            adding = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "callcentre", *words, env=python_environment(), stdin=asyncio.subprocess.PIPE
            )
            await adding.communicate(f"{PASSWORD}\n".encode())
            yield running


@pytest.fixture
async def tabs(daemon: Daemon) -> AsyncIterator[Tabs]:
    async with chromium() as browser:
        context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1000})
        opened = Tabs(context, daemon.url)
        page = await opened.open("/login?next=/rules")
        await page.fill("[name=username]", "Anna")
        await page.fill("[name=password]", PASSWORD)
        await page.locator("main form button").first.click()
        await page.wait_for_url("**/rules")
        await page.close()
        yield opened
        # A browser names each answer that says no.
        assert [each for each in opened.complaints if "status of 409" not in each] == []


async def written(page: Page, old: str, new: str) -> None:
    """Write something else in place of a piece of the text."""
    field = page.locator("#rules-text")
    await field.fill(changed(old, new, await field.input_value()))


def findings(page: Page) -> Any:
    return page.locator("#findings li[data-line]")


async def test_a_mistake_is_marked_while_it_is_written_and_a_good_text_is_saved(tabs: Tabs, daemon: Daemon) -> None:
    page = await tabs.open("/rules")
    await expect(page.locator(".code-layer .code-key").first).to_have_text("ari")
    await expect(page.locator(".code-secret").first).to_have_text("<secret ari.password>")
    await written(page, "region: FI", "region: FIN")
    finding = findings(page).filter(has_text="region")
    await expect(finding).to_have_count(1)
    line = int(await finding.get_attribute("data-line") or 0)
    await expect(page.locator(".code-numbers [data-state=critical]")).to_have_text(str(line))
    await expect(page.locator("#rules-text")).to_have_attribute("aria-invalid", "true")
    await finding.get_by_role("link").click()
    field = "document.getElementById('rules-text')"
    selected = await page.evaluate(f"{field}.value.slice({field}.selectionStart, {field}.selectionEnd)")
    assert selected == "FIN"
    await written(page, "region: FIN", "region: SE")
    await expect(page.locator("#findings .difference .added")).to_have_text(re.compile("region: SE"))
    await expect(page.locator(".code-numbers [data-state=critical]")).to_have_count(0)
    await page.get_by_label("Why").first.fill("Sweden")
    await page.get_by_role("button", name="Save").click()
    await page.locator("#confirm").get_by_role("button", name="Confirm").or_(page.locator("[data-yes]")).first.click()
    await expect(page.locator(".flash")).to_have_text(re.compile(r"Saved\. It applies now\."))
    await expect(page.locator("tr.current")).to_have_text(re.compile("Anna.*Sweden", re.DOTALL))
    assert "region: SE" in daemon.file.read_text(encoding="utf-8")
    assert ARI_SECRET in daemon.file.read_text(encoding="utf-8")
    assert ARI_SECRET not in await page.content()
    await page.locator("form[data-confirm]").get_by_role("button", name="Go back to this").click()
    await page.locator("[data-yes]").click()
    await expect(page.locator(".flash")).to_have_text(re.compile("The earlier version is back"))
    assert "region: FI" in daemon.file.read_text(encoding="utf-8")


async def test_the_keyboard_leaves_the_text_by_tab_and_colours_follow_each_line(tabs: Tabs) -> None:
    page = await tabs.open("/rules")
    field = page.locator("#rules-text")
    await field.focus()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") != "rules-text"
    await field.fill("a: 1\nb: 'x'\nc: # d")
    lines = page.locator(".code-layer > div")
    await expect(lines).to_have_count(3)
    await field.press("Control+Home")
    await page.keyboard.type("# new\n")
    await expect(lines).to_have_count(4)
    await expect(page.locator(".code-numbers > div")).to_have_count(4)
    await expect(lines.nth(0).locator(".code-comment")).to_have_text("# new")
    assert await page.evaluate("document.querySelector('.code-layer').textContent") == "# new\na: 1\nb: 'x'\nc: # d\n"


async def test_what_somebody_else_saved_is_shown_beside_ones_own_text(tabs: Tabs, daemon: Daemon) -> None:
    page = await tabs.open("/rules")
    daemon.file.write_text(changed("region: FI", "region: NO", daemon.file.read_text(encoding="utf-8")))
    await written(page, "min_waiting: 3", "min_waiting: 5")
    await page.get_by_role("button", name="Save").click()
    await page.locator("[data-yes]").click()
    await expect(page.get_by_role("heading", name="changed by somebody else")).to_be_visible()
    assert "min_waiting: 5" in await page.locator("#rules-text").input_value()
    assert "region: NO" in daemon.file.read_text(encoding="utf-8")
    assert not await mistakes(page)


async def test_new_rules_are_tried_without_leaving_the_text(tabs: Tabs) -> None:
    page = await tabs.open("/rules")
    await page.get_by_role("button", name="Try it out").click()
    await expect(page.locator("#tried")).to_have_text(re.compile("No call in these days"))


async def test_without_scripts_there_is_a_button_to_check(tabs: Tabs) -> None:
    await tabs.context.route("**/*.js*", lambda route: route.abort())
    page = await tabs.open("/rules")
    await written(page, "region: FI", "region: FIN")
    await page.get_by_role("button", name="Check").click()
    await expect(findings(page).filter(has_text="region")).to_have_count(1)
    assert "region: FIN" in await page.locator("#rules-text").input_value()
    assert not await mistakes(page)


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
async def test_the_page_can_be_used_by_everybody(tabs: Tabs, language: str) -> None:
    page = await tabs.open("/rules")
    await page.set_viewport_size({"width": 1440, "height": 1000})
    await page.locator(f".choices button[lang={language}]").click()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await written(page, "region: FI", "region: FIN")
    await expect(findings(page).filter(has_text="region")).to_have_count(1)
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in (320, 1920):
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert not await mistakes(page)
