"""Erasing a person as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, performs, provides
from callcentre.kernel.erasure.effects import CleanDatabase, EraseRows
from callcentre.kernel.erasure.events import ErasureBegun, RowsErased, RowsFound
from callcentre.kernel.erasure.performing import Erasures, NotNow
from callcentre.kernel.erasure.rules import Erasing
from callcentre.kernel.people import People
from callcentre.kernel.program import Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.settings_in_force.interface import SettingsInForce


def _build(building: Building) -> Iterable[Any]:
    declared = building.all(Retention)
    erasing = Erasing(declared)
    erasures = Erasures(
        building.need(Program), building.need(People), building.need(SettingsInForce), declared, building.all(NotNow)
    )
    yield provides(erasures)
    yield on(ErasureBegun, erasing.begun)
    yield on(RowsFound, erasing.found)
    yield on(RowsErased, erasing.erased)
    yield performs(EraseRows, erasures.erase_rows)
    yield performs(CleanDatabase, erasures.clean_database)


COMPONENT = Component(name="erasure", build=_build)
"""The last of the kernel's components: what is open has a rule in the component that has it open."""
