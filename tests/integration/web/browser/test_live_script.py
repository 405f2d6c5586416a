"""live.js in a real browser: what it shows while its stream changes, is cut, is silent and comes back."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from playwright.async_api import Page, expect

from tests.integration.web.browser.source import NODE, Source
from tests.testbed.browser import Tabs

SEED = 14
CUTS = 200
NOON = 1_764_417_787_000
"""2025-11-29 12:03:07 UTC, in milliseconds."""

# One browser for all: it takes a second to start.
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def number(page: Page) -> str:
    return await page.locator("#number").inner_text()


async def shows(pages: Sequence[Page], text: str) -> None:
    for page in pages:
        await expect(page.locator("#number")).to_have_text(text)


async def test_a_panel_changes_and_the_reader_keeps_their_place(tabs: Tabs, source: Source) -> None:
    rows = "".join(f'<tr id="row-{row}"><td>{row}</td></tr>' for row in range(60))
    start = '<details id="more"><summary>More</summary><p>words</p></details><input id="note"><table>'
    source.panel = f"{start}{rows}</table>"
    page = await tabs.open_live()
    await page.locator("summary").click()
    await page.locator("#note").fill("half a sentence")
    await page.evaluate("scrollTo(0, 400)")
    await page.evaluate("window.row = document.getElementById('row-30')")
    without_first = "".join(f'<tr id="row-{row}"><td>{row} changed</td></tr>' for row in range(1, 60))
    source.send(source.shown(f"{start}{without_first}</table>"))
    await expect(page.locator("#row-30")).to_have_text("30 changed")
    assert await page.locator("#row-0").count() == 0
    assert await page.evaluate("row === document.getElementById('row-30')")
    assert await page.locator("#more").get_attribute("open") is not None
    assert await page.evaluate("document.activeElement.id") == "note"
    assert await page.input_value("#note") == "half a sentence"
    assert await page.evaluate("scrollY") > 0
    assert await page.locator("[data-service=sales]").inner_text() == "of sales"


async def test_cuts_lose_nothing_and_show_nothing_twice(tabs: Tabs, source: Source) -> None:
    chance = random.Random(SEED)
    page = await tabs.open_live()
    for _ in range(CUTS):
        for _ in range(chance.randrange(3)):
            source.commit()
        # The next fact is cut off at any of its bytes, also before its first and after its last.
        following = source.fact(source.newest + 1)
        source.cut(following[: chance.randrange(len(following) + 1)])
        source.newest += 1
        await source.open_streams(1)
    source.commit()
    await shows([page], str(source.newest))
    assert await page.evaluate("facts") == list(range(1, source.newest + 1))
    assert len(source.asked_for) == CUTS + 1


async def test_tabs_that_come_and_go_lose_nothing(tabs: Tabs, source: Source) -> None:
    chance = random.Random(SEED)
    pages = [await tabs.open_live() for _ in range(3)]
    staying, goers = pages[0], pages[1:]
    for _ in range(5):
        source.commit()
        await goers.pop(0).close()
        source.commit()
        if chance.random() < 0.5:
            source.cut()
            await source.open_streams(1)
        source.commit()
        goers.append(await tabs.open_live())
    await shows([staying, *goers], str(source.newest))
    assert await staying.evaluate("facts") == list(range(1, source.newest + 1))
    assert len(source.streams) == 1


async def test_the_next_tab_reads_on_after_the_first_one_is_closed(tabs: Tabs, source: Source) -> None:
    first, *others = [await tabs.open_live() for _ in range(3)]
    source.commit()
    await shows(others, "1")
    await first.close()
    await source.asked(f"{NODE}:1")
    source.commit()
    await shows(others, "2")
    for page in others:
        assert await page.evaluate("facts") == [1, 2]


async def test_twelve_tabs_are_live_with_one_stream(tabs: Tabs, source: Source) -> None:
    pages = [await tabs.open_live() for _ in range(12)]
    source.commit()
    await shows(pages, "1")
    assert len(source.streams) == 1
    assert len(source.asked_for) == 1
    # Connections are left for what is clicked.
    await pages[-1].get_by_role("button", name="Pause").click()
    await pages[-1].get_by_label("Why").fill("lunch")
    await pages[-1].get_by_role("dialog").get_by_role("button", name="Pause").click()
    await source.has_posted({"csrf": "token", "why": "lunch"})


async def test_a_tab_that_is_opened_later_shows_what_is_true_now(tabs: Tabs, source: Source) -> None:
    await tabs.open_live()
    source.commit()
    # The server has rendered the page before the change.
    now, source.panel = source.panel, '<p id="number">0</p>'
    later = await tabs.open_live()
    source.panel = now
    await shows([later], "1")


async def test_silence_is_said_and_ends_when_the_server_is_heard_again(tabs: Tabs, source: Source) -> None:
    page = await tabs.open_live(at=NOON)
    await page.clock.pause_at(NOON / 1000 + 10)
    source.send(source.message("clock", {"now": NOON + 10_000}))
    source.commit()
    await shows([page], "1")
    source.down = True
    await page.clock.fast_forward(16_500)
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.clock.fast_forward(1_000)
    await expect(page.get_by_role("status")).to_have_text("Not live since 12:03:17")
    assert await page.locator("body.stale").count() == 1
    source.down = False
    source.panel = '<p id="number">new</p>'
    await page.clock.resume()
    await shows([page], "new")
    await expect(page.get_by_role("status")).to_have_text("Live")
    assert await page.locator("body.stale").count() == 0


async def test_a_lost_connection_is_said_after_three_seconds(tabs: Tabs, source: Source) -> None:
    source.clock = NOON
    page = await tabs.open_live(at=NOON)
    await page.clock.pause_at(NOON / 1000 + 10)
    source.down = True
    source.cut()
    # Time goes on until the script has seen the cut and has tried again.
    while not source.refused:
        await page.clock.run_for(50)
    await page.clock.run_for(2_000)
    assert await page.locator("body.stale").count() == 0
    await page.clock.run_for(3_000)
    await expect(page.get_by_role("status")).to_have_text("Not live since 12:03:07")


async def test_after_an_outage_the_page_is_as_a_fresh_one(tabs: Tabs, source: Source) -> None:
    source.retry = 2_400
    page = await tabs.open_live()
    source.down = True
    source.cut()
    await expect(page.locator("body.stale")).to_have_count(1)
    source.panel = '<p id="number">7</p><p>and more</p>'
    source.down = False
    await expect(page.get_by_role("status")).to_have_text("Live", timeout=3_000)
    await shows([page], "7")
    fresh = await tabs.open_live()
    text = "document.querySelector('main').innerHTML"
    assert await page.evaluate(text) == await fresh.evaluate(text)


async def test_after_an_upgrade_the_page_loads_itself_anew(tabs: Tabs, source: Source) -> None:
    page = await tabs.open_live()
    await page.evaluate("window.before = true")
    source.down = True
    source.cut()
    await expect(page.locator("body.stale")).to_have_count(1)
    source.upgraded = True
    async with page.expect_event("load"):
        source.down = False
    assert await page.evaluate("window.before") is None
    await expect(page.get_by_role("status")).to_have_text("Live")


async def test_a_fact_that_two_tabs_pass_on_is_heard_once(tabs: Tabs, source: Source) -> None:
    pages = [await tabs.open_live() for _ in range(2)]
    source.commit()
    source.commit()
    await shows(pages, "2")
    # As from a tab that began to read after the first fact.
    again = {"event": "fact", "id": f"{NODE}:2", "data": {"id": 2}}
    await pages[0].evaluate("(fact) => new BroadcastChannel('callcentre/live').postMessage(fact)", again)
    source.commit()
    await shows(pages, "3")
    for page in pages:
        assert await page.evaluate("facts") == [1, 2, 3]


async def test_a_tab_that_is_opened_later_hears_no_old_facts_and_can_read_on(tabs: Tabs, source: Source) -> None:
    first = await tabs.open_live()
    source.commit()
    later = await tabs.open_live()
    await first.close()
    await source.asked(f"{NODE}:1")
    assert source.asked_for == ["", f"{NODE}:1"]
    source.commit()
    await shows([later], "2")
    assert await later.evaluate("facts") == [2]


async def test_a_tab_takes_over_when_the_one_that_reads_sleeps(tabs: Tabs, source: Source) -> None:
    reading = await tabs.open_live(at=NOON)
    other = await tabs.open_live(at=NOON)
    await reading.clock.pause_at(NOON / 1000 + 60)
    source.cut()
    source.commit()
    assert await number(other) == "0"
    await other.clock.fast_forward(18_000)
    await source.open_streams(1)
    await shows([other, reading], "1")
    assert await other.evaluate("facts") == [1]


async def test_seconds_count_up_by_the_clock_of_the_server(tabs: Tabs, source: Source) -> None:
    source.clock = NOON + 3_600_000
    source.panel = f'<p id="number">0</p><time id="waits" data-since="{NOON + 3_600_000 - 159_000}">?</time>'
    page = await tabs.open_live(at=NOON)
    waits = page.locator("#waits")
    await page.clock.pause_at(NOON / 1000 + 10)
    # The last second was counted at any time of it.
    shown = await waits.inner_text()
    assert shown in {"2:48", "2:49"}
    await page.clock.run_for(1_000)
    await expect(waits).to_have_text(f"2:{int(shown[2:]) + 1}")
    source.send(source.message("clock", {"now": NOON + 7_200_000 + 12_000}))
    await expect(waits).to_have_text("1:02:51")


async def test_after_a_resync_the_page_loads_its_panels_anew(tabs: Tabs, source: Source) -> None:
    page = await tabs.open_live()
    source.panel = '<p id="number">of the page</p>'
    source.send(source.message("resync", {}, f"{NODE}:900"))
    await shows([page], "of the page")
    source.cut()
    await source.open_streams(1)
    assert source.asked_for[-1] == f"{NODE}:900"


async def test_the_end_of_the_session_leads_to_the_log_in(tabs: Tabs, source: Source) -> None:
    pages = [await tabs.open_live() for _ in range(2)]
    source.send(source.message("ended", {}))
    for page in pages:
        await page.wait_for_url("**/login?next=%2F")


async def test_a_tone_is_played_once_when_a_tile_becomes_critical(tabs: Tabs, source: Source) -> None:
    def tile(state: str) -> bytes:
        return source.shown(
            f'<div class="tile" data-sound="waiting" data-state="{state}"><p id="number">{state}</p></div>'
        )

    pages = [await tabs.open_live() for _ in range(2)]
    source.send(tile("ok") + tile("critical"))
    await shows(pages, "critical")
    assert [await page.evaluate("tones") for page in pages] == [0, 0], "nobody asked for sound"
    await pages[0].get_by_role("button", name="Sound").click()
    assert await pages[0].evaluate("tones") == 1, "it is played when it is switched on"
    await pages[1].reload()
    await expect(pages[1].get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "true")
    source.send(tile("ok"))
    await shows(pages, "ok")
    source.send(tile("critical"))
    await shows(pages, "critical")
    assert sum([await page.evaluate("tones") for page in pages]) == 2
    source.send(tile("critical"))
    source.commit()
    assert sum([await page.evaluate("tones") for page in pages]) == 2
