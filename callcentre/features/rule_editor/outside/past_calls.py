"""Tries two configurations on the calls that the ledger has. It runs in the worker process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import sqlalchemy as sa

from callcentre.features.rule_editor.outside.messages import Compared, Figures, Reason, Tried, WhatIf
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.reading import read_only
from callcentre.what_if.past import MakePastRule
from callcentre.what_if.replay import Moment, Replay
from callcentre.what_if.staffing import Signs, Staffing
from callcentre.what_if.summary import Summary
from callcentre.what_if.trying import tried
from callcentre.what_if.visits import PastVisit, entries_of

if TYPE_CHECKING:
    from callcentre.config.settings import Settings

MOST_CALLS: Final = 50_000
"""The latest calls that are looked at."""

_COLUMNS: Final = PastVisit.__struct_fields__
_VISITS: Final = sa.table("visits", *(sa.column(name) for name in ("node", "position", *_COLUMNS)))


def compared(question: WhatIf, old: Settings, new: Settings, made: Sequence[MakePastRule]) -> Tried:
    """What both would have done. A service that only one of them has is left out."""
    try:
        visits = _visits(question)
    except StoreError:
        return Tried(problem="database")
    moments = _moments(visits, old)
    names = [name for name in new.services if name in old.services]
    before, after = (tried(settings, made, moments, names) for settings in (old, new))
    services = [_compared(before[name], after[name], name) for name in names]
    return Tried(services=services, calls=len(visits))


def _visits(question: WhatIf) -> list[PastVisit]:
    """The latest calls since a time, in order. Raises `StoreError`."""
    columns = _VISITS.c
    statement = (
        sa.select(*(columns[name] for name in _COLUMNS))
        .where(columns.node == question.node, columns.joined >= question.since, columns.position.is_not(None))
        .order_by(columns.joined.desc())
        .limit(MOST_CALLS)
    )
    with read_only(Database(question.database, question.node)) as connection:
        rows = connection.execute(statement).mappings().all()
    found = [msgspec.convert(dict(row), PastVisit) for row in rows if row["queue"] is not None]
    return found[::-1]


def _moments(visits: Sequence[PastVisit], settings: Settings) -> Sequence[Moment]:
    dialled = {name: service.numbers[0] for name, service in settings.services.items() if service.numbers}
    entries = entries_of(visits, dialled)
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    return list(Replay(Staffing(signs)).moments(entries))


def _compared(before: Summary, after: Summary, name: str) -> Compared:
    reasons: dict[tuple[str, str], list[int]] = {}
    for place, summary in enumerate((before, after)):
        for row in summary.by_reason():
            counts = reasons.setdefault((str(row["rule"]), str(row["outcome"])), [0, 0])
            counts[place] = int(row["calls"] or 0)
    return Compared(
        service=name,
        before=_figures(before),
        after=_figures(after),
        reasons=[
            Reason(rule=rule, outcome=outcome, before=old, after=new)
            for (rule, outcome), (old, new) in reasons.items()
            if old != new
        ],
    )


def _figures(summary: Summary) -> Figures:
    figures: Mapping[str, str | int | None] = summary.total()
    return {name: None if value is None else int(value) for name, value in figures.items()}
