"""What the ledger keeps: records that facts make and change, and how the records of a class are kept.

Times are milliseconds since 1970 UTC and lengths milliseconds, both whole: sums do not depend on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

R = TypeVar("R", bound="Record")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records. The first field is the key of the table, each field is a column."""

    @property
    def key(self) -> int | str:
        """What distinguishes it from all other records of its class."""
        raise NotImplementedError

    @property
    def open(self) -> bool:
        """Whether later facts may still change it."""
        return True


class Row(Record, frozen=True, kw_only=True):
    """A record that one fact begins: the key is the number of that fact."""

    key: int
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    """How the records of a class are kept.

    name: of the table.
    found_by: the field by which later facts find an open record; None: no later fact changes one.
    counts_at: the field with the time at which a record counts in figures; None: no figure is made of these records.
    of_earlier: the columns that depend on facts from before the record.
    names_agents: whether `agent_name` of these records is how figures name the agents.
    kind: the key of `retention` that says how long they lead to people; None: they never do.
    """

    record: type[Record]
    name: str
    found_by: str | None = None
    counts_at: str | None = None
    of_earlier: frozenset[str] = frozenset()
    names_agents: bool = False
    kind: str | None = None


class OpenRecords:
    """The records that later facts may still change."""

    def __init__(self, tables: Iterable[RecordTable]) -> None:
        self._open: dict[type[Record], dict[str, Any]] = {}
        self._found: dict[type[Record], tuple[Callable[[Record], str], dict[str, Any]]] = {}
        for table in tables:
            open_: dict[str, Any] = {}
            self._open[table.record] = open_
            if table.found_by is not None:
                self._found[table.record] = attrgetter(table.found_by), open_

    def of(self, kind: type[R]) -> Mapping[str, R]:
        """Those of a class, by the field that they are found by, in the order in which they were opened."""
        return self._open[kind]

    def forget(self, record: Record) -> None:
        """Remember it no more."""
        found = self._found.get(type(record))
        if found is not None:
            name_of, open_ = found
            name = name_of(record)
            if name in open_ and open_[name].key == record.key:
                del open_[name]

    def keep(self, record: Record) -> None:
        """Take a record as it is from now on. One that is not open any more is forgotten."""
        found = self._found.get(type(record))
        if found is None:
            return
        name_of, open_ = found
        name = name_of(record)
        if record.open:
            open_[name] = record
        elif name in open_ and open_[name].key == record.key:
            del open_[name]


Update = Callable[[OpenRecords, Any], Iterable[Record]]
"""From the open records and a fact to the records that the fact makes or changes, as they are from then on. Pure."""
