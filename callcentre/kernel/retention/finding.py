"""Finds all rows about a person, by what components declare of their tables. Reads only.

Three things lead to a person: the number, its keyed hash, and the ids of calls, callbacks, texts and surveys in rows
that have either of them. A row that names nobody is found by such an id, such as the offer of a callback by its call.

An id may belong to two people: the call of somebody who asked for a callback to another number. It leads only to rows
that name the person, and stays as it is in the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.values.numbers import national, normalise

Row = Mapping[str, Any]

_AT_ONCE: Final = 300
"""Ids in one query: SQLite takes 32,766 parameters, and each id is compared with four columns."""
_MOST_ROUNDS: Final = 5
"""Rows lead to ids and ids to rows. Two rounds find everything; more are tried for what is stored meanwhile."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A person: the number in E.164, its keyed hash, and the country of numbers without country code."""

    number: str
    caller: str
    region: str

    def is_number(self, shown: str | None) -> bool:
        """Whether a number, as the PBX shows it, is the person's."""
        return shown is not None and (shown == self.number or normalise(shown, self.region) == self.number)

    @property
    def written(self) -> tuple[str, ...]:
        """What stands for the person inside of a longer text."""
        return (self.caller, self.number.removeprefix("+"), national(self.number, self.region))


@dataclass(slots=True)
class Found:
    """The rows about a person by table, each with all its columns, and the ids that belong to this person alone."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()

    def counted(self) -> dict[str, int]:
        """How many rows there are in each table that has any."""
        return {table: len(rows) for table, rows in self.rows.items() if rows}


def found(
    connection: sa.Connection,
    declared: Iterable[Retention],
    sought: Sought,
    *,
    ids: frozenset[str] = frozenset(),
    node: str | None = None,
) -> Found:
    """Everything about a person, as the connection sees it.

    `ids` are known already. With `node`, only rows of this daemon and those that belong to all. Blocking: the journal
    is read to its end. Raises what the database raises.
    """
    places = [_Place(each, each.person, node) for each in declared if each.person is not None]
    known = frozenset(ids)
    for _ in range(_MOST_ROUNDS):
        rows = {place.name: list(place.rows(connection, sought, known)) for place in places}
        named = {one for place in places for one in place.ids_in(rows[place.name])} | known
        shared = {one for place in places for one in place.ids_of_others(connection, sought, named)}
        before, known = known, frozenset(named - shared)
        if known == before:
            break
    return Found(rows, known)


class _Place:
    """A table, and how its rows lead to a person."""

    def __init__(self, retention: Retention, person: Person, node: str | None) -> None:
        self.table = retention.table
        self.name = str(self.table.name)
        self._person = person
        self._of_node = self.table.c.node == node if node is not None and "node" in self.table.c else sa.true()

    def rows(self, connection: sa.Connection, sought: Sought, ids: frozenset[str]) -> Iterator[Row]:
        """The rows about the person."""
        if self._person.erased is Erased.ENDED:
            # What is going on: few rows, and the only ones with numbers.
            needles = (*sought.written, *ids)
            rows = connection.execute(sa.select(self.table).where(self._of_node)).mappings()
            yield from (row for row in map(_plain, rows) if self._is_about(row, sought, ids, needles))
            return
        seen: set[tuple[Any, ...]] = set()
        for condition in self._conditions(sought, ids):
            for row in connection.execute(sa.select(self.table).where(self._of_node, condition)).mappings():
                key = tuple(row[column.name] for column in self.table.primary_key)
                if key not in seen:
                    seen.add(key)
                    yield _plain(row)

    def _is_about(self, row: Row, sought: Sought, ids: frozenset[str], needles: Sequence[str]) -> bool:
        person = self._person
        return (
            any(sought.is_number(row[name]) for name in person.number)
            or any(row[name] == sought.caller for name in person.caller)
            or (self._names_nobody(row) and any(row[name] in ids for name in person.ids))
            or any(needle in _written(row[name]) for name in person.inside for needle in needles)
        )

    def _names_nobody(self, row: Row) -> bool:
        return not any(row[name] for name in (*self._person.number, *self._person.caller))

    def _conditions(self, sought: Sought, ids: frozenset[str]) -> Iterator[sa.ColumnElement[bool]]:
        columns, person = self.table.c, self._person
        direct = [columns[name] == sought.caller for name in person.caller]
        direct += [sa.cast(columns[name], sa.Text).contains(sought.caller) for name in person.inside]
        if direct:
            yield sa.or_(*direct)
        nobody = sa.and_(*(columns[name].is_(None) for name in person.caller)) if person.caller else sa.true()
        for some in _in_parts(ids):
            if person.ids:
                yield sa.and_(nobody, sa.or_(*(columns[name].in_(some) for name in person.ids)))

    def ids_in(self, rows: Iterable[Row]) -> Iterator[str]:
        """The ids in these rows."""
        return (row[name] for row in rows for name in self._person.ids if row[name])

    def ids_of_others(self, connection: sa.Connection, sought: Sought, ids: Iterable[str]) -> Iterator[str]:
        """Those of these ids that are also in a row with the hash of another person."""
        person, columns = self._person, self.table.c
        if not person.caller or person.erased is Erased.ENDED:
            return
        others = [sa.and_(columns[name].is_not(None), columns[name] != sought.caller) for name in person.caller]
        for some in _in_parts(ids):
            for name in person.ids:
                query = sa.select(columns[name]).distinct().where(columns[name].in_(some), *others)
                yield from connection.execute(query).scalars()


def _in_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    return (every[first : first + _AT_ONCE] for first in range(0, len(every), _AT_ONCE))


def _plain(row: Any) -> Row:
    """A row whose names are nothing but texts."""
    return {str(name): value for name, value in row.items()}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
