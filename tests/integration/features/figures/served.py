"""The pages of figures over a database with a day of two services, for visitors of several rights."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from prometheus_client import CollectorRegistry

from callcentre.app import ledger_shape
from callcentre.cli.main import main
from callcentre.config.settings import Settings
from callcentre.features.figures import web
from callcentre.features.figures.outside.figure_process import FigureProcess
from callcentre.kernel.database import Database
from callcentre.kernel.event import Event
from callcentre.kernel.ownership import reach_of
from callcentre.kernel.program import Health
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.kernel.store import Store
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.statements import Changes, put
from callcentre.web import status
from callcentre.web.guard import Guard, Identifies
from callcentre.web.pages import Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Right, Rights, Role
from callcentre.web.server import DESCRIPTION, WebServer, build
from callcentre.web.static_files import StaticFiles
from callcentre.web.visitor import Identities, Identity, services_of
from tests.cast import ANNA, BO
from tests.integration.web_client import Client
from tests.testbed.configuration import merged, shipped
from tests.unit.rehearsal import settings

DAY = "2026-10-25"
"""The clock is put back on it."""
MIDNIGHT = datetime(2026, 10, 24, 21, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=60)
SERVICES = {
    "support": {"queue": "support", "name": {"en": "Customer service", "fi": "Asiakaspalvelu"}},
    "sales": {"queue": "sales", "name": {"en": "<Sales> & 'more'"}, "language": "en"},
}
SHAPE = ledger_shape()


def facts() -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Calls every twenty minutes of the day: two thirds of them of support; some are answered, some leave."""
    for number in range(75):
        at = MIDNIGHT + timedelta(minutes=20 * number)
        service = "sales" if number % 3 == 0 else "support"
        about = {"call": f"c{number}", "service": service, "queue": service}
        wait = 5 + number % 7 * 10
        agent, name = (ANNA, "Anna") if number % 2 else (BO, "=Bo")
        yield at, {"event": "queue.joined", "position": 1, "waiting": 1, "estimated_wait": 20, **about}
        if number % 5 == 4:
            left = {"event": "queue.left", "reason": "abandoned", "wait": wait, **about}
            yield at + timedelta(seconds=wait), left
            continue
        answered = {"reason": "answered", "wait": wait, "agent": agent, "agent_name": name, **about}
        yield at + timedelta(seconds=wait), {"event": "queue.left", **answered}
        yield at + timedelta(seconds=wait + 60), {"event": "call.ended", "talk": 60, **about}
        survey = {"survey": f"s{number}", "agent": agent, "agent_name": name, **about}
        yield at + timedelta(seconds=wait + 70), {"event": "survey.asked", **survey}
        scored = {"question": "q", "metric": "csat", "value": 1 + number % 5, **survey}
        yield at + timedelta(seconds=wait + 80), {"event": "survey.answered", **scored}
        if number % 4 == 0:
            promised = {"callback": f"cb{number}", "position": 2, **about}
            yield at + timedelta(seconds=90), {"event": "callback.accepted", "by": "customer", **promised}
            yield at + timedelta(seconds=99), {"event": "callback.completed", **promised}


async def fill(database: Database) -> None:
    """Write the records of these facts, as the daemon does."""
    store = Store(database)
    await store.open()
    await store.close()
    added_up, changes = Ledger(SHAPE), Changes(SHAPE)
    for number, (at, fact) in enumerate(sorted(facts(), key=lambda each: each[0]), 1):
        changes.take(added_up.feed(SHAPE.read(msgspec.json.encode({"at": at, "id": number, **fact}))))
    engine = sa.create_engine(database.url)
    with engine.begin() as connection:
        put(connection, "main", changes.rows())
    engine.dispose()


class Accounts(Identities):
    """A cookie is a role, services that the account is restricted to, and a language: `viewer:support`, `viewer@fi`.

    With `!` at its end the account is one of every organisation.
    """

    async def of_session(self, cookie: str) -> Identity | None:
        account, _, language = cookie.rstrip("!").partition("@")
        role, _, services = account.partition(":")
        return Identity(
            user=role, role=Role(role), organisation=None if cookie.endswith("!") else "main",
            services=services.split("+") if services else None, language=language or "en", secret="s", session="x",
        )  # fmt: skip

    async def of_key(self, _key: str) -> Identity | None:
        return None

    async def still_valid(self, _identity: Identity) -> bool:
        return True


def configured() -> Settings:
    """The shipped configuration with these services."""
    return settings({"services": SERVICES})


async def _nothing(_event: Event) -> None:
    """No event is expected."""


@asynccontextmanager
async def served(database: Database) -> AsyncIterator[tuple[Client, FigureProcess]]:
    """The pages over a database."""
    held = HeldSettings(configured())
    ports = WebPorts(
        submit=_nothing, token=lambda: "token", health=lambda: Health(ready=True), registry=CollectorRegistry(),
        clock=lambda: NOW, services=lambda organisation: services_of(held.settings, organisation),
        reach=lambda organisation, services: reach_of(held.settings, organisation, services),
    )  # fmt: skip
    static = StaticFiles()
    templates = Templates("figures", "callcentre.features.figures")
    pages = Pages(ports, lambda: held.settings, static, [templates], [web.NAVIGATION])
    process = FigureProcess(Path("config.yaml"))
    routes = [*web.routes(web.Statistics(ports, pages, held, database, process)), static.route()]
    declared = [
        web.SEE,
        web.SEE_AGENTS,
        DESCRIPTION,
        *(each for each in vars(status).values() if isinstance(each, Right)),
    ]
    app = build(ports, routes, Guard(ports, Rights(declared), [Identifies(Accounts())]), pages.refusal)
    server = WebServer("127.0.0.1:0", app)
    async with process.open():
        await server.start()
        try:
            yield Client(server.address), process
        finally:
            await server.stop()


def stats(database: Database, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `callcentre stats` shows of the day."""
    file = folder / "config.yaml"
    changes = {"store": {"url": database.url}, "services": SERVICES}
    file.write_text(yaml.safe_dump(merged(shipped(), changes), allow_unicode=True), encoding="utf-8")
    ran = CliRunner().invoke(
        main, ["stats", "-c", str(file), "--from", DAY, "--to", DAY, "--format", "json", *arguments]
    )  # fmt: skip
    assert ran.exit_code == 0, ran.stderr
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


@dataclass(frozen=True)
class Table:
    """A table of the page: the words of its first column, and its figures as they are."""

    labels: Sequence[str]
    rows: Sequence[Sequence[float | None]]


class Page(HTMLParser):
    """The tables and charts of a page, by the names of their sections, and all its words."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tables: dict[str, tuple[list[str], list[list[float | None]]]] = {}
        self.charts: dict[str, Any] = {}
        self.words: list[str] = []
        self._section = self._tag = self._script = ""
        self.feed(html.decode())

    def table(self, name: str) -> Table:
        return Table(*self.tables[name])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._tag = tag
        if tag == "section" and known.get("id"):
            self._section = known["id"] or ""
            self.tables[self._section] = ([], [])
        elif tag == "th" and known.get("scope") == "row":
            self._tag = "th of a row"
            self.tables[self._section][1].append([])
        elif tag == "td":
            self.tables[self._section][1][-1].append(None)
        elif tag == "data":
            self.tables[self._section][1][-1][-1] = float(known["value"] or "")
        elif tag == "script":
            self._script = known.get("data-chart") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = ""
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._script:
            self.charts[self._script] = json.loads(data)
            return
        self.words.append(data.strip())
        if self._tag == "th of a row":
            self.tables[self._section][0].append(data)
