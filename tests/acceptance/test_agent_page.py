"""An agent in the browser: who calls is on the page when the phone is answered, and the agent pauses for lunch."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, masked
from tests.cast import ANNA, MATTI
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import Changes

UNGREETED = {"services": {"support": {"welcome": None}}}
PASSWORD = "of anna in a test"


@dataclass
class Browser:
    """The session of an agent: pages, forms and the stream of live panels."""

    session: aiohttp.ClientSession
    url: str
    panels: dict[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    async def get(self, path: str, **headers: str) -> str:
        async with self.session.get(f"{self.url}{path}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def post(self, path: str, **fields: str) -> str:
        """Send a form of the page; the page that follows."""
        (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', await self.get("/agent")))
        async with self.session.post(f"{self.url}{path}", data={"csrf": token, **fields}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def follow(self) -> None:
        """Keep the panels as the stream sends them."""
        async with self.session.get(f"{self.url}/live", timeout=aiohttp.ClientTimeout(total=None)) as stream:
            assert stream.status == 200
            event = ""
            async for line in stream.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "panel":
                    panel = json.loads(value)
                    assert panel["service"] in {ANNA, ""} or panel["panel"] not in {"caller", "own_queues"}
                    self.panels[panel["panel"]] = panel["html"]
                    self.changes.changed()

    async def shows(self, panel: str, *words: str) -> str:
        """Wait until a panel has these words; the panel."""

        def look() -> str | None:
            html = self.panels.get(panel, "")
            return html if all(word in html for word in words) else None

        return await self.changes.wait_for(
            look, within=10, awaited=f"{words} in the panel {panel}", seen=lambda: str(self.panels)
        )


@asynccontextmanager
async def logged_in(daemon: Daemon) -> AsyncIterator[Browser]:
    """Anna, an agent with a phone, has her page open."""
    account = {"name": "anna", "role": "agent", "password": PASSWORD, "services": ["support"], "agent": ANNA}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        async with session.post(f"{daemon.url}/api/users", json=account, headers=bearer) as made:
            assert made.status == 201, await made.text()
        fields = {"username": "anna", "password": PASSWORD}
        async with session.post(f"{daemon.url}/login", data=fields) as entered:
            assert (entered.status, entered.url.path) == (200, "/agent")
        browser = Browser(session, daemon.url)
        following = asyncio.create_task(browser.follow())
        try:
            yield browser
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_who_calls_is_on_the_page_when_the_agent_answers_and_a_note_stays(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    async with logged_in(daemon) as anna:
        await anna.shows("caller", "Nobody is on the line")
        await anna.shows("own_queues", "Not logged on")
        await pbx.log_on("support", "agent1", name="Anna")
        await anna.shows("own_queues", "Ready")
        await calls_in(network, daemon, MATTI, SUPPORT_NUMBER, name="Matti Meikäläinen")
        call = await network.agent("agent1").rings()
        await call.answer()
        fact = await daemon.fact("queue.answered")
        panel = await anna.shows("caller", "On the line", "Matti Meikäläinen", masked(MATTI))
        assert MATTI not in panel
        assert f"/agent/caller/{fact['call']}" in panel
        part = f"/agent/caller/{fact['call']}"
        assert "This person has not called before" in await anna.get(part, **{"HX-Request": "true"})
        assert "wants an invoice" in await anna.post("/agent/notes", call=fact["call"], text="wants an invoice")
        written = await daemon.fact("note.written")
        assert (written["user"], written["service"], written["number"]) == ("anna", "support", masked(MATTI))
        await call.hang_up()
        await ended(daemon, MATTI)
        await anna.shows("caller", "Last call", "Matti Meikäläinen")
        # He calls again: the note and the first call are there.
        await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
        await (await network.agent("agent1").rings()).answer()
        again = await daemon.fact("queue.answered", count=2)
        await anna.shows("caller", f"/agent/caller/{again['call']}")
        shown = await anna.get(f"/agent/caller/{again['call']}", **{"HX-Request": "true"})
        assert "wants an invoice" in shown
        assert shown.count("An agent answered") == 1


async def test_an_agent_pauses_and_resumes(start_daemon: StartDaemon, pbx: Pbx) -> None:
    daemon = await start_daemon(UNGREETED)
    async with logged_in(daemon) as anna:
        assert "You are logged on." in await anna.post("/agent/log_on", queue="support")
        await anna.shows("own_queues", "Ready")
        assert "You are paused." in await anna.post("/agent/pause", queue="", reason="lunch")
        assert "(paused:lunch" in await pbx.cli("queue show support")
        await anna.shows("own_queues", "Paused", "lunch")
        paused = await daemon.fact("agent.paused")
        assert (paused["user"], paused["agent"], paused["reason"]) == ("anna", ANNA, "lunch")
        assert "You are no longer paused." in await anna.post("/agent/resume", queue="support")
        assert "You are logged off." in await anna.post("/agent/log_off", queue="support")
        assert "No Members" in await pbx.cli("queue show support")
        assert "You are not logged on to this queue." in await anna.post("/agent/pause", queue="support")
