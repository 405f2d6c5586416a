"""The ledger as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component
from callcentre.kernel.projection import Projects
from callcentre.statistics.projection import LedgerProjection


def _build(_building: Building) -> Iterable[Any]:
    yield Projects(LedgerProjection())


COMPONENT = Component(name="statistics", build=_build)
