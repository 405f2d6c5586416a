"""How records are put into a SQLite database, by the engine and by whoever adds up a log: the same statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from msgspec.structs import astuple

from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.records import Record, RecordTable


@cache
def put(table: RecordTable) -> str:
    """The statement that puts a record in place of the one with its key."""
    key, *others = table.record.__struct_fields__
    columns = ", ".join((key, *others))
    places = ", ".join("?" * (len(others) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table.name} ({columns}) VALUES ({places}) "  # noqa: S608 - names of our own
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


def remembered(table: RecordTable) -> str:
    """Asks for the records that a ledger begins with."""
    columns = ", ".join(table.record.__struct_fields__)
    only = " WHERE open" if "open" in table.record.__struct_fields__ else ""
    return f"SELECT {columns} FROM {table.name}{only}"  # noqa: S608 - names of our own


class Changes:
    """Records to be put, each as it was last."""

    def __init__(self, shape: LedgerShape) -> None:
        self._tables = shape.tables
        self._rows: dict[type[Record], dict[int | str, Record]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def take(self, records: Iterable[Record]) -> None:
        """Have these put, in place of what was to be put by the same keys."""
        for record in records:
            self._rows.setdefault(type(record), {})[record.key] = record

    def statements(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Each statement with its rows."""
        for table in self._tables:
            if rows := self._rows.get(table.record):
                yield put(table), [astuple(row) for row in rows.values()]
