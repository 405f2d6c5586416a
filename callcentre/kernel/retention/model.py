"""What a component declares about the rows of a table: how long they are kept, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import replace

from callcentre.config.times import format_duration
from callcentre.kernel.collection import Collection, Ordered
from callcentre.kernel.decision import Change, Delete, Put
from callcentre.kernel.records import Records
from callcentre.kernel.retention.person import Erased, Person

FOR_EVER: Final = "for ever: there are few of them, and nothing in them is about people"
"""How long rows are kept that nothing deletes."""

_ALL: Final = "all"
"""The one group of an order over all records."""


class Retention:
    """How long the rows of a table are kept. A component declares one for each table that it has.

    `holds` says what the rows are, `why` what they are kept for. `keeps` is how long a row is kept after the time in
    its field `since`; or it says in words until when, where that is not one length of time. `below` belongs to words:
    it gives the value of `since` below which a row has expired, for the present time, or None while nothing expires.
    The kernel deletes what has expired. With words alone, a rule of the component ends its rows.

    `needed`: a row is kept as long again when it expires while this holds for it.

    `kind` names a key of `retention` in the configuration, which then says how long, in place of `keeps`. Once the time
    is over, rows are purged at night (`purging.py`): emptied of the person, or deleted, as `purged` says. `person` says
    where the rows lead to a person; None: they do not.
    """

    def __init__(
        self,
        of: Collection[Any] | Records[Any] | sa.Table,
        *,
        holds: str,
        keeps: timedelta | str | None = None,
        why: str,
        kind: str | None = None,
        person: Person | None = None,
        purged: Erased = Erased.EMPTIED,
        since: str = "at",
        below: Callable[[datetime], Any] | None = None,
        needed: Callable[[Any], bool] = lambda _record: False,
    ) -> None:
        table = of if isinstance(of, sa.Table) else of.table
        if table is None:
            raise ValueError(f"{holds}: has no table, and a restart forgets it; declare no retention of it")
        self.table: Final = table
        self.holds: Final = holds
        self.why: Final = why
        self.kind: Final = kind
        self.person: Final = person
        self.purged: Final = purged
        self.keeps: Final = _in_words(keeps, kind)
        self.since: Final = since
        self.of: Final = of
        self._below = _older_than(keeps) if isinstance(keeps, timedelta) else below
        self._needed = needed
        self._order: Ordered[str, Any, Any] | None = None
        if self._below is not None and isinstance(of, Collection):
            self._order = of.ordered(lambda _record: _ALL, lambda record: getattr(record, since))
        if person is not None and (unknown := [name for name in person.columns if name not in self.table.c]):
            raise ValueError(f"{self.table.name}: has no column {', '.join(unknown)} for a person")

    @property
    def key_column(self) -> sa.Column[Any]:
        """The column that is the key of a row of one daemon."""
        return list(self.table.primary_key)[-1]

    def changes(self, at: datetime, most: int) -> list[Change]:
        """What becomes of at most so many records that have expired, the oldest first. Raises `Unreadable`.

        Records are found by their order or by an index; the others are not looked at.
        """
        below = None if self._below is None else self._below(at)
        if below is None:
            return []
        expired = islice(self._expired(below, most), most)
        return [
            Put(replace(record, **{self.since: at})) if self._needed(record) else Delete(record) for record in expired
        ]

    def _expired(self, below: Any, most: int) -> Iterator[Any]:
        if isinstance(self.of, Records):
            return iter(self.of.below(self.since, below, most))
        in_order = iter(()) if self._order is None else self._order.of(_ALL)
        return takewhile(lambda record: getattr(record, self.since) < below, in_order)


def _in_words(keeps: timedelta | str | None, kind: str | None) -> str:
    if kind is not None:
        return f"`retention.{kind}`"
    if keeps is None:
        raise ValueError("say how long the rows are kept, or name a kind")
    return format_duration(keeps) if isinstance(keeps, timedelta) else keeps


def _older_than(length: timedelta) -> Callable[[datetime], datetime]:
    return lambda at: at - length
