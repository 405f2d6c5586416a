"""How records are put into a SQLite database, by the engine and by whoever adds up a log: the same statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import astuple

from callcentre.statistics.records import Record
from callcentre.statistics.tables import TABLES


def _put(kind: type[Record]) -> str:
    key, *others = kind.__struct_fields__
    columns = ", ".join((key, *others))
    places = ", ".join("?" * (len(others) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {TABLES[kind].name} ({columns}) VALUES ({places}) "  # noqa: S608 - names of our own
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


PUT: dict[type[Record], str] = {kind: _put(kind) for kind in TABLES}
"""For each kind of record the statement that puts one in place of the one with its key."""


def remembered(kind: type[Record]) -> str:
    """Asks for the records of a kind that a ledger begins with."""
    columns = ", ".join(kind.__struct_fields__)
    only = " WHERE open" if "open" in kind.__struct_fields__ else ""
    return f"SELECT {columns} FROM {TABLES[kind].name}{only}"  # noqa: S608 - names of our own


class Changes:
    """Records to be put, each as it was last."""

    def __init__(self) -> None:
        self._rows: dict[type[Record], dict[int | str, Record]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def take(self, records: Iterable[Record]) -> None:
        """Have these put, in place of what was to be put by the same keys."""
        for record in records:
            self._rows.setdefault(type(record), {})[record.key] = record

    def statements(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Each statement with its rows."""
        for kind, rows in self._rows.items():
            yield PUT[kind], [astuple(row) for row in rows.values()]
