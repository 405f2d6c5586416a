"""A daemon without Asterisk that serves all pages, and visitors of each role: a real engine, database and socket.

Visitors have no account. A cookie names one of `Visited.people`, so that a test waits for no password.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from callcentre import app
from callcentre.kernel.component import Components, Provides
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import FactLog, stamp
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Program
from callcentre.kernel.store import Store, Writes
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import HangUp
from callcentre.web.guard import Guard, Identifies
from callcentre.web.origins import csrf_token
from callcentre.web.pages import Pages
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Rights, Role
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from callcentre.web.visitor import Identity
from tests.testbed.databases import database_in, prepare
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World

_SECRET = "of the session"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Answer:
    """An answer; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class _People:
    """The identities by the cookie of the session."""

    known: dict[str, Identity]

    async def of_session(self, cookie: str) -> Identity | None:
        return self.known.get(cookie)

    async def of_key(self, key: str) -> Identity | None:
        return self.known.get(key)

    async def still_valid(self, identity: Identity) -> bool:
        return identity in self.known.values()


def person(
    user: str,
    role: Role,
    *,
    services: set[str] | None = None,
    organisation: str | None = None,
    language: str = "en",
    agent: str | None = None,
) -> Identity:
    """An identity with a session. `services`: it is restricted to them. `agent` is its phone."""
    return Identity(
        user=user, role=role, organisation=organisation or "main", services=services, language=language,
        secret=_SECRET, session=user, agent=agent,
    )  # fmt: skip


@dataclass
class Visited:
    """The daemon; `at` is its clock. `people` are the visitors by their names."""

    built: Components
    world: World
    engine: Engine
    store: Store
    people: dict[str, Identity]
    at: datetime = NOON
    url: str = ""
    http: aiohttp.ClientSession | None = None
    _numbers: int = field(default=0)

    def one(self, kind: type[_T]) -> _T:
        """The interface of this class."""
        return next(each.interface for each in self.built.of(Provides) if isinstance(each.interface, kind))

    async def get(self, path: str, user: str = "aino", **headers: str) -> Answer:
        """A GET by a visitor."""
        return await self.ask("GET", path, user, None, headers)

    async def post(self, path: str, fields: Mapping[str, str], user: str = "aino", **headers: str) -> Answer:
        """A form that a visitor sends from one of our pages."""
        return await self.ask("POST", path, user, {"csrf": csrf_token(_SECRET), **fields}, headers)

    async def ask(
        self, method: str, path: str, user: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Answer:
        """A request of a browser. `_` in the name of a header is a hyphen."""
        from yarl import URL

        assert self.http is not None
        sent = {"Cookie": f"callcentre={user}", "Accept": "text/html", "Sec-Fetch-Dest": "document"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        address = URL(f"{self.url}{path}", encoded=True)
        async with self.http.request(method, address, data=fields, headers=sent, allow_redirects=False) as response:
            return Answer(response.status, response.headers, await response.text())

    async def settle(self, event: Event) -> None:
        """Have an event decided and stored."""
        await self.engine.settle(event)

    async def store_facts(self, *facts: tuple[datetime, Fact] | Fact, node: str = "main") -> None:
        """Facts of the past, as they are in the journal; without a time, of now. They are of another numbering."""
        entries = []
        for each in facts:
            at, fact = each if isinstance(each, tuple) else (self.at, each)
            self._numbers += 1
            entries.append(stamp(fact, 1_000_000 + self._numbers, at, node))
        await self.store.commit(Writes(journal=entries))


@asynccontextmanager
async def visited_in(
    folder: Path, changes: Mapping[str, Any], people: Mapping[str, Identity], configuration: Path = Path("config.yaml")
) -> AsyncIterator[Visited]:
    """The daemon, with its database in this folder: the one that is there, or a new one.

    `configuration` is the file that pages show.
    """
    if not (folder / "callcentre.db").exists():
        prepare(folder)
    store = Store(database_in(folder))
    await store.open()
    world = World(settings=settings(changes), key=b"k" * 32)
    visited: Visited | None = None

    def now() -> datetime:
        return NOON if visited is None else visited.at

    async def perform(_effect: Effect) -> None:
        return None

    program = Program(
        submit=lambda event: engine.submit(event), settle=lambda event: engine.settle(event),
        settled=lambda: engine.settled(), clock=now, database=store.database, configuration=configuration,
    )  # fmt: skip
    built = app.components(world.settings, world.key, program)
    world.attach(built)
    outbox = Outbox({HangUp: perform, SendText: perform}, lambda event, row: engine.report(event, row), now)
    timers = Timers(lambda due: engine.submit(due), now)
    facts = FactLog(folder / "facts.jsonl", "json")
    engine = Engine(built, store=store, timers=timers, outbox=outbox, facts=facts, clock=now)
    visited = Visited(built, world, engine, store, dict(people))
    ports, rights, pages = visited.one(WebPorts), visited.one(Rights), visited.one(Pages)
    await engine.load()
    running = asyncio.create_task(engine.run())
    guard = Guard(ports, rights, [Identifies(_People(visited.people))])
    server = WebServer("127.0.0.1:0", build(ports, built.of(Route), guard, pages.refusal))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(visited.one(Reads).open())
        await server.start()
        visited.url = f"http://127.0.0.1:{server.address[1]}"
        visited.http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )  # fmt: skip
        try:
            yield visited
        finally:
            await server.stop()
            engine.stop()
            await outbox.drain(1)
            await running
            facts.close()
            await store.close()
