"""Adding facts up, one by one in the order of their numbers, to the records that statistics and exports read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from callcentre.statistics.lines import FactLine
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import OpenRecords, Record


class Ledger:
    """Feeds facts to the updates of the components. It remembers only the open records."""

    def __init__(self, shape: LedgerShape, remembered: Iterable[Record] = ()) -> None:
        self._updates = shape.updates
        self._open = OpenRecords(shape.tables)
        self._keep = self._open.keep
        for record in remembered:
            self._keep(record)

    def wants(self, event: str) -> bool:
        """Whether facts of this name add up to anything."""
        return event in self._updates

    def remembered(self, kind: type[Record], key: int | str) -> Record | None:
        """The open record of a class with this key."""
        return next((record for record in self._open.of(kind).values() if record.key == key), None)

    def replaced(self, before: Record, after: Record) -> None:
        """A record changed otherwise than by a fact. It may be found by another name now."""
        self._open.forget(before)
        self._keep(after)

    def feed(self, fact: FactLine) -> Sequence[Record]:
        """Take the next fact. Returns each record that it has made or changed, as it is from then on."""
        changed: list[Record] = []
        for update in self._updates.get(fact.event, ()):
            # Read to its end before its records are kept: an update sees the records as they were.
            records = list(update(self._open, fact))
            for record in records:
                self._keep(record)
            changed = changed + records if changed else records
        return changed
