"""The statistics and the reports in a real browser: everybody can use them, charts are drawn, and files come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from callcentre.features.reports.model import ReportRun
from callcentre.kernel.database import Database
from tests.integration.features.figures.served import DAY, fill, served
from tests.integration.features.reports.served import reports_served
from tests.testbed.axe import mistakes
from tests.testbed.browser import Tabs, chromium
from tests.testbed.databases import database_in
from tests.unit.rehearsal import NOON

# One browser for all: it takes a second to start.
pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DAY = f"/statistics?period=own&from={DAY}&to={DAY}"
WIDTHS = (320, 1920)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """No test changes it."""
    found = database_in(tmp_path_factory.mktemp("day"))
    asyncio.run(fill(found))
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def tabs(browser: Browser, database: Database) -> AsyncIterator[Tabs]:
    async with served(database) as (client, _):
        host, port = client.address
        opened = Tabs(await browser.new_context(), f"http://{host}:{port}")
        await log_in(opened)
        yield opened
        await opened.context.close()
        assert not opened.complaints


async def log_in(tabs: Tabs, who: str = "administrator") -> None:
    await tabs.context.add_cookies([{"name": "callcentre", "value": who, "url": tabs.address}])


async def looked_at(page: Page) -> None:
    """In both themes, on a phone and on a wall."""
    themes: tuple[Any, ...] = ("light", "dark")
    for theme in themes:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert not await mistakes(page)


async def test_the_statistics_can_be_used_by_everybody(tabs: Tabs) -> None:
    await log_in(tabs, "administrator@fi")
    page = await tabs.open(f"{OWN_DAY}&compare=week")
    await expect(page.locator(".plot canvas")).to_have_count(11)
    await looked_at(page)


async def test_groups_that_are_no_times_are_drawn_too(tabs: Tabs) -> None:
    page = await tabs.open(f"{OWN_DAY}&by=agent")
    await expect(page.locator("#calls .plot canvas")).to_have_count(1)
    await looked_at(page)


async def test_days_are_entered_when_other_days_are_chosen(tabs: Tabs) -> None:
    page = await tabs.open("/statistics?period=yesterday")
    first = page.get_by_label("From")
    await expect(first).to_be_hidden()
    await page.locator("select[name=period]").select_option("own")
    await first.fill(DAY)
    await page.locator("input[name=to]").fill(DAY)
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#calls")).to_be_visible()
    assert f"from={DAY}&to={DAY}" in page.url


async def test_a_mistake_is_read_with_its_field(tabs: Tabs) -> None:
    page = await tabs.open("/statistics?period=own&from=&by=minute")
    tabs.complaints.clear()  # Of the status 400.
    await expect(page.get_by_label("From")).to_have_attribute("aria-describedby", "mistake-from")
    await expect(page.locator("#mistake-from")).to_have_text("Enter the first day.")
    await looked_at(page)


async def test_a_file_has_the_same_parameters(tabs: Tabs) -> None:
    page = await tabs.open(f"{OWN_DAY}&by=service&service=support")
    async with page.expect_download() as started:
        await page.get_by_role("button", name="csv").click()
    found = await started.value
    assert found.suggested_filename == f"statistics_service_{DAY}_{DAY}.csv"
    text = (await asyncio.to_thread((await found.path()).read_bytes)).decode("utf-8-sig")
    assert [line.partition(",")[0] for line in text.splitlines()] == ["service", "support"]


async def test_the_figures_can_be_read_without_scripts_and_on_paper(tabs: Tabs) -> None:
    await tabs.context.route("**/*.js*", lambda route: route.abort())
    page = await tabs.open(f"{OWN_DAY}&by=quarter_hour")
    rows = page.locator("#calls tbody tr")
    await expect(rows).to_have_count(75)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Show")).to_be_hidden()
    # The whole table is printed, and not only what scrolls in its box.
    box = page.locator("#calls .table-box")
    assert await box.evaluate("(box) => box.scrollHeight <= box.clientHeight")


async def test_the_reports_can_be_used_by_everybody(browser: Browser, tmp_path: Path) -> None:
    async with reports_served(tmp_path) as found:
        (found.folder).mkdir()
        file = found.folder / "all.csv"
        file.write_text("agent\n")
        found.made("all", file)
        found.runs.put(ReportRun(report="of-sales", began=NOON, ended=NOON, problem="disk full", by="anne"))
        found.runs.put(ReportRun(report="of-support", began=NOON))
        tabs = Tabs(await browser.new_context(), "http://{}:{}".format(*found.client.address))
        await log_in(tabs, "supervisor@sv")
        await looked_at(await tabs.open("/reports"))
        await log_in(tabs, "supervisor")
        page = await tabs.open("/reports")
        await page.get_by_role("row", name="all").get_by_role("button", name="Make now").click()
        dialog = page.get_by_role("dialog")
        assert not found.events
        await dialog.get_by_role("button", name="Make now").click()
        await expect(page.get_by_role("status").first).to_have_text("The report all is being made.")
        assert len(found.events) == 1
        await tabs.context.close()
        assert not tabs.complaints
