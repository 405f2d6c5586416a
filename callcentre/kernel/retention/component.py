"""Retention as a component, and how long the tables of the kernel keep their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel import schema
from callcentre.kernel.clock_steps.model import ClockSteps
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import Tick
from callcentre.kernel.records import StoredRows
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import IDS, Erased, Person
from callcentre.kernel.retention.purging import Purging
from callcentre.kernel.retention.rules import Expiry
from callcentre.kernel.settings_in_force.interface import SettingsInForce


def _build(building: Building) -> Iterable[Any]:
    declared, stored = building.all(Retention), StoredRows()
    purging = Purging(declared, building.need(SettingsInForce), stored)
    yield from (stored, purging.noted)
    yield on(Tick, Expiry(declared, building.need(ClockSteps)).tick, purging.tick)
    yield Retention(
        purging.noted,
        holds="How far old rows were purged, and since when the clock is trusted",
        keeps="for ever; each is replaced by its next value",
        why="each night goes on where the last one ended",
    )
    yield Retention(
        schema.journal,
        holds="Facts: what happened, with masked numbers and keyed hashes",
        kind="journal",
        purged=Erased.DELETED,
        why="the history of calls and callbacks, and what the figures are computed from",
        person=Person(erased=Erased.EMPTIED, caller=("caller",), masks=("number",), ids=IDS, inside=("further",)),
    )
    yield Retention(
        schema.outbox,
        holds="Effects to carry out, such as texts with their numbers",
        keeps="until the outcome is known",
        why="a crash loses no effect",
        person=Person(erased=Erased.ENDED, inside=("effect",)),
    )
    yield Retention(
        schema.timers,
        holds="Times at which components act, such as the next try of a callback",
        keeps="until the timer falls due or is cancelled",
        why="a restart loses no timer",
        person=Person(erased=Erased.ENDED, inside=("key",)),
    )
    yield Retention(
        schema.meta,
        holds="Single values: the key of the hashes, how far the log is written, the time of the last transaction",
        keeps="for ever; each is replaced by its next value",
        why="a restart goes on where the daemon stopped",
    )


COMPONENT = Component(name="retention", build=_build)
