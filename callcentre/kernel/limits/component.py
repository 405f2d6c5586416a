"""Limits per person and day: where the counts are stored, and when they are deleted."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, provides
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.days import day_of


def _build(building: Building) -> Iterable[Any]:
    rules, bounds = building.need(SettingsInForce), Bounds()
    yield provides(bounds)
    yield bounds.counts
    yield Retention(
        bounds.counts,
        holds="How often each person took a callback, got a text and so on, by keyed hash",
        keeps="until the midnight after the day that is counted",
        why="the limits for each person and day",
        since="day",
        below=lambda at: day_of(at, rules.settings.timezone),
        person=Person(erased=Erased.DELETED, caller=("person",), inside=("key",)),
    )


COMPONENT = Component(name="limits", build=_build)
