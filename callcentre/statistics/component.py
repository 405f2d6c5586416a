"""The ledger as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component
from callcentre.kernel.projection import Projects
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.projection import LedgerProjection


def _build(building: Building) -> Iterable[Any]:
    yield Projects(LedgerProjection(building.need(LedgerShape)))


COMPONENT = Component(name="statistics", build=_build)
