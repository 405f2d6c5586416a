"""The web server as a component: it serves the addresses that all components declare."""

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

diagnostics = structlog.get_logger(__name__)

FEW_CONNECTIONS: Final = 250
"""Fewer for the web server than these are told at the start: gateways, systems and people may then be turned away."""


@dataclass(frozen=True, slots=True)
class BeforeAnswer:
    """Does something before an event from the web is decided, such as reading what the decision rests on."""

    prepare: Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BeforeFigures:
    """Reads what is read only when somebody looks, as far as that is possible within a second."""

    look: Callable[[], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Figures(Collector):
    """All figures of this moment."""

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
        # A registry of our own: none of the process-wide figures of other libraries.
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Figures(lambda: self.program.collect()))
        self.ports = WebPorts(
            submit=self._submit,
            token=lambda: self.settings.settings.http.token,
            trusted_proxies=lambda: [each.network for each in self.settings.settings.http.trusted_proxies],
            health=self.program.health,
            registry=registry,
            look=self._look,
            clock=self.program.clock,
        )

    async def _submit(self, event: Event) -> None:
        """An event from the web server: back when it is decided and on disk."""
        for one in self.prepares:
            await one.prepare(event)
        await self.program.settle(event)

    async def _look(self) -> None:
        for one in self.looks:
            await one.look()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """As long as the daemon answers."""
        if (web := descriptors.for_the_web()) < FEW_CONNECTIONS:
            fix = "raise the hard limit of open files to 4096 or more, with systemd by LimitNOFILE="
            diagnostics.warning("descriptors.few", web_connections=web, fix=fix)
        server = WebServer(str(self.settings.settings.http.listen), build(self.ports, self.routes))
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
    yield NeedsRestart("http.listen", lambda settings: settings.http.listen)
    # Opened after everything that answers rest on.
    yield Resource(serving.open, last=True)


COMPONENT = Component(name="web", build=_build)
