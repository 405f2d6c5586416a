"""The web server as a component: it serves the routes that all components declare."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from callcentre.kernel.component import Building, Component, provides
from callcentre.kernel.event import Event
from callcentre.kernel.program import NeedsRestart, Program, Resource
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web import descriptors
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from callcentre.web.settings import HttpSettings

diagnostics = structlog.get_logger(__name__)

FEW_CONNECTIONS: Final = 250
"""With fewer connections for the web server a warning is logged at the start: clients may then be turned away."""


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
    ports: WebPorts = field(init=False)

    def __post_init__(self) -> None:
        # A registry of our own, without the process-wide metrics of other libraries.
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(lambda: self.program.collect()))
        self.ports = WebPorts(
            submit=self._submit,
            token=lambda: self._http.token,
            trusted_proxies=lambda: [each.network for each in self._http.trusted_proxies],
            health=self.program.health,
            registry=registry,
            look=self._look,
            clock=self.program.clock,
        )

    @property
    def _http(self) -> HttpSettings:
        return self.settings.settings.section(HttpSettings)

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
        if (web := descriptors.for_the_web()) < FEW_CONNECTIONS:
            fix = "raise the hard limit of open files to 4096 or more, with systemd by LimitNOFILE="
            diagnostics.warning("descriptors.few", web_connections=web, fix=fix)
        server = WebServer(str(self._http.listen), build(self.ports, self.routes))
        await server.start()
        try:
            yield
        finally:
            await server.stop()


def _build(building: Building) -> Iterable[Any]:
    serving = _Serving(
        building.need(SettingsInForce),
        building.need(Program),
        building.all(Route),
        building.all(BeforeAnswer),
        building.all(BeforeFigures),
    )
    yield provides(serving.ports)
    yield NeedsRestart("http.listen", lambda settings: settings.section(HttpSettings).listen)
    # Opened after everything that answers depend on.
    yield Resource(serving.open, last=True)


COMPONENT = Component(name="web", build=_build)
