"""The ledger as a component."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import getdoc
from typing import Any

from callcentre.kernel.component import Building, Component
from callcentre.kernel.projection import Projects
from callcentre.kernel.retention.model import FOR_EVER, Retention
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.projection import LedgerProjection
from callcentre.statistics.tables import ledger_table


def _build(building: Building) -> Iterable[Any]:
    shape = building.need(LedgerShape)
    yield Projects(LedgerProjection(shape))
    for kept in shape.tables:
        holds = getdoc(kept.record) or kept.name
        yield Retention(ledger_table(kept), holds=holds.partition("\n\n")[0], keeps=FOR_EVER, why="figures and exports")


COMPONENT = Component(name="statistics", build=_build)
