"""The web server as a component: it serves the routes that all components declare."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from callcentre.kernel.component import Building, Component, provides
from callcentre.kernel.event import Event
from callcentre.kernel.journal import HearsCommits
from callcentre.kernel.limits.settings import CapsSettings
from callcentre.kernel.ownership import reach_of
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import NeedsRestart, Program, Resource
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web import descriptors
from callcentre.web.guard import Guard, Identifies
from callcentre.web.live.hub import Facts, Hub
from callcentre.web.live.missed import facts_after, newest_fact
from callcentre.web.live.panel import Panel
from callcentre.web.live.stream import Stream
from callcentre.web.pages import NavigationEntry, Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.rights import PEOPLE, SCREENS, SUPERVISORS, Right, Rights
from callcentre.web.routes import Route
from callcentre.web.server import DESCRIPTION, WebServer, build
from callcentre.web.settings import HttpSettings, RequestCaps
from callcentre.web.static_files import StaticFiles
from callcentre.web.visitor import Visitor, services_of

diagnostics = structlog.get_logger(__name__)

FEW_CONNECTIONS: Final = 250
"""With fewer connections for the web server a warning is logged at the start: clients may then be turned away."""

SEE_STREAM: Final = Right("live.follow", "Have pages kept current", PEOPLE | SCREENS)
SEE_FACTS: Final = Right("live.facts", "Follow what happens in one's services", PEOPLE)
SEE_ALL_FACTS: Final = Right("live.all_facts", "Follow what happens in no service, such as alarms", SUPERVISORS)


@dataclass(frozen=True, slots=True)
class BeforeAnswer:
    """Called before an event from the web is decided, for example to read what the decision depends on."""

    prepare: Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BeforeFigures:
    """Reads figures that are read only on demand, as far as that is possible within a second."""

    look: Callable[[], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Figures(Collector):
    """All metrics at this moment."""

    collects: Callable[[], Iterable[Metric]]

    def collect(self) -> Iterable[Metric]:
        return self.collects()


@dataclass(slots=True)
class _Serving:
    settings: SettingsInForce
    program: Program
    routes: Sequence[Route]
    prepares: Sequence[BeforeAnswer]
    looks: Sequence[BeforeFigures]
    rights: Rights
    identifies: Sequence[Identifies]
    refusal: Callable[[web.Request, int, str], web.Response] | None = None
    ports: WebPorts = field(init=False)

    def __post_init__(self) -> None:
        # A registry of our own, without the process-wide metrics of other libraries.
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(lambda: self.program.collect()))
        self.ports = WebPorts(
            submit=self._submit,
            token=lambda: self._http.token,
            services=lambda organisation: services_of(self.settings.settings, organisation),
            reach=lambda organisation, services: reach_of(self.settings.settings, organisation, services),
            requests_per_second=self._requests_per_second,
            public_url=lambda: self._http.public_url,
            trusted_proxies=lambda: [each.network for each in self._http.trusted_proxies],
            health=self.program.health,
            registry=registry,
            look=self._look,
            clock=self.program.clock,
        )

    @property
    def _http(self) -> HttpSettings:
        return self.settings.settings.section(HttpSettings)

    def _requests_per_second(self, organisation: str | None) -> int | None:
        known = self.settings.settings.organisation(organisation)
        return None if known is None else known.section(CapsSettings).section(RequestCaps).requests_per_second

    async def _submit(self, event: Event) -> None:
        """Submit an event from the web server, and return when it is decided and on disk."""
        for one in self.prepares:
            await one.prepare(event)
        await self.program.settle(event)

    async def _look(self) -> None:
        for one in self.looks:
            await one.look()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The daemon answers requests within this context."""
        if (few := descriptors.for_the_web()) < FEW_CONNECTIONS:
            fix = "raise the hard limit of open files to 4096 or more, with systemd by LimitNOFILE="
            diagnostics.warning("descriptors.few", web_connections=few, fix=fix)
        app = build(self.ports, self.routes, Guard(self.ports, self.rights, self.identifies), self.refusal)
        server = WebServer(str(self._http.listen), app)
        await server.start()
        try:
            yield
        finally:
            await server.stop()


@dataclass(slots=True)
class _Live:
    """The hub and its stream."""

    settings: SettingsInForce
    program: Program
    reads: Reads
    pages: Pages
    identifies: Sequence[Identifies]
    panels: Sequence[Panel]
    hub: Hub = field(init=False)
    stream: Stream = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(self.panels, node=self._node, clock=self.program.clock, render=self._render)
        self.stream = Stream(
            self.hub, self._node, self.program.clock, _facts_of, self._missed, self._newest, self._still_valid
        )

    def _node(self) -> str:
        return self.program.database.node

    def _render(self, panel: Panel, service: str, state: Any, language: str) -> str:
        return self.pages.text(panel.template, language, state=state, service=service)

    async def _missed(self, visitor: Visitor, after: int, most: int) -> Sequence[Mapping[str, Any]]:
        reach = reach_of(self.settings.settings, visitor.organisation, visitor.identity.services)
        return await facts_after(self.reads, reach, self._node(), after, most)

    async def _newest(self) -> int:
        return await newest_fact(self.reads, self._node())

    async def _still_valid(self, visitor: Visitor) -> bool:
        if not visitor.identity.session:
            return True
        valid = [await each.identities.still_valid(visitor.identity) for each in self.identifies]
        return any(valid)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Pages are kept current within this context."""
        tasks = [
            asyncio.create_task(self.hub.run(), name="live pages"),
            asyncio.create_task(self.stream.look_at_sessions(), name="sessions of live pages"),
            asyncio.create_task(self.stream.send_clock(), name="clock of live pages"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _facts_of(visitor: Visitor) -> Facts:
    if not visitor.may(SEE_FACTS):
        return Facts.NONE
    return Facts.ALL if visitor.may(SEE_ALL_FACTS) else Facts.OF_SERVICES


def _build(building: Building) -> Iterable[Any]:
    settings, program = building.need(SettingsInForce), building.need(Program)
    rights, identifies = Rights(building.all(Right)), building.all(Identifies)
    serving = _Serving(
        settings,
        program,
        building.all(Route),
        building.all(BeforeAnswer),
        building.all(BeforeFigures),
        rights,
        identifies,
    )
    static = StaticFiles()
    pages = Pages(
        serving.ports, lambda: settings.settings, static, building.all(Templates), building.all(NavigationEntry)
    )
    serving.refusal = pages.refusal
    live = _Live(settings, program, building.need(Reads), pages, identifies, building.all(Panel))
    yield provides(serving.ports)
    yield provides(rights)
    yield provides(pages)
    yield provides(live.hub)
    yield from (SEE_STREAM, SEE_FACTS, SEE_ALL_FACTS, DESCRIPTION)
    yield static.route()
    yield Route(
        method="GET", path="/live", handler=live.stream.handler, guard="page", right=SEE_STREAM, key_in_query=True
    )
    yield HearsCommits(live.hub.heard)
    yield NeedsRestart("http.listen", lambda settings: settings.section(HttpSettings).listen)
    yield Resource(live.open)
    # Opened after everything that answers depend on.
    yield Resource(serving.open, last=True)


COMPONENT = Component(name="web", build=_build)
