"""Components that still look at the world; each moves to its own package with the views that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.component import Building, Component, performs
from callcentre.kernel.event import Event
from callcentre.kernel.program import (
    ClockFollower,
    Detail,
    Listener,
    Measured,
    NeedsRestart,
    Program,
    Resource,
    Stalls,
    Unready,
)
from callcentre.metrics import of_the_queues
from callcentre.telephony.ari.probe import LINGERS
from callcentre.telephony.link import AsteriskLink
from callcentre.web.component import BeforeAnswer, BeforeFigures
from callcentre.world import World

_NEXT_LOOK = 20.0
"""Seconds that a channel is kept that was made for somebody who looked: a scrape every 15 s needs only one."""


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


ASTERISK = Component(name="asterisk", build=_asterisk)
