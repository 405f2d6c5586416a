"""Dialling as a component: the outcome of outgoing calls, and whether they reach a network at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import SettingsChanged
from callcentre.kernel.limits.caps import Caps
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.dialling.interface import CallsOfOurs, OwnCalls
from callcentre.telephony.dialling.outgoing import PER_DAY_ALARM, CallNotCounted, Outgoing
from callcentre.telephony.dialling.retention import retentions
from callcentre.telephony.dialling.route import NO_ROUTE_ALARM
from callcentre.telephony.dialling.rules import Dialling
from callcentre.telephony.events import (
    ChannelCreated,
    ChannelDestroyed,
    DialProgress,
    HangupRequested,
    OriginateFailed,
    Synchronised,
)


def _build(building: Building) -> Iterable[Any]:
    rules = building.need(SettingsInForce)
    caps = Caps(rules, building.need(Bounds))
    calls = OwnCalls(rules, building.need(People), Outgoing(), caps, building.all(CallsOfOurs))
    dialling = Dialling(calls)
    yield provides(calls)
    yield from calls.outgoing.collections
    yield from (PER_DAY_ALARM, NO_ROUTE_ALARM)
    yield from retentions(calls.outgoing, rules)
    yield on(ChannelCreated, dialling.created)
    yield on(DialProgress, dialling.progressed)
    yield on(HangupRequested, dialling.hangup_requested)
    yield on(ChannelDestroyed, dialling.destroyed)
    yield on(OriginateFailed, dialling.not_begun)
    yield on(CallNotCounted, dialling.not_counted)
    yield on(Synchronised, dialling.synchronised, dialling.with_their_rules)
    yield on(ErasureBegun, dialling.erased)
    yield on(SettingsChanged, dialling.with_their_rules, dialling.try_at_once)


COMPONENT = Component(name="dialling", build=_build)
"""It comes before the components that make calls, because it tells them when a call failed."""
