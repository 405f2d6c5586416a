"""All rules together: takes an event and returns the decisions, which are already applied in memory.

Rules are called for facts and commands as for events. So the fact of one component may lead to a decision of another
within the same event.

An event is decided by whole components. When a rule raises, everything that the event changed is undone, and the event
is decided again without that component. So a mistake in one component costs that component's part of the event and
nothing else, and half of a component's part is never committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.kernel.component import Built, ComponentError, Components, On, Owns, Rule, Unowned
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.event import Event, TimerDue
from callcentre.kernel.moments import moved
from callcentre.kernel.records import LiveReader, Records, RecordsOfOthers, RowReader, StoredRows, Unreadable
from callcentre.kernel.timer import Timer, TimerReader


class Kept(Protocol):
    """Where the records of one class are stored: in a collection, or as rows of the database."""

    @property
    def record(self) -> type[Any]: ...

    @property
    def table(self) -> sa.Table | None: ...

    def get(self, key: str) -> Any: ...

    def put(self, record: Any) -> None: ...

    def delete(self, record: Any) -> None: ...


_Placed = tuple[str, Rule[Any]]
"""A rule with the name of its component."""


class Dispatcher:
    """Which rules are called for a class, and where the records of a class are stored.

    `failed` is called when a rule raises: with what the rule was called for, the component, and the exception. Without
    it the exception is raised. Raises ComponentError where components do not fit together.
    """

    def __init__(
        self,
        components: Components,
        failed: Callable[[Any, str, Exception], None] | None = None,
    ) -> None:
        self._failed = failed
        self._rules: dict[type[Any], tuple[_Placed, ...]] = {}
        self._owners: dict[type[Any], dict[str, _Placed]] = {}
        self._unowned: dict[type[Any], _Placed] = {}
        self._kept: dict[type[Any], Kept] = {}
        self._rows: list[Records[Any]] = []
        self._live: list[StoredRows | RecordsOfOthers[Any]] = []
        self._undo: list[tuple[Kept, Any, Any]] = []
        for built in components.built:
            self._take(built)
        timers = [heard for heard in self._rules if issubclass(heard, Timer)]
        self._timers = TimerReader(timers)
        for heard, rules in self._rules.items():
            if issubclass(heard, Timer | Command) and len({name for name, _ in rules}) > 1:
                names = " and ".join(dict.fromkeys(name for name, _ in rules))
                raise ComponentError(f"{names} handle {heard.__name__}: only one component may")

    def _take(self, built: Built) -> None:
        for kept in built.of(Collection):
            self._keep(kept, built.name)
        self._live += (*built.of(StoredRows), *built.of(RecordsOfOthers))
        for rows in built.of(Records):
            self._keep(rows, built.name)
            self._rows.append(rows)
        for heard in built.of(On):
            placed = tuple((built.name, rule) for rule in heard.rules)
            self._rules[heard.heard] = self._rules.get(heard.heard, ()) + placed
        for owned in built.of(Owns):
            owners = self._owners.setdefault(owned.heard, {})
            if owned.address in owners:
                other = owners[owned.address][0]
                raise ComponentError(f"{other} and {built.name} own {owned.heard.__name__} {owned.address!r}")
            owners[owned.address] = (built.name, owned.rule)
        for rest in built.of(Unowned):
            self._owners.setdefault(rest.heard, {})
            self._unowned[rest.heard] = (built.name, rest.rule)

    def _keep(self, kept: Kept, name: str) -> None:
        if kept.record in self._kept:
            raise ComponentError(f"{name} keeps {kept.record.__name__}, which another component keeps too")
        self._kept[kept.record] = kept

    # --- records ---------------------------------------------------------------------------------

    @property
    def collections(self) -> Iterable[Collection[Any]]:
        """Every collection, which is everything in memory."""
        return (kept for kept in self._kept.values() if isinstance(kept, Collection))

    def table_of(self, record: Any) -> sa.Table | None:
        """The table of a record; None for records that a crash may lose."""
        return self._kept[type(record)].table

    def put(self, record: Any) -> None:
        """Store a record; it replaces the one with its key. Used at the start."""
        self._kept[type(record)].put(record)

    def read_from(self, reader: RowReader, live: LiveReader | None = None) -> None:
        """From now on, read rows from this database."""
        for rows in self._rows:
            rows.read_from(reader)
        if live is not None:
            for each in self._live:
                each.read_from(live)

    def closed(self) -> None:
        """What was decided goes to the writer now."""
        for rows in self._rows:
            rows.closed()

    def committed(self, *, alone: bool = True) -> None:
        """What went to the writer is in the database now. `alone`: no other daemon uses the database."""
        for rows in self._rows:
            rows.committed(alone=alone)

    def move(self, delta: timedelta) -> Decision:
        """Move the times of all records in memory, except those that mean the wall clock (`moments.py`)."""
        records = [record for kept in self.collections for record in kept.values()]
        changes = tuple(Put(after) for record in records if (after := moved(record, delta)) is not record)
        decision = Decision(changes=changes)
        self._change(decision)
        self._undo.clear()
        return decision

    def _change(self, decision: Decision) -> None:
        for change in decision.changes:
            record = change.record
            kept = self._kept[type(record)]
            self._undo.append((kept, kept.get(record.key), record))
            if type(change) is Delete:
                kept.delete(record)
            else:
                kept.put(record)

    def _undo_all(self) -> None:
        while self._undo:
            kept, before, record = self._undo.pop()
            if before is None:
                kept.delete(record)
            else:
                kept.put(before)

    # --- rules -----------------------------------------------------------------------------------

    def has_timer(self, key: str) -> bool:
        """Whether a component has the timer with this key."""
        return self._timers.knows(key)

    def decide(self, event: Event) -> list[Decision]:
        """Every decision that the event leads to, in order. Their changes are already applied.

        Raises `Unreadable` when a rule cannot read its records. Then nothing is decided.
        """
        without: set[str] = set()
        while True:
            try:
                decisions = self._decide(event, without)
            except _RuleFailed as failure:
                self._undo_all()
                if self._failed is None:
                    raise failure.mistake from None
                self._failed(failure.heard, failure.component, failure.mistake)
                without.add(failure.component)
            except Unreadable:
                self._undo_all()
                raise
            else:
                self._undo.clear()
                return decisions

    def _decide(self, event: Event, without: set[str]) -> list[Decision]:
        decisions: list[Decision] = []
        item: Any = event
        if type(event) is TimerDue:
            item = self._timers.read(event.key, event.due)
        heard = [item]
        at, rules_for = event.at, self._rules_for
        for item in heard:  # The list grows during the loop.
            for component, rule in rules_for(item):
                if component in without:
                    continue
                try:
                    decision = rule(item, at)
                    if decision is NOTHING:  # The most frequent case: most rules decide nothing about most events.
                        continue
                    if decision.changes:
                        self._change(decision)
                except Unreadable:
                    raise
                except Exception as mistake:
                    raise _RuleFailed(item, component, mistake) from mistake
                decisions.append(decision)
                heard += decision.facts
                heard += decision.commands
        return decisions

    def _rules_for(self, item: Any) -> Iterable[_Placed]:
        kind = type(item)
        rules = self._rules.get(kind, ())
        if kind in self._owners:
            owner = self._owners[kind].get(item.address) or self._unowned.get(kind)
            if owner is not None:
                return (*rules, owner)
        return rules


class _RuleFailed(Exception):  # noqa: N818
    """A rule raised."""

    def __init__(self, heard: Any, component: str, mistake: Exception) -> None:
        super().__init__(component)
        self.heard = heard
        self.component = component
        self.mistake = mistake
