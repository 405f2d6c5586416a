"""Live state: the records of one class in memory, with the indexes that components declare on them.

Rules read a collection; only the engine puts and deletes. A record has a `key` that no other of its class has, and is
never changed. An index is declared once and kept by every change.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sortedcontainers import SortedList

from callcentre.kernel.decision import Record

# SQLAlchemy is imported with the first table: a command that only reads the configuration would wait for it.
if TYPE_CHECKING:
    import sqlalchemy as sa

R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Hashable)
O = TypeVar("O")  # noqa: E741

_LAST: Final = chr(sys.maxunicode)
"""Sorts behind every key."""


def _table(record: type[Any], table: str, key: str | None) -> sa.Table:
    from callcentre.kernel.schema import table_of

    return table_of(record, table, key)


class Index(Generic[K, R]):
    """Records by a value other than their key.

    Several records may have the same value, in the order of their insertion.
    """

    def __init__(
        self, records: dict[str, R], by: Callable[[R], Iterable[K]], one: Callable[[R], K | None] | None = None
    ) -> None:
        self._records = records
        self._by = by
        self._one = one
        self._keys: dict[K, dict[str, None]] = {}

    def get(self, value: K) -> R | None:
        """The first record with this value."""
        for key in self._keys.get(value, ()):
            return self._records[key]
        return None

    def all(self, value: K) -> list[R]:
        """Every record with this value."""
        return [self._records[key] for key in self._keys.get(value, ())]

    def count(self, value: K) -> int:
        """How many records have this value."""
        return len(self._keys.get(value, ()))

    def values(self) -> KeysView[K]:
        """The values that some record has."""
        return self._keys.keys()

    def __contains__(self, value: K) -> bool:
        return value in self._keys

    def replace(self, key: str, before: R | None, after: R | None) -> None:
        """Update the index after a change; called by the collection."""
        one = self._one
        if one is not None and (None if before is None else one(before)) == (None if after is None else one(after)):
            return
        # A record may have a value twice.
        old = () if before is None else tuple(dict.fromkeys(self._by(before)))
        new = () if after is None else tuple(dict.fromkeys(self._by(after)))
        if old == new:
            return
        for value in old:
            if value not in new:
                keys = self._keys[value]
                del keys[key]
                if not keys:
                    del self._keys[value]
        for value in new:
            self._keys.setdefault(value, {})[key] = None


class Ordered(Generic[K, R, O]):
    """Records of a group in an order, found in O(log n): the callbacks of a queue by their place."""

    def __init__(self, records: dict[str, R], group: Callable[[R], K | None], order: Callable[[R], O]) -> None:
        self._records = records
        self._group = group
        self._order = order
        self._groups: dict[K, SortedList[tuple[O, str]]] = {}

    def first(self, group: K) -> R | None:
        """The first record of a group."""
        entries = self._groups.get(group)
        return self._records[entries[0][1]] if entries else None

    def firsts(self, group: K, most: int) -> list[R]:
        """So many records of a group, or fewer: the first in their order."""
        entries = self._groups.get(group)
        # By place: for a few records it takes half the time of `SortedList.islice`.
        return [] if not entries else [self._records[entries[place][1]] for place in range(min(most, len(entries)))]

    def before(self, group: K, order: O) -> int:
        """How many records of a group come before this."""
        entries = self._groups.get(group)
        return entries.bisect_left((order,)) if entries else 0

    def count(self, group: K) -> int:
        """How many records a group has."""
        return len(self._groups.get(group, ()))

    def of(self, group: K, after: O | None = None) -> Iterator[R]:
        """The records of a group in their order, after `after`.

        The group may change during the iteration: each step costs O(log n).
        """
        entries = self._groups.get(group)
        place = 0 if entries is None or after is None else entries.bisect_left((after, _LAST))
        while entries is not None and place < len(entries):
            entry = entries[place]
            yield self._records[entry[1]]
            place = entries.bisect_right(entry)

    def groups(self) -> KeysView[K]:
        """The groups that have a record."""
        return self._groups.keys()

    def replace(self, key: str, before: R | None, after: R | None) -> None:
        """Update the order after a change; called by the collection."""
        if (before is None or self._group(before) is None) and (after is None or self._group(after) is None):
            return
        old = None if before is None else self._entry(key, before)
        new = None if after is None else self._entry(key, after)
        if old == new:
            return
        if old is not None:
            entries = self._groups[old[0]]
            entries.remove(old[1])
            if not entries:
                del self._groups[old[0]]
        if new is not None:
            self._groups.setdefault(new[0], SortedList()).add(new[1])

    def _entry(self, key: str, record: R) -> tuple[K, tuple[O, str]] | None:
        group = self._group(record)
        return None if group is None else (group, (self._order(record), key))


class Collection(Generic[R]):
    """All live records of a class, by their keys.

    `table` is the name of the table that the records are stored in. Without a table they are lost in a crash. Its
    columns are the fields of the class; `key` names the field that is the key, if there is one. Data that grows with
    people and years is in `Records` instead, and not in memory.
    """

    def __init__(
        self,
        record: type[R],
        *,
        table: str | None = None,
        key: str | None = None,
    ) -> None:
        self.record = record
        self.table: sa.Table | None = None if table is None else _table(record, table, key)
        self._records: dict[str, R] = {}
        self._indexes: list[Any] = []

    # --- declared once ---------------------------------------------------------------------------

    def index(self, by: Callable[[R], K | None]) -> Index[K, R]:
        """Index the records by a value. Records with None are not in the index."""

        def values(record: R) -> Iterable[K]:
            value = by(record)
            return () if value is None else (value,)

        index = Index(self._records, values, by)
        self._indexes.append(index)
        return index

    def index_many(self, by: Callable[[R], Iterable[K]]) -> Index[K, R]:
        """Index the records by several values each."""
        index = Index(self._records, by)
        self._indexes.append(index)
        return index

    def ordered(self, group: Callable[[R], K | None], order: Callable[[R], O]) -> Ordered[K, R, O]:
        """Keep the records of a group in an order. Records whose group is None are left out."""
        index = Ordered(self._records, group, order)
        self._indexes.append(index)
        return index

    # --- read by rules ---------------------------------------------------------------------------

    def get(self, key: str | None) -> R | None:
        """The record with this key."""
        return None if key is None else self._records.get(key)

    def __getitem__(self, key: str) -> R:
        return self._records[key]

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def values(self) -> ValuesView[R]:
        """Every record. Nothing that runs for each event or each second may go through all of them."""
        return self._records.values()

    def newest_first(self) -> Iterator[R]:
        """The records, the latest first. For who needs a few of them."""
        return reversed(self._records.values())

    @property
    def only(self) -> R | None:
        """The record, of a collection that has at most one."""
        return next(iter(self._records.values()), None)

    # --- changed by the engine -------------------------------------------------------------------

    def put(self, record: R) -> None:
        """Store a record; it replaces the one with its key."""
        key = record.key
        before = self._records.get(key)
        self._records[key] = record
        for index in self._indexes:
            index.replace(key, before, record)

    def delete(self, record: R) -> None:
        """Remove the record with the key of this one."""
        key = record.key
        before = self._records.pop(key, None)
        if before is not None:
            for index in self._indexes:
                index.replace(key, before, None)
