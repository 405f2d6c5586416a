"""Components that are not declared as such yet; this module goes when the last of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from callcentre.kernel.collection import Collection
from callcentre.kernel.component import on
from callcentre.kernel.decision import Decision

Rule = Callable[[Any, datetime], Decision]
"""Decides on one event, ask or fact; the time is that of the event behind it. Pure."""


class Records(Protocol):
    """State in memory: rules read it, and only the engine puts and deletes."""

    def put(self, record: Any) -> None: ...

    def delete(self, record: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where records of one class are kept: in memory, and in `table` unless a crash may forget them."""

    record: type[Any]
    records: Records
    table: sa.Table | None = None


class _OnShelf(Collection[Any]):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf.record)
        self.table = shelf.table
        self._shelf = shelf.records

    def put(self, record: Any) -> None:
        super().put(record)
        self._shelf.put(record)

    def delete(self, record: Any) -> None:
        super().delete(record)
        self._shelf.delete(record)


@dataclass(frozen=True, slots=True)
class Feature:
    """A component's state and rules. `rules` maps the class of what is heard to the rules that hear it."""

    name: str
    shelves: Iterable[Shelf] = ()
    rules: Mapping[type[Any], tuple[Rule, ...]] | None = None
    more: Iterable[Any] = ()

    @property
    def declarations(self) -> list[Any]:
        """The same, as components declare it."""
        return [
            *map(_OnShelf, self.shelves),
            *(on(heard, *rules) for heard, rules in (self.rules or {}).items()),
            *self.more,
        ]
