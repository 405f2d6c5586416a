"""The alarms as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.alarms import clock_set, nobody_rings
from callcentre.features.alarms.clock_set import ClockAlarm
from callcentre.features.alarms.model import Ringing, SteppedLately
from callcentre.features.alarms.nobody_rings import NobodyRings
from callcentre.features.alarms.timers import ClockSettles
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import ClockStepped, Tick
from callcentre.telephony.events import AgentDialled, ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered
from callcentre.telephony.queue_view.interface import QueueView


def _build(building: Building) -> Iterable[Any]:
    ringing, steps = Ringing(), Collection(SteppedLately)
    phones = NobodyRings(building.need(QueueView), ringing)
    clock = ClockAlarm(steps)
    yield from (ringing.attempts, ringing.silences, steps)
    yield from (clock_set.ALARM, nobody_rings.ALARM)
    yield on(AgentDialled, phones.dialled)
    yield on(ChannelDestroyed, phones.destroyed)
    yield on(QueueAnswered, phones.answered)
    yield on(Synchronised, phones.synchronised)
    yield on(Tick, phones.tick)
    yield on(ClockStepped, clock.stepped)
    yield on(ClockSettles, clock.settled)


COMPONENT = Component(name="alarms", build=_build, after=frozenset({"queue_view"}))
"""Its rules look at the calls of the queue view, so they come after those of the queue view."""
