"""What is older than `retention` allows leaves at night, a few rows in each second.

Facts are deleted. Records that figures are made of stay, without the person: their masks, hashes and ids are emptied.

Nothing leaves while the clock is in doubt. When it was set forward by more than a day, or the daemon was off for so
long, which looks the same, the next purge is a day of running later. So a clock that is wrong for some hours
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, ClassVar, Final

from callcentre.kernel import schema
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put, Record, Rewrite
from callcentre.kernel.event import Tick
from callcentre.kernel.journal import CURSOR
from callcentre.kernel.records import Records, StoredRows, Unreadable
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import LEAD_NOWHERE, Erased
from callcentre.kernel.retention.settings import RetentionSettings
from callcentre.kernel.settings_in_force.interface import SettingsInForce

NIGHT: Final = range(1, 5)
"""Hours of the day, in the timezone of the configuration."""

MOST: Final = 200
"""Rows of a table that leave in a second, in one transaction."""

DOUBT: Final = timedelta(days=1)
"""A longer time without a tick means that the clock may have been set. It is trusted again after as long."""

_NOTED: Final = timedelta(hours=1)
"""How often it is noted that the clock goes on as it should, and how far a table may lag behind."""

_SINCE, _SEEN = "clock trusted since", "clock seen"
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Noted(Record, frozen=True, kw_only=True):
    """A time under a name: up to which time the rows of a table have no person any more, or what is known of the clock.

    `name` is that of the table.
    """

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})

    name: str
    at: datetime

    @property
    def key(self) -> str:
        return self.name


@dataclass(slots=True)
class Purging:
    """The rules. `declared` are the retentions of all components."""

    declared: Sequence[Retention]
    rules: SettingsInForce
    stored: StoredRows
    noted: Collection[Noted] = field(default_factory=lambda: Collection(Noted, table="purges", key="name"))

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Have some of what is too old leave, if it is night and the clock is trusted."""
        decision, since = self._watch(at)
        if at.astimezone(self.rules.settings.timezone).hour not in NIGHT or at - since < DOUBT:
            return decision
        lengths = self.rules.settings.section(RetentionSettings)
        for retention in self.declared:
            length = None if retention.kind is None else getattr(lengths, retention.kind)
            if length is not None:
                try:
                    decision += self._purged(retention, at - length)
                except Unreadable:
                    # It can wait. The tick, and what other components do with it, cannot.
                    continue
        return decision

    # --- the clock -------------------------------------------------------------------------------

    def _watch(self, at: datetime) -> tuple[Decision, datetime]:
        """Note that the clock goes on, and since when it is trusted."""
        seen, since = self._time(_SEEN, _BEGINNING), self._time(_SINCE, _BEGINNING)
        if at - seen > DOUBT or at < since:
            return Decision(changes=(Put(Noted(name=_SINCE, at=at)), Put(Noted(name=_SEEN, at=at)))), at
        if abs(at - seen) >= _NOTED:
            return Decision(changes=(Put(Noted(name=_SEEN, at=at)),)), since
        return NOTHING, since

    def _time(self, name: str, unknown: datetime) -> datetime:
        noted = self.noted.get(name)
        return unknown if noted is None else noted.at

    # --- rows ------------------------------------------------------------------------------------

    def _purged(self, retention: Retention, below: datetime) -> Decision:
        if retention.purged is Erased.DELETED:
            if isinstance(retention.of, Records):
                old = retention.of.below(retention.since, below, MOST)
                return Decision(changes=tuple(Delete(record) for record in old)) if old else NOTHING
            return Decision(rewrites=tuple(self._deleted(retention, below)))
        return self._emptied(retention, below)

    def _deleted(self, retention: Retention, below: datetime) -> Iterator[Rewrite]:
        """Facts leave in the order of their numbers, once they are in the log."""
        key, name = retention.key_column, str(retention.table.name)
        logged = next(iter(self.stored.span(schema.meta.c.key, CURSOR, CURSOR, 1)), None)
        last = int(logged["value"]) if logged is not None else 0
        # One row is looked at first: on most ticks it is not old enough.
        for most in (1, MOST):
            rows = self.stored.span(key, 0, last, most)
            old = list(takewhile(lambda row: row[retention.since] < below, rows))
            if not old:
                return
        for row in old:
            yield Rewrite(name, row[key.name], None)

    def _emptied(self, retention: Retention, below: datetime) -> Decision:
        """Records stay without the person, in the order of their times."""
        name = str(retention.table.name)
        done = self._time(name, _BEGINNING)
        if below - done < _NOTED:
            return NOTHING
        time = retention.table.c[retention.since]
        begin, end = (_as_stored(one, time.type.python_type) for one in (done, below))
        rows = list(self.stored.span(time, begin, end, MOST))
        rewrites = tuple(
            Rewrite(name, row[retention.key_column.name], values)
            for row in rows
            if (values := dict(_without_person(retention, row)))
        )
        until = below if len(rows) < MOST else _as_time(rows[-1][retention.since])
        if until <= done:
            # More rows than these have one time: go on behind it.
            until = done + timedelta(milliseconds=1)
        return Decision(changes=(Put(Noted(name=name, at=until)),), rewrites=rewrites)


def _as_stored(at: datetime, kind: type[Any]) -> Any:
    """A time as a column has it: records of the ledger have milliseconds since 1970."""
    return round(at.timestamp() * 1000) if kind is int else at


def _as_time(stored: Any) -> datetime:
    return stored if isinstance(stored, datetime) else _BEGINNING + timedelta(milliseconds=stored)


def _without_person(retention: Retention, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns of a row that change. Later facts find an open record by its ids: it keeps them."""
    person = retention.person
    if person is None:
        return
    ids = () if row.get("open") else [name for name in person.ids if name not in LEAD_NOWHERE]
    for name in (*person.caller, *person.masks, *ids):
        empty = None if retention.table.c[name].nullable else ""
        if row[name] != empty:
            yield name, empty
    for name, empty in person.empties.items():
        if row[name] != empty:
            yield name, empty
