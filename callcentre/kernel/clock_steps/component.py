"""The steps of the clock as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.clock_steps.model import ClockSteps
from callcentre.kernel.clock_steps.rules import Confirming
from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import ClockStepped, WasOff


def _build(_building: Building) -> Iterable[Any]:
    steps = ClockSteps()
    rules = Confirming(steps)
    yield provides(steps)
    yield steps.forward
    yield on(ClockStepped, rules.stepped)
    yield on(WasOff, rules.was_off)


COMPONENT = Component(name="clock_steps", build=_build)
