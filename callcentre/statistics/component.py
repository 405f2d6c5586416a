"""The ledger as a component."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import getdoc
from typing import Any

from callcentre.kernel.component import Building, Component
from callcentre.kernel.projection import Projects
from callcentre.kernel.retention.model import FOR_EVER, Retention
from callcentre.kernel.retention.person import IDS, Erased, Person
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.projection import LedgerProjection
from callcentre.statistics.records import RecordTable
from callcentre.statistics.tables import ledger_table


def _build(building: Building) -> Iterable[Any]:
    shape = building.need(LedgerShape)
    yield Projects(LedgerProjection(shape))
    for kept in shape.tables:
        holds = getdoc(kept.record) or kept.name
        yield Retention(
            ledger_table(kept),
            holds=holds.partition("\n\n")[0],
            keeps=FOR_EVER if kept.kind is None else None,
            kind=kept.kind,
            since=kept.counts_at or "",
            why="figures and exports",
            person=_person(kept),
        )


def _person(kept: RecordTable) -> Person | None:
    """Where records lead to a person: they name people as facts do."""
    fields = kept.record.__struct_fields__
    caller, masks = (tuple(name for name in (one,) if name in fields) for one in ("caller", "number"))
    ids = tuple(name for name in IDS if name in fields)
    return Person(erased=Erased.EMPTIED, caller=caller, masks=masks, ids=ids) if caller or masks or ids else None


COMPONENT = Component(name="statistics", build=_build)
