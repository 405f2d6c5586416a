"""All rooms together: an event goes in, and what they conclude comes out, in memory already.

Facts and asks are heard like events, so one feature's fact may lead to another's decision within the same event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from callcentre.kernel.decision import Decision, Delete, Put
from callcentre.kernel.event import Event
from callcentre.kernel.feature import Feature, Rule, Shelf
from callcentre.kernel.moments import moved


class House:
    """Which rule listens to what, and where which record is kept.

    `mistaken` hears of a rule that raised: its decision is left out, the other rules still decide. Without it the
    exception goes on.
    """

    def __init__(self, features: Iterable[Feature], mistaken: Callable[[Any, Exception], None] | None = None) -> None:
        self._rules: dict[type[Any], list[Rule]] = {}
        self._shelves: dict[type[Any], Shelf] = {}
        self._kept: dict[type[Any], dict[str, Any]] = {}
        self._mistaken = mistaken
        for feature in features:
            for shelf in feature.shelves:
                self._shelves[shelf.record] = shelf
            for heard, rules in (feature.rules or {}).items():
                self._rules.setdefault(heard, []).extend(rules)

    @property
    def shelves(self) -> Iterable[Shelf]:
        """Every place where records are kept."""
        return self._shelves.values()

    def shelf_of(self, record: Any) -> Shelf:
        """Where a record is kept."""
        return self._shelves[type(record)]

    def put(self, record: Any) -> None:
        """Take a record in place of the one with its key."""
        shelf = self._shelves[type(record)]
        if shelf.read_back:
            kept = self._kept.setdefault(type(record), {})
            # The newest last: some records are forgotten in the order in which they were put.
            kept.pop(record.key, None)
            kept[record.key] = record
        shelf.records.put(record)

    def _delete(self, record: Any) -> None:
        self._kept.get(type(record), {}).pop(record.key, None)
        self._shelves[type(record)].records.delete(record)

    def move(self, delta: timedelta) -> Decision:
        """Move the times of all records that rules look at, but for those that mean the wall (`moments.py`)."""
        records = [record for kept in self._kept.values() for record in kept.values()]
        changes = tuple(Put(after) for record in records if (after := moved(record, delta)) is not record)
        decision = Decision(changes=changes)
        self._put(decision)
        return decision

    def decide(self, event: Event) -> list[Decision]:
        """Every decision that the event leads to, in order; their changes hold from now on."""
        decisions: list[Decision] = []
        heard: deque[Any] = deque((event,))
        while heard:
            item = heard.popleft()
            for rule in self._rules.get(type(item), ()):
                try:
                    decision = rule(item, event.at)
                except Exception as mistake:
                    if self._mistaken is None:
                        raise
                    self._mistaken(item, mistake)
                    continue
                self._put(decision)
                decisions.append(decision)
                heard.extend(decision.facts)
                heard.extend(decision.commands)
        return decisions

    def _put(self, decision: Decision) -> None:
        for change in decision.changes:
            match change:
                case Put(record):
                    self.put(record)
                case Delete(record):
                    self._delete(record)
