"""The pages of a running daemon, and a browser without JavaScript that reads their forms."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar

from callcentre.app import ledger_shape, listed
from callcentre.config.read import read
from callcentre.configuration import FILE
from callcentre.features.users.bodies import NewUser
from callcentre.features.users.model import Accounts, User
from callcentre.features.users.outside.administration import Administration
from callcentre.kernel.clock import wall
from callcentre.kernel.component import Building, Component
from callcentre.kernel.daemon import Daemon, Substitutes
from callcentre.kernel.program import Resource
from callcentre.telephony.prompts.model import PromptLengths
from callcentre.web.rights import Role
from tests.testbed.alone import http_port
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import ON_SERVER, database_in

PASSWORD = "hyvin-salainen-sana"


class _Forms(HTMLParser):
    """The forms of a page: their fields by action, and the text of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.text: list[str] = []
        self._fields: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self._fields = self.forms.setdefault(known.get("action") or "", {})
        elif tag == "input" and self._fields is not None and known.get("name"):
            self._fields.setdefault(known["name"] or "", known.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.text.append(" ".join(data.split()))


@dataclass
class Page:
    """An answer that a browser got, after redirects."""

    status: int
    path: str
    html: str
    headers: Mapping[str, str]

    @property
    def forms(self) -> dict[str, dict[str, str]]:
        parser = _Forms()
        parser.feed(self.html)
        return parser.forms

    @property
    def text(self) -> str:
        parser = _Forms()
        parser.feed(self.html)
        return "\n".join(parser.text)


@dataclass
class Browser:
    """Keeps cookies, follows redirects, and posts the forms of the page that it shows."""

    url: str
    client: ClientSession
    page: Page = field(default_factory=lambda: Page(0, "", "", {}))
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Page:
        return await self._asked("GET", path, None, headers)

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Page:
        return await self._asked("POST", path, dict(fields or {}), headers)

    async def submit(self, action: str, **fields: str) -> Page:
        """Fill in a form of the page and post it."""
        known = self.page.forms[action]
        return await self.post(action, {**known, **fields})

    async def _asked(self, method: str, path: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Page:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.client.request(method, f"{self.url}{path}", data=fields, headers=sent) as answer:
            self.page = Page(answer.status, answer.url.path_qs, await answer.text(), answer.headers)
        return self.page

    async def log_in(self, name: str, password: str = PASSWORD, **more: str) -> Page:
        await self.get("/login")
        return await self.submit("/login", username=name, password=password, **more)

    def cookie(self, name: str = "callcentre") -> str | None:
        found = [each.value for each in self.client.cookie_jar if each.key == name]
        return found[0] if found else None


@dataclass
class Site:
    """A daemon with its pages. Its time is `ahead` seconds ahead of that of the machine."""

    url: str
    administration: Administration
    ahead: float = 0.0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def browser(self, **headers: str) -> Browser:
        """A new browser, which sends these headers with each request."""
        client = await self._stack.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        return Browser(self.url, client, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def account(self, name: str, role: Role = Role.ADMINISTRATOR, **more: Any) -> User:
        """Make an account with the password of all."""
        return await self.administration.add_user(NewUser(name=name, role=role, password=PASSWORD, **more))

    async def logged_in(self, name: str) -> Browser:
        """A browser in which somebody has logged in."""
        browser = await self.browser()
        page = await browser.log_in(name)
        assert page.status in {200, 404}, page.text
        return browser

    @property
    def accounts(self) -> Accounts:
        return self.administration.accounts

    def facts(self) -> list[dict[str, Any]]:
        """All facts about users and keys, but for the invitation of the first start."""
        lines = (self.administration.program.configuration.parent / "facts.jsonl").read_text().splitlines()
        found = [fact for line in lines if (fact := json.loads(line))["event"].startswith(("user.", "key."))]
        return [fact for fact in found if fact.get("by") != "start"]


@asynccontextmanager
async def site(folder: Path, changes: Mapping[str, Any] | None = None) -> AsyncIterator[Site]:
    """A daemon without Asterisk in this process, with `changes` to the shipped configuration."""
    with http_port() as port:
        log: dict[str, Any] = {"log": {"file": "facts.jsonl"}}
        if ON_SERVER:
            log["store"] = {"url": database_in(folder).url}
        file = write_configuration(
            folder / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=port, changes={**log, **(changes or {})}
        )
        sites: list[Site] = []
        opened = asyncio.Event()

        @asynccontextmanager
        async def served() -> AsyncIterator[None]:
            opened.set()
            yield

        def build(building: Building) -> Iterable[Any]:
            sites.append(Site(f"http://127.0.0.1:{port}", building.need(Administration)))
            # After the web server.
            yield Resource(served, last=True)

        def ahead() -> float:
            return sites[0].ahead if sites else 0.0

        substitutes = Substitutes(
            wall=lambda: wall() + timedelta(seconds=ahead()), elapsed=lambda: time.monotonic() + ahead()
        )
        components = [*listed(), Component(name="test", build=build)]
        daemon = Daemon(FILE, components, read(FILE, file), PromptLengths({}), ledger_shape(), substitutes=substitutes)
        running = asyncio.create_task(daemon.run())
        waiting = asyncio.create_task(opened.wait())
        try:
            await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED, timeout=20)
            if running.done():
                running.result()
            async with sites[0]._stack:
                yield sites[0]
        finally:
            waiting.cancel()
            daemon.stop()
            await running
