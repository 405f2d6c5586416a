"""Retention as a component, and how long the tables of the kernel keep their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel import schema
from callcentre.kernel.clock_steps.model import ClockSteps
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import Tick
from callcentre.kernel.retention.model import FOR_EVER, Retention
from callcentre.kernel.retention.rules import Expiry


def _build(building: Building) -> Iterable[Any]:
    yield on(Tick, Expiry(building.all(Retention), building.need(ClockSteps)).tick)
    yield Retention(
        schema.journal,
        holds="Facts: what happened, with masked numbers and keyed hashes",
        keeps=FOR_EVER,
        why="the history of calls and callbacks, and what the figures are computed from",
    )
    yield Retention(
        schema.outbox,
        holds="Effects to carry out, such as texts with their numbers",
        keeps="until the outcome is known",
        why="a crash loses no effect",
    )
    yield Retention(
        schema.timers,
        holds="Times at which components act, such as the next try of a callback",
        keeps="until the timer falls due or is cancelled",
        why="a restart loses no timer",
    )
    yield Retention(
        schema.meta,
        holds="Single values: the key of the hashes, how far the log is written, the time of the last transaction",
        keeps="for ever; each is replaced by its next value",
        why="a restart goes on where the daemon stopped",
    )


COMPONENT = Component(name="retention", build=_build)
