"""Components that still look at the world; each moves to its own package with the views that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from callcentre.features.alarms import feature as alarms
from callcentre.features.callbacks import feature as callbacks
from callcentre.features.callbacks import open_callbacks
from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.ports import CallbackPorts
from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.callbacks.story import story_of
from callcentre.features.clock import feature as clock
from callcentre.kernel.component import Building, Component, performs
from callcentre.kernel.event import Event
from callcentre.kernel.feature import Feature
from callcentre.kernel.program import (
    ClockFollower,
    Detail,
    Listener,
    Measured,
    NeedsRestart,
    Program,
    Reloads,
    Resource,
    Stalls,
    Unready,
)
from callcentre.messaging import hooks
from callcentre.messaging.effects import SendText
from callcentre.messaging.outbound import Outbound
from callcentre.messaging.sending import GatewayInUse
from callcentre.metrics import of_the_callbacks, of_the_queues, of_the_texts
from callcentre.telephony.ari.probe import LINGERS
from callcentre.telephony.link import AsteriskLink
from callcentre.web.component import BeforeAnswer, BeforeFigures
from callcentre.web.ports import WebPorts
from callcentre.world import World

_NEXT_LOOK = 20.0
"""Seconds that a channel is kept that was made for somebody who looked: a scrape every 15 s needs only one."""


def _of_world(name: str, feature: Callable[[World], Feature]) -> Component:
    return Component(name=name, build=lambda building: feature(building.need(World)).declarations)


def _asterisk(building: Building) -> Iterable[Any]:
    world, program = building.need(World), building.need(Program)
    link = AsteriskLink(world, world.queue_view, program)
    yield Resource(link.open)
    yield Listener(link.listen)
    yield from (performs(effect, perform) for effect, perform in link.performer.performers().items())
    yield Stalls(link.stalled)
    yield ClockFollower(link.clock_stepped)
    yield NeedsRestart("ari", lambda settings: settings.ari)
    yield Unready("asterisk", link.why_not_ready)
    yield Detail("calls", lambda: len(world.calls.calls))
    yield Measured(lambda: of_the_queues(world))
    yield BeforeFigures(lambda: link.look(link.queues(), _NEXT_LOOK))

    async def before_request(event: Event) -> None:
        if isinstance(event, CallbackRequested) and (service := world.settings.services.get(event.service)):
            await link.look([service.queue], LINGERS)

    yield BeforeAnswer(before_request)


def _sending(building: Building) -> Iterable[Any]:
    world, program, ports = building.need(World), building.need(Program), building.need(WebPorts)

    sending = GatewayInUse(world.settings, program.clock, building.need(Outbound).unwanted)
    yield performs(SendText, sending.send)
    yield Resource(sending.open)
    yield Reloads(sending.reloaded)
    yield Measured(lambda: of_the_texts(world))
    yield from hooks.routes(ports, lambda: sending.gateway, lambda: world.settings.http.token_of_hooks)


def _addresses(building: Building) -> Iterable[Any]:
    world, program, ports = building.need(World), building.need(Program), building.need(WebPorts)
    yield from callbacks_web.routes(ports, callback_ports(world, program))
    yield Measured(lambda: of_the_callbacks(world))


def callback_ports(world: World, program: Program) -> CallbackPorts:
    """The open callbacks for the web server."""

    def services() -> list[str]:
        settings = world.settings
        return [name for name, one in settings.services.items() if one.section(CallbackSettings) and settings.dialling]

    return CallbackPorts(
        listed=lambda service, at: open_callbacks.listed(world, service, at),
        found=lambda name, at: open_callbacks.found(world, name, at),
        answer=lambda event: open_callbacks.answer_to(world, event),
        services=services,
        settled=program.settled,
        story=lambda name: story_of(name, program.database),
    )


WORLD = Component(name="world", build=lambda building: building.need(World).declarations())
CALLBACKS = _of_world("callback", callbacks.feature)
ALARMS = _of_world("alarms", alarms.feature)
CLOCK = _of_world("clock", clock.feature)
ASTERISK = Component(name="asterisk", build=_asterisk)
SENDING = Component(name="sending", build=_sending)
ADDRESSES = Component(name="addresses", build=_addresses)
