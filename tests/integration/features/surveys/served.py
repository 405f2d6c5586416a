"""The engine and the web server, without Asterisk, with one survey whose link was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.surveys.model import SurveyAnswer, token_of
from callcentre.features.surveys.web import routes as survey_routes
from callcentre.kernel.component import Built, Components, On, on
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event, TimerDue
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Health, Program
from callcentre.kernel.reading import read
from callcentre.kernel.schema import table_of
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, TextHandedOver
from callcentre.telephony.queue_view.model import Call, CallOver, Stage
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from tests.cast import ANNA, MATTI
from tests.testbed.configuration import TOKEN
from tests.testbed.databases import database_in
from tests.unit.features.surveys.people import links
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components

KEY = b"k" * 32
CALL = "1795325295.1"
SURVEY = token_of(KEY, CALL)
FORM = {"satisfaction": "4", "comment": "Ihan hyvä <b>&amp; ripeä\r\nkiitos"}


@dataclass
class Answer:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Served:
    """A daemon without Asterisk that sends a link for one call.

    `at` is its clock, and `gate` holds back what is to be stored.
    """

    folder: Path
    engine: Engine
    world: World
    timers: Timers
    at: datetime = NOON
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    routes: Sequence[Route] = ()
    http: aiohttp.ClientSession | None = None

    async def submit(self, event: Event) -> None:
        await self.gate.wait()
        await self.engine.settle(event)

    async def asked(self) -> None:
        """The call has ended, and the link to its page went out."""
        call = Call(
            call=CALL, channel="PJSIP/trunk-1", queue="support", service="support", number=MATTI, caller_name="Matti",
            language="", stage=Stage.TALKING, joined_at=self.at, entered=self.at, position=1, agent=ANNA,
            agent_name="Anna", answered=self.at,
        )  # fmt: skip
        await self.engine.settle(_Ended(at=self.at, over=CallOver(at=self.at, call=call, wait=3.0, talk=60.0)))
        await self.passes(60)

    async def passes(self, seconds: float) -> None:
        """Time passes, and what falls due meanwhile does."""
        self.at += timedelta(seconds=seconds)
        due = [(key, when) for key, timer in self.timers._due.items() if (when := timer.at) <= self.at]
        for key, when in due:
            await self.engine.settle(TimerDue(at=self.at, key=key, due=when))

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        assert self.http is not None
        async with self.http.request(method, self.url + path, allow_redirects=False, **options) as response:
            return Answer(response.status, response.headers, await response.text())

    async def page(self, query: str = "", token: str = SURVEY) -> Answer:
        return await self.ask("GET", f"/s/{token}{query}")

    async def send(self, form: dict[str, str], query: str = "", token: str = SURVEY) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", f"/s/{token}{query}", data=urlencode(form).encode(), headers=headers)

    async def results(self, body: Any, token: str = SURVEY, bearer: str = TOKEN) -> Answer:
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask("POST", f"/api/surveys/{token}", data=data, headers=headers)

    async def kept(self) -> list[dict[str, Any]]:
        """The answers on disk."""
        answers = table_of(SurveyAnswer, "survey_answers", shared=True)
        (rows,) = await read(database_in(self.folder), [sa.select(answers).order_by(answers.c.question)])
        return rows

    def facts(self) -> list[str]:
        lines = map(json.loads, (self.folder / "facts.jsonl").read_text().splitlines())
        return [
            " ".join(str(line[name]) for name in ("event", "question", "value", "metric", "by") if name in line)
            for line in lines
            if line["event"].startswith("survey.")
        ]


class _Ended(Event, frozen=True, kw_only=True):
    over: CallOver


@asynccontextmanager
async def served_in(folder: Path, answer_within: float = 5.0) -> AsyncIterator[Served]:
    store = Store(database_in(folder))
    await store.open()
    world = World(settings=settings(links()), key=KEY)
    served: Served

    async def send(effect: Effect) -> Event:
        assert isinstance(effect, SendText)
        return TextHandedOver(at=served.at, message=effect.message, outcome=Accepted())

    outbox = Outbox({SendText: send}, lambda *reported: engine.report(*reported), lambda: served.at)
    timers = Timers(lambda due: engine.submit(due), lambda: served.at)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = components(world)
    survey = next(each for each in built.built if each.name == "surveys")
    ((over,),) = (heard.rules for heard in survey.of(On) if heard.heard is CallOver)
    ending = Built("ending", frozenset(), (on(_Ended, lambda event, at: over(event.over, at)),))
    engine = Engine(
        Components((*built.built, ending)),
        store=store,
        timers=timers,
        outbox=outbox,
        facts=facts,
        clock=lambda: served.at,
    )
    served = Served(folder, engine, world, timers)
    served.gate.set()
    ports = WebPorts(
        submit=served.submit,
        token=lambda: TOKEN,
        health=lambda: Health(ready=True),
        registry=CollectorRegistry(),
        clock=lambda: served.at,
        answer_within=answer_within,
    )
    await engine.load()
    running = asyncio.create_task(engine.run())
    program = Program(settled=engine.settled, database=store.database)
    reads = Reads(store.database)
    served.routes = [
        *callbacks_web.routes(ports, ports_of(world.for_callbacks, program, reads)),
        *survey_routes(ports, world.surveys, world),
    ]
    server = WebServer("127.0.0.1:0", build(ports, served.routes))
    await server.start()
    served.url = f"http://127.0.0.1:{server.address[1]}"
    try:
        async with reads.open(), aiohttp.ClientSession() as served.http:
            yield served
    finally:
        await server.stop()
        engine.stop()
        await outbox.drain(1)
        await running
        facts.close()
        await store.close()


class Page(HTMLParser):
    """What a reader's software finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._within: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in self._within:
            self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]
