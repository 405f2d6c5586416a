"""What a feature hands to the engine: the state it keeps and the rules it decides by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from callcentre.kernel.decision import Decision

Rule = Callable[[Any, datetime], Decision]
"""Decides on one event, ask or fact; the time is that of the event behind it. Pure."""


class Records(Protocol):
    """State in memory: rules read it, and only the engine puts and deletes."""

    def put(self, record: Any) -> None: ...

    def delete(self, record: Any) -> None: ...


class WrittenOnly:
    """The memory of records that no rule looks at again."""

    def put(self, _record: Any) -> None:
        """It goes to its table."""

    def delete(self, _record: Any) -> None:
        """It leaves its table."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where records of one class are kept: in memory, and in `table` unless a crash may forget them.

    Those that are not `read_back` are written for others to read, and not loaded at the start: there may be millions.
    """

    record: type[Any]
    records: Records
    table: sa.Table | None = None
    read_back: bool = True


@dataclass(frozen=True, slots=True)
class Feature:
    """A room of the house. `rules` maps the class of an event, ask or fact to the rules that listen to it."""

    name: str
    shelves: Iterable[Shelf] = ()
    rules: Mapping[type[Any], tuple[Rule, ...]] | None = None
