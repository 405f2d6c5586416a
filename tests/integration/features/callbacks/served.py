"""A daemon without Asterisk: an engine with a real database, and its addresses on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from click.testing import CliRunner, Result
from prometheus_client import CollectorRegistry

from callcentre.cli.main import main
from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.surveys.web import routes as survey_routes
from callcentre.kernel.daemon import measured
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Health, Measured, Program
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import HangUp
from callcentre.web.component import Figures
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from tests.cast import LIISA
from tests.testbed.configuration import TOKEN, write_configuration
from tests.testbed.databases import database_in
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components

CHANGES = {
    "services": {
        "support": {"callback": {"offer": {"max_open": "3"}}, "notify": None},
        "mute": {"queue": "mute", "name": {"fi": "Mykkä"}},
    }
}


FROM_MATTI = {"number": "0401112222", "service": "support", "name": "Matti"}


FROM_LIISA = {"number": LIISA, "service": "support"}


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A daemon without Asterisk; `at` is its clock, and `gate` holds back what is to be stored."""

    folder: Path
    engine: Engine
    world: World
    done: list[Effect]
    at: datetime = NOON
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    routes: Sequence[Route] = ()
    http: aiohttp.ClientSession | None = None

    async def submit(self, event: Event) -> None:
        await self.gate.wait()
        await self.engine.settle(event)

    async def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN, **headers: str) -> Answer:
        """`body` goes out as it is when it is octets, else as JSON."""
        assert self.http is not None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token}"} | sent
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            sent = {"Content-Type": "application/json"} | sent
        async with self.http.request(method, f"{self.url}{path}", data=data, headers=sent) as response:
            return Answer(response.status, response.headers, await response.read())

    async def requested(self, requested: Any, key: str | None = None) -> Answer:
        return await self.ask("POST", "/api/callbacks", requested, **({} if key is None else {"Idempotency_Key": key}))

    async def command(self, *arguments: str) -> Result:
        """`callcentre callbacks …` for the configuration of this daemon."""
        return await run("callbacks", *arguments, "-c", self.configured())

    def configured(self) -> str:
        """A file of the configuration of this daemon."""
        port = int(self.url.rpartition(":")[2])
        file = self.folder / "config.yaml"
        return str(write_configuration(file, ari_url="http://127.0.0.1:1/ari", http_port=port, changes=CHANGES))

    def facts(self, name: str) -> list[dict[str, Any]]:
        lines = map(json.loads, (self.folder / "facts.jsonl").read_text().splitlines())
        return [line for line in lines if line["event"] == name]


async def run(*words: str) -> Result:
    """`callcentre …` to its end."""
    return await asyncio.to_thread(CliRunner().invoke, main, words, env={"COLUMNS": "200"}, catch_exceptions=False)


@asynccontextmanager
async def served_in(folder: Path, answer_within: float = 5.0) -> AsyncIterator[Served]:
    store = Store(database_in(folder))
    await store.open()
    world = World(settings=settings(CHANGES), key=b"k" * 32)
    done: list[Effect] = []
    served: Served

    async def perform(effect: Effect) -> None:
        done.append(effect)

    outbox = Outbox(
        {HangUp: perform, SendText: perform}, lambda event, row: engine.report(event, row), lambda: served.at
    )
    timers = Timers(lambda due: engine.submit(due), lambda: served.at)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = components(world)
    engine = Engine(built, store=store, timers=timers, outbox=outbox, facts=facts, clock=lambda: served.at)
    served = Served(folder, engine, world, done)
    served.gate.set()
    figures = CollectorRegistry(auto_describe=False)
    figures.register(
        Figures(
            lambda: [
                *measured(engine, outbox, timers),
                *(figure for each in built.of(Measured) for figure in each.collect()),
            ]
        )
    )
    ports = WebPorts(
        submit=served.submit,
        token=lambda: TOKEN,
        health=lambda: Health(ready=True),
        registry=figures,
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


NONSENSE = [
    b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 5000,
    {}, {"number": "040"}, {"service": "support"}, FROM_MATTI | {"number": 401112222}, FROM_MATTI | {"number": ""},
    FROM_MATTI | {"number": "0" * 41}, FROM_MATTI | {"extra": "x"}, FROM_MATTI | {"name": "x" * 81},
    FROM_MATTI | {"name": None}, FROM_MATTI | {"name": "a\nb"}, FROM_MATTI | {"name": "a\u202eb"},
    FROM_MATTI | {"name": "\ud800"}, FROM_MATTI | {"service": "a\x00"}, FROM_MATTI | {"by": "customer"},
]  # fmt: skip
