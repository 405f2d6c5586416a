"""The link to Asterisk as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from callcentre.kernel.component import Building, Component, performs, provides
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
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.dialling.interface import OwnCalls
from callcentre.telephony.metrics import collected
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.settings import AriSettings
from callcentre.web.component import BeforeFigures

_NEXT_LOOK: Final = 20.0
"""Seconds that a channel made for a look is kept: scrapes every 15 s then need only one."""


def _build(building: Building) -> Iterable[Any]:
    view = building.need(QueueView)
    own_calls = building.need(OwnCalls)
    link = AsteriskLink(
        building.need(SettingsInForce), view, building.need(Program),
        is_wanted=lambda call: own_calls.about(call) is not None,
    )  # fmt: skip
    yield provides(link)
    yield Resource(link.open)
    yield Listener(link.listen)
    yield from (performs(effect, perform) for effect, perform in link.performer.performers().items())
    yield Stalls(link.stalled)
    yield ClockFollower(link.clock_stepped)
    yield NeedsRestart("ari", lambda settings: settings.section(AriSettings))
    yield Unready("asterisk", link.why_not_ready)
    yield Unready("overload", lambda: "Asterisk's events are late" if view.calls.overload else None)
    yield Detail("calls", lambda: len(view.calls.calls))
    yield Measured(lambda: collected(view))
    yield BeforeFigures(lambda: link.look(link.queues(), _NEXT_LOOK))


COMPONENT = Component(name="asterisk", build=_build)
