"""The alarms as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.alarms import clock_set, gateway_fails, nobody_rings
from callcentre.features.alarms.clock_set import ClockAlarm
from callcentre.features.alarms.gateway_fails import GatewayAlarm
from callcentre.features.alarms.model import GatewayFails, Ringing, SteppedLately
from callcentre.features.alarms.nobody_rings import NobodyRings
from callcentre.features.alarms.timers import ClockSettles, GatewaySettles
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import ClockStepped, Tick
from callcentre.messaging.events import TextHandedOver
from callcentre.telephony.events import AgentDialled, ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered
from callcentre.telephony.queue_view.interface import QueueView


def _build(building: Building) -> Iterable[Any]:
    ringing, steps, failing = Ringing(), Collection(SteppedLately), Collection(GatewayFails)
    phones = NobodyRings(building.need(QueueView), ringing)
    clock, gateway = ClockAlarm(steps), GatewayAlarm(failing)
    yield from (ringing.attempts, ringing.silences, steps, failing)
    yield from (clock_set.ALARM, gateway_fails.ALARM, nobody_rings.ALARM)
    yield on(AgentDialled, phones.dialled)
    yield on(ChannelDestroyed, phones.destroyed)
    yield on(QueueAnswered, phones.answered)
    yield on(Synchronised, phones.synchronised)
    yield on(Tick, phones.tick)
    yield on(ClockStepped, clock.stepped)
    yield on(ClockSettles, clock.settled)
    yield on(TextHandedOver, gateway.handed_over)
    yield on(GatewaySettles, gateway.settled)


COMPONENT = Component(name="alarms", build=_build, after=frozenset({"queue_view"}))
"""Its rules look at the calls of the queue view, so they come after those of the queue view."""
