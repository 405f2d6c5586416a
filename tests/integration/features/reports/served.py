"""The page of reports, over reports of two services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from prometheus_client import CollectorRegistry

from callcentre.features.reports import web
from callcentre.features.reports.model import ReportRun
from callcentre.kernel.collection import Collection
from callcentre.kernel.event import Event
from callcentre.kernel.ownership import reach_of
from callcentre.kernel.program import Health
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.web import status
from callcentre.web.guard import Guard, Identifies
from callcentre.web.origins import csrf_token
from callcentre.web.pages import Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Right, Rights, Role
from callcentre.web.server import DESCRIPTION, WebServer, build
from callcentre.web.static_files import StaticFiles
from callcentre.web.visitor import Identities, Identity, services_of
from tests.integration.web_client import Answer, Client
from tests.unit.rehearsal import NOON, settings

SUPERVISOR: Final = "supervisor"


class Accounts(Identities):
    """A cookie is a role, the service that the account is restricted to, and a language: `supervisor:support@fi`."""

    async def of_session(self, cookie: str) -> Identity | None:
        account, _, language = cookie.partition("@")
        role, _, service = account.partition(":")
        return Identity(
            user=role, role=Role(role), organisation="main", services=[service] if service else None,
            language=language or "en", secret="s", session="x",
        )  # fmt: skip

    async def of_key(self, _key: str) -> Identity | None:
        return None

    async def still_valid(self, _identity: Identity) -> bool:
        return True


@dataclass
class Served:
    """The page, and what is behind it."""

    folder: Path
    runs: Collection[ReportRun]
    events: list[Event] = field(default_factory=list)
    client: Client = field(init=False)

    async def get(self, path: str, who: str = SUPERVISOR) -> Answer:
        return await self.client.get(path, Cookie=f"callcentre={who}")

    async def run(self, name: str, who: str = SUPERVISOR, token: str | None = None) -> Answer:
        form = urlencode({"csrf": csrf_token("s") if token is None else token, "why": "the meeting"}).encode()
        return await self.client.post(
            f"/reports/{name}/run", form, Cookie=f"callcentre={who}", Sec_Fetch_Site="same-origin"
        )  # fmt: skip

    def made(self, name: str, file: Path) -> None:
        self.runs.put(ReportRun(report=name, began=NOON, ended=NOON, made=NOON, file=str(file)))


@asynccontextmanager
async def reports_served(tmp_path: Path) -> AsyncIterator[Served]:
    """The page; `tmp_path` is the folder of the configuration."""
    daily = {"cron": "0 7 * * mon", "kind": "stats by agent", "folder": "reports"}
    known = {
        "services": {
            name: {"queue": name, "language": "en", "name": {"en": name.title()}} for name in ("support", "sales")
        },
        "reports": [
            {**daily, "name": "all"}, {**daily, "name": "of-support", "service": "support"},
            {**daily, "name": "of-sales", "service": "sales"},
        ],
    }  # fmt: skip
    held = HeldSettings(settings(known))
    found = Served(tmp_path / "reports", Collection(ReportRun))

    async def submit(event: Event) -> None:
        found.events.append(event)

    ports = WebPorts(
        submit=submit, token=lambda: "token", health=lambda: Health(ready=True), registry=CollectorRegistry(),
        clock=lambda: NOON + timedelta(minutes=5), services=lambda key: services_of(held.settings, key),
        reach=lambda key, services: reach_of(held.settings, key, services),
    )  # fmt: skip
    static = StaticFiles()
    pages = Pages(
        ports, lambda: held.settings, static, [Templates("reports", "callcentre.features.reports")], [web.NAVIGATION]
    )
    handlers = web.ReportPages(ports, pages, held, found.runs, tmp_path / "config.yaml")
    rights = [web.SEE, web.RUN, DESCRIPTION, *(each for each in vars(status).values() if isinstance(each, Right))]
    guard = Guard(ports, Rights(rights), [Identifies(Accounts())])
    server = WebServer("127.0.0.1:0", build(ports, [*web.routes(handlers), static.route()], guard, pages.refusal))
    await server.start()
    found.client = Client(server.address)
    try:
        yield found
    finally:
        await server.stop()
