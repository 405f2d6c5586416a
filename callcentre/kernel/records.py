"""Records: rows that grow with people and years. They are in the database only, and rules read them by index.

A rule that reads records is a *record rule*. It reads single rows from `Records` and returns the changed ones in its
decision, like any other change. A row that was read or written recently comes from a bounded cache. Every other row
costs one indexed read. Nothing holds all rows in memory, and nothing goes through all of them.

The engine is the only writer of the database. The changes that are decided and not on disk yet are kept here: those of
the open batch, and those of the batch that is with the writer. So a rule reads exactly what the transaction of its
decision finds: no row changes between the two.

On a server, other daemons change the rows as well. What was read is forgotten with each commit there: a change made
elsewhere is seen within a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, get_args, get_type_hints

import msgspec

from callcentre.kernel.decision import Record

# SQLAlchemy is imported with the first table: a command that only reads the configuration would wait for it.
if TYPE_CHECKING:
    import sqlalchemy as sa

    from callcentre.kernel.collection import Collection

R = TypeVar("R", bound=Record)

CACHED: Final = 1_000
"""Most rows of a class in memory. Keys without a row count too.

A row is read several times within some seconds, while a person calls or a text is sent, and then not for hours. Reading
it anew costs a fraction of a millisecond, and a row in memory half a kilobyte."""


class Unreadable(Exception):  # noqa: N818
    """The database cannot be read now; the text says why. The event is decided once the database can be read."""


class RowReader(Protocol):
    """Reads rows of the database without waiting for the network. Raises `Unreadable`."""

    def rows(self, column: sa.Column[Any], value: Any) -> Iterable[Mapping[str, Any]]:
        """The rows whose column has this value. There must be an index for the column."""

    def below(self, column: sa.Column[Any], value: Any, most: int) -> Iterable[Mapping[str, Any]]:
        """At most so many rows whose column is below this value, the lowest first. There must be an index for it."""


class LiveReader(Protocol):
    """Reads live rows, which belong to one daemon each, without waiting for the network. Raises `Unreadable`."""

    def span(self, column: sa.Column[Any], low: Any, high: Any, most: int) -> Iterable[Mapping[str, Any]]:
        """At most so many rows of this daemon whose column is from `low` to `high`, the lowest first.

        There must be an index for it.
        """

    def of_others(self, column: sa.Column[Any], value: Any) -> Iterable[Mapping[str, Any]]:
        """The rows of other daemons whose column has this value; a daemon that is alone asks no database.

        A live table has only what is open now: it may be read without an index.
        """


class StoredRows:
    """Stored rows that are no records, for the rules of the kernel. Without a reader there are none."""

    def __init__(self) -> None:
        self._reader: LiveReader | None = None

    def read_from(self, reader: LiveReader) -> None:
        """From now on, read rows from a database."""
        self._reader = reader

    def span(self, column: sa.Column[Any], low: Any, high: Any, most: int) -> Iterable[Mapping[str, Any]]:
        """As `LiveReader.span`."""
        return () if self._reader is None else self._reader.span(column, low, high, most)


class RecordsOfOthers(Generic[R]):
    """Live records of the other daemons of the database, by the table of our own ones. Without a reader there are none.

    Rules only read them: what is to happen with one is a command for its daemon (`nodes/`).
    """

    def __init__(self, ours: Collection[R]) -> None:
        from callcentre.kernel.schema import record_of

        if ours.table is None:
            raise ValueError(f"{ours.record.__name__} has no table: another daemon has none to read")
        self._record = ours.record
        self._table = ours.table
        self._record_of = record_of
        self._reader: LiveReader | None = None

    def read_from(self, reader: LiveReader) -> None:
        """From now on, read rows from a database."""
        self._reader = reader

    def find(self, field: str, value: Any) -> list[tuple[str, R]]:
        """The records whose field has this value, each with the name of its daemon. Raises `Unreadable`.

        A row that this version does not understand is left out, as one of a newer daemon may be: what happens to a
        caller here must not hang on it.
        """
        rows = () if self._reader is None else self._reader.of_others(self._table.c[field], value)
        return [(row["node"], record) for row in rows if (record := self._understood(row)) is not None]

    def _understood(self, row: Mapping[str, Any]) -> R | None:
        try:
            return self._record_of(row, self._record)
        except msgspec.ValidationError:
            return None


class Records(Generic[R]):
    """The rows of one class of records, found by their keys and by the columns named in `indexes`.

    `key` names the field that is the key of the row, as for a `Collection`. Times in the records mean the wall clock:
    the times of a million rows cannot be moved when it is set. Without a reader, as in tests, all records are in
    memory.
    """

    def __init__(
        self,
        record: type[R],
        *,
        table: str,
        key: str | None = None,
        indexes: tuple[str, ...] = (),
        cached: int = CACHED,
    ) -> None:
        from callcentre.kernel.schema import record_of, table_of

        _refuse_elapsed_times(record)
        self.record = record
        self.table: sa.Table = table_of(record, table, key, indexes, shared=True)
        self._record_of = record_of
        self._key = next(iter(self.table.primary_key))
        self._indexes = frozenset(indexes)
        self._cached = cached
        self._reader: RowReader | None = None
        self._changed: dict[str, R | None] = {}
        self._closed: dict[str, R | None] = {}
        """Changes of the batch that is with the writer."""
        self._read: OrderedDict[str, R | None] = OrderedDict()

    # --- read by rules ---------------------------------------------------------------------------

    def get(self, key: str) -> R | None:
        """The record with this key. Raises `Unreadable`."""
        if key in self._changed:
            return self._changed[key]
        if self._reader is None:
            return None
        if key in self._closed:
            return self._closed[key]
        if key in self._read:
            self._read.move_to_end(key)
            return self._read[key]
        record = next(iter(map(self._converted, self._reader.rows(self._key, key))), None)
        self._remember(key, record)
        return record

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def find(self, field: str, value: Any) -> list[R]:
        """The records whose indexed field has this value, each by one read of the database. Raises `Unreadable`."""
        if field not in self._indexes:
            raise ValueError(f"{self.record.__name__} has no index for {field}")
        rows = () if self._reader is None else self._reader.rows(self.table.c[field], value)
        found = {record.key: record for record in map(self._converted, rows)}
        for changes in (self._closed, self._changed):
            for key, record in changes.items():
                if record is not None and getattr(record, field) == value:
                    found[key] = record
                else:
                    found.pop(key, None)
        return list(found.values())

    def below(self, field: str, value: Any, most: int) -> list[R]:
        """Records whose indexed field is below this value, by one read of the database. Raises `Unreadable`.

        There are no more than `most` and may be fewer, also where more are below. Records with a change that is not on
        disk yet are left out.
        """
        if field not in self._indexes and field != self._key.name:
            raise ValueError(f"{self.record.__name__} has no index for {field}")
        if self._reader is None:
            every = (record for record in self._changed.values() if record is not None)
            return [record for record in every if getattr(record, field) < value][:most]
        rows = self._reader.below(self.table.c[field], value, most)
        found = map(self._converted, rows)
        return [record for record in found if record.key not in self._changed and record.key not in self._closed]

    def _converted(self, row: Mapping[str, Any]) -> R:
        return self._record_of(row, self.record)

    def _remember(self, key: str, record: R | None) -> None:
        self._read[key] = record
        self._read.move_to_end(key)
        if len(self._read) > self._cached:
            self._read.popitem(last=False)

    # --- changed by the engine -------------------------------------------------------------------

    def read_from(self, reader: RowReader) -> None:
        """From now on, read rows from a database."""
        self._reader = reader

    def put(self, record: R) -> None:
        """Store a record; it replaces the one with its key. The next transaction writes it."""
        self._changed[record.key] = record

    def delete(self, record: R) -> None:
        """Delete the record with the key of this one. The next transaction deletes its row."""
        self._changed[record.key] = None

    def closed(self) -> None:
        """All changes go to the writer now. Those of the batch before are in the database."""
        if self._reader is not None:
            self._closed, self._changed = self._changed, {}

    def committed(self, *, alone: bool = True) -> None:
        """The changes that went to the writer are in the database now. `alone`: no other daemon changes the rows."""
        if alone:
            for key, record in self._closed.items():
                self._remember(key, record)
        else:
            self._read.clear()
        self._closed = {}


def _refuse_elapsed_times(record: type[Any]) -> None:
    walls = getattr(record, "wall_times", ())
    for name, hint in get_type_hints(record).items():
        if (hint is datetime or datetime in get_args(hint)) and name not in walls:
            raise TypeError(f"{record.__name__}.{name}: times of records mean the wall clock; name it in wall_times")
