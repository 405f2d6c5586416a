"""Limits per person and day: where the counts are stored, and when they are deleted."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import Bounds, CountsDropped
from callcentre.kernel.limits.rules import DayOver
from callcentre.kernel.settings_in_force.interface import SettingsInForce


def _build(building: Building) -> Iterable[Any]:
    bounds = Bounds()
    dropped = Collection(CountsDropped)
    yield provides(bounds)
    yield bounds.counts
    yield dropped
    yield on(Tick, DayOver(building.need(SettingsInForce), dropped).tick)


COMPONENT = Component(name="limits", build=_build)
