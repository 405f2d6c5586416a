"""The agents' page in a real browser: nothing that is typed is lost when the next call comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from playwright.async_api import Page

from callcentre.features.agent_page.model import NoteRecords
from callcentre.kernel.reading import read_only
from callcentre.web.live.hub import Hub
from tests.cast import AINO
from tests.integration.features.agent_page.scene import CALL, on_the_line, stored
from tests.integration.visited import Visited
from tests.testbed.axe import mistakes
from tests.testbed.browser import chromium

NEXT = "1772435999.9"

SWAPPED = """
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target.id === "caller") document.documentElement.dataset.swapped = "yes";
});
"""


@pytest.fixture
async def page(visited: Visited) -> AsyncIterator[Page]:
    """Anna talks with Matti, and has her page open."""
    await stored(visited)
    on_the_line(visited)
    async with chromium() as browser:
        context = await browser.new_context()
        await context.add_cookies([{"name": "callcentre", "value": "anna", "url": visited.url}])
        opened = await context.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        await opened.add_init_script(SWAPPED)
        await opened.goto(f"{visited.url}/agent")
        # The panel has brought what is in the database.
        await opened.wait_for_selector("html[data-swapped]", state="attached")
        yield opened
        assert not complaints
        await context.close()


def next_call(visited: Visited) -> None:
    """Aino is on the line in place of Matti."""
    before = visited.world.calls.calls.get(CALL)
    assert before is not None
    visited.world.calls.calls.delete(before)
    on_the_line(visited, name="Aino", number=AINO, call=NEXT)
    visited.one(Hub).paint()


async def test_the_next_caller_takes_the_place_and_a_draft_stays(visited: Visited, page: Page) -> None:
    await page.fill("#caller textarea", "half a note")
    next_call(visited)
    await page.wait_for_selector(f"#caller input[name=call][value='{NEXT}']", state="attached")
    assert await page.inner_text(".who-calls") == "Aino"
    assert await page.input_value("#caller textarea") == ""
    draft = page.locator("form.card:has(textarea)")
    assert await draft.locator("textarea").input_value() == "half a note"
    assert "+35840•••22" in await draft.inner_text()
    assert await mistakes(page) == []
    await draft.locator("button").click()
    await page.wait_for_selector(".flash[data-state=ok]")
    with read_only(visited.store.database) as connection:
        (row,) = connection.execute(sa.select(NoteRecords().notes.table)).mappings()
    assert (row["text"], row["call"]) == ("half a note", CALL)


async def test_a_note_is_kept_without_loading_the_page_and_leaves_no_draft(page: Page) -> None:
    await page.fill("#caller textarea", "a whole note")
    await page.click("#caller form[data-draft] button")
    await page.wait_for_selector("#caller .note")
    assert await page.inner_text("#caller .note-text") == "a whole note"
    assert await page.locator("form.card:has(textarea)").count() == 0
    assert await mistakes(page) == []
