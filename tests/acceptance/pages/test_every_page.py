"""Every page, looked at by axe and as a picture, in three languages, light and dark, on a phone and on a wide screen.

The pictures are written to the folder that CALLCENTRE_PICTURES names. With it set, every page is looked at in every
way; otherwise each page in each language once, and in one of the themes and widths.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final
from urllib.parse import quote

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.pages.conftest import People
from tests.acceptance.scene import SALES, joined, together
from tests.cast import BO, KALLE, LIISA, MATTI, PEKKA
from tests.testbed.axe import mistakes
from tests.testbed.callbacks import offered, rules
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

LANGUAGES: Final = ("en", "fi", "sv")
THEMES: Final = ("light", "dark")
WIDTHS: Final = (320, 1920)

PICTURES: Final = os.environ.get("CALLCENTRE_PICTURES")

PATHS: Final = (
    "/", "/wallboard", "/statistics", "/search", "/search?q=0401112222", "/callbacks", "/callbacks/{callback}",
    "/calls/{call}", "/messages", "/rules", "/agents", "/agents/PJSIP%2Fagent1", "/services", "/contact",
    "/agent", "/reports", "/users", "/keys", "/audit", "/system",
    "/account", "/roles", "/nowhere",
)  # fmt: skip
"""Pages of an administrator. `{callback}` and `{call}` are those of the scene."""

NAMES: Final = {"en": "Customer service", "fi": "Asiakaspalvelu", "sv": "Kundtjänst"}
SCENE: Final = together(SALES, {"services": {"support": {"name": NAMES}}}, rules(offer={"min_wait": "0s"}))


@dataclass(frozen=True)
class Look:
    """One way to look at a page."""

    path: str
    language: str
    theme: str
    width: int

    def __str__(self) -> str:
        name = self.path.strip("/").replace("/", "-").replace("?", "-").replace("{", "").replace("}", "") or "live"
        return f"{name}-{self.language}-{self.theme}-{self.width}"


def looks() -> Iterator[Look]:
    """All of them, or each page in each language once."""
    for place, path in enumerate(PATHS):
        if PICTURES:
            yield from (Look(path, *each) for each in product(LANGUAGES, THEMES, WIDTHS))
            continue
        for number, language in enumerate(LANGUAGES):
            yield Look(path, language, THEMES[(place + number) % 2], WIDTHS[(place + number // 2) % 2])


@dataclass
class Scene:
    """A daemon with something to show, and an administrator's cookie."""

    daemon: Daemon
    browser: Browser
    ids: dict[str, str]
    cookies: Any

    async def window(self, look: Look) -> tuple[BrowserContext, Page]:
        options: dict[str, Any] = {"color_scheme": look.theme, "locale": look.language}
        context = await self.browser.new_context(viewport={"width": look.width, "height": 900}, **options)
        await context.add_cookies(
            [*self.cookies, {"name": "callcentre_language", "value": look.language, "url": self.daemon.url}]
        )
        return context, await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(
    start_daemon: StartDaemon,
    people: People,
    network: PhoneNetwork,
    pbx: Pbx,
    short_prompts: None,
) -> AsyncIterator[Scene]:
    assert short_prompts is None  # The fixture has shortened them.
    daemon = await start_daemon(SCENE)
    await pbx.log_on("support", "agent1", name="Anna Virtanen")
    await pbx.pause("support", "agent1")
    caller = await offered(daemon, network, LIISA, SUPPORT_NUMBER, name="Liisa Mäkinen")
    callback = await caller.takes()
    for number, name in ((MATTI, "Matti Meikäläinen"), (KALLE, "Kalle O'Brien"), (PEKKA, "Åsa Öhman")):
        await network.call(number, SUPPORT_NUMBER, name=name)
        call = (await joined(daemon, number))["call"]
    network.phone("agent2").behaviour = "answer"
    await pbx.log_on("support", "agent2", name="Bo Lindqvist")
    await daemon.fact("queue.answered")
    page = await people.enters(daemon, "aino", "administrator", agent=BO)
    yield Scene(daemon, people.browser, {"callback": callback, "call": call}, await page.context.cookies())


async def test_axe_finds_nothing_on_any_page(scene: Scene) -> None:
    found: list[str] = []
    for look in looks():
        context, page = await scene.window(look)
        names = {name: quote(value) for name, value in scene.ids.items()}
        answer = await page.goto(scene.daemon.url + look.path.format(**names))
        assert answer is not None
        if answer.status != (404 if look.path == "/nowhere" else 200):
            found.append(f"{look}: {answer.status}")
        if look.path in {"/", "/agents"}:
            # The agents are read when somebody looks at them.
            await expect(page.locator('[data-panel="agents"][data-service="support"] tbody tr')).to_have_count(2)
        if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{look}: is wider than its window")
        found += [f"{look}: {mistake}" for mistake in await mistakes(page)]
        if await page.evaluate("document.documentElement.lang") != look.language:
            found.append(f"{look}: is in another language")
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/{look}.png", full_page=True)
        await context.close()
    assert "\n".join(found) == ""
