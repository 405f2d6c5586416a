"""Questions for figures, and what components answer them with: the records that a question selects, in its groups."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Span, periods
from callcentre.statistics.records import Record, RecordTable

By = Literal["service", "queue", "agent", "hour", "day", "week"]
Figure = str | int | float | None
Group = str | None

ALWAYS: Final = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for. `within` is the threshold of the service level and `short` that of a short abandon, in ms."""

    by: By
    zone: ZoneInfo
    span: Span = ALWAYS
    service: str | None = None
    within: int = 20_000
    short: int = 5_000


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of one component: for each group that has records, and for a group that has none.

    Figures are in the order of the columns; lengths are seconds, shares from 0 to 1. A figure that is a division by
    nothing is None.
    """

    groups: Mapping[Group, Mapping[str, Figure]]
    nothing: Mapping[str, Figure]


class Selection:
    """The records that a question is about, each with the group that it belongs to."""

    def __init__(self, ledger: sqlite3.Connection, tables: Sequence[RecordTable], question: Question) -> None:
        self.question = question
        self._ledger = ledger
        self._tables = {table.record: table for table in tables if table.counts_at is not None}
        self._in_periods = question.by in ("hour", "day", "week")
        if self._in_periods:
            self._make_periods()

    def _make_periods(self) -> None:
        first, last = self._extent()
        by, span = self.question.by, self.question.span
        assert by in ("hour", "day", "week")  # noqa: S101 - asked for by the caller of this
        found = periods(by, first, last, self.question.zone)
        start, stop = span.start, span.stop
        rows = [(each.name, max(each.start, start or each.start), min(each.stop, stop or each.stop)) for each in found]
        self._ledger.execute("DROP TABLE IF EXISTS temp.periods")
        self._ledger.execute("CREATE TEMP TABLE periods (name TEXT, start INTEGER, stop INTEGER)")
        self._ledger.executemany("INSERT INTO temp.periods VALUES (?, ?, ?)", rows)

    def _extent(self) -> tuple[int, int]:
        """From the first to after the last moment that anything counts at, within what is asked for."""
        found: list[int] = []
        for table in self._tables.values():
            # Two questions: SQLite answers each from the index at once, but both together by reading everything.
            for which in ("min", "max"):
                query = f"SELECT {which}({table.counts_at}) FROM {table.name}"  # noqa: S608 - names of our own
                (moment,) = self._ledger.execute(query).fetchone()
                found += [] if moment is None else [moment]
        if not found:
            return 0, 0
        first, last = min(found), max(found) + 1
        span = self.question.span
        return max(first, span.start or first), min(last, span.stop or last)

    def of(self, kind: type[Record], columns: str, condition: str = "1") -> Iterator[tuple[Any, ...]]:
        """The group and these columns of every record of a class that counts and meets the condition, both in SQL."""
        table = self._tables[kind]
        name, time, fields = table.name, table.counts_at, kind.__struct_fields__
        conditions = ["1"]
        values: list[int | str] = []
        if self._in_periods:
            # The order matters: for each period its records by the index on their time.
            source = f"temp.periods CROSS JOIN {name} ON {time} >= periods.start AND {time} < periods.stop"
            group = "periods.name"
        else:
            source = name
            group = self.question.by if self.question.by in fields else "NULL"
            for moment, comparison in ((self.question.span.start, ">="), (self.question.span.stop, "<")):
                if moment is not None:
                    conditions.append(f"{time} {comparison} ?")
                    values.append(moment)
        if self.question.service is not None:
            conditions.append("service = ?" if "service" in fields else "? IS NULL")
            values.append(self.question.service)
        where = " AND ".join((*conditions, condition))
        yield from self._ledger.execute(f"SELECT {group}, {columns} FROM {source} WHERE {where}", values)  # noqa: S608

    def titles(self, groups: Iterable[Group]) -> dict[Group, dict[str, Figure]]:
        """How each group is called: by its name, and an agent also by the latest name that the records have."""
        by = self.question.by
        if by != "agent":
            return {group: {by: group} for group in groups}
        # From the latest back, until all have one: an agent without a name costs one reading, and not one each.
        names: dict[Group, str] = {}
        missing = set(groups) - {None}
        for group, name in self._agent_names():
            if group in missing:
                names[group] = name
                missing.discard(group)
            if not missing:
                break
        return {group: {"agent": group, "agent_name": names.get(group)} for group in groups}

    def _agent_names(self) -> Iterator[tuple[Any, ...]]:
        for table in self._tables.values():
            if table.names_agents:
                condition = f"agent_name IS NOT NULL ORDER BY {table.counts_at} DESC"
                yield from self.of(table.record, "agent_name", condition)


def ratio(part: int, whole: int, *, digits: int | None = 4) -> float | None:
    """A part of a whole, rounded; None of nothing."""
    if whole == 0:
        return None
    return part / whole if digits is None else round(part / whole, digits)


def seconds(length: float | None) -> float | None:
    """Milliseconds as seconds."""
    return None if length is None else round(length / 1000, 3)
