"""Dialling as a component: what becomes of the calls that we make, and whether they reach a network at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import SettingsChanged
from callcentre.telephony.dialling.interface import CallsOfOurs
from callcentre.telephony.dialling.rules import Dialling
from callcentre.telephony.events import (
    ChannelCreated,
    ChannelDestroyed,
    DialProgress,
    HangupRequested,
    OriginateFailed,
    Synchronised,
)
from callcentre.world import World


def _build(building: Building) -> Iterable[Any]:
    calls = building.need(World).own_calls
    calls.makers = building.all(CallsOfOurs)
    dialling = Dialling(calls)
    yield provides(calls)
    yield from calls.outgoing.collections
    yield on(ChannelCreated, dialling.created)
    yield on(DialProgress, dialling.progressed)
    yield on(HangupRequested, dialling.hangup_requested)
    yield on(ChannelDestroyed, dialling.destroyed)
    yield on(OriginateFailed, dialling.not_begun)
    yield on(Synchronised, dialling.synchronised, dialling.with_their_rules)
    yield on(SettingsChanged, dialling.with_their_rules, dialling.try_at_once)


COMPONENT = Component(name="dialling", build=_build)
"""It comes before the components that make calls: they learn from it that a call was in vain."""
