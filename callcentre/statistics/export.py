"""Everything of one kind row by row, as it is kept: survey answers, calls, callbacks and messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Span
from callcentre.statistics.sheets import Value

ExportKind = Literal["surveys", "calls", "callbacks", "messages"]
Read = Callable[[Any, ZoneInfo], Value]


def _as_it_is(value: Any, _zone: ZoneInfo) -> Value:
    result: Value = value
    return result


def _moment(milliseconds: int | None, zone: ZoneInfo) -> Value:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, zone)


def _seconds(milliseconds: int | None, _zone: ZoneInfo) -> Value:
    return None if milliseconds is None else milliseconds / 1000


def _truth(value: int | None, _zone: ZoneInfo) -> Value:
    return None if value is None else bool(value)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    source: str
    read: Read = _as_it_is


@dataclass(frozen=True, slots=True)
class _Source:
    """A table, the column of the time that counts (in so many units a millisecond), and what is told of each row."""

    table: str
    time: str
    columns: tuple[_Column, ...]
    units: int = 1


def _plain(*names: str) -> tuple[_Column, ...]:
    return tuple(_Column(name, name) for name in names)


_CALLS: Final = _Source(
    "visits",
    "joined",
    (
        _Column("at", "joined", _moment),
        *_plain("service", "queue", "call", "number", "caller", "position", "waiting"),
        _Column("estimated_wait", "estimated", _seconds),
        _Column("left", "left_at", _moment),
        *_plain("outcome"),
        _Column("wait", "wait", _seconds),
        _Column("talk", "talk", _seconds),
        *_plain("agent", "agent_name"),
    ),
)
_CALLBACKS: Final = _Source(
    "callback_records",
    "at",
    (
        _Column("at", "at", _moment),
        *_plain("service", "queue", "callback", "number", "caller"),
        _Column("by", "taken_by"),
        *_plain("position", "state"),
        _Column("ended", "ended", _moment),
        *_plain("ended_by", "reason", "attempts"),
        _Column("connected", "connected", _moment),
        _Column("wait", "wait", _seconds),
        *_plain("agent", "agent_name"),
        _Column("place_kept", "kept", _truth),
        *_plain("notice", "notice_by"),
    ),
)
_MESSAGES: Final = _Source(
    "text_records",
    "at",
    (
        _Column("at", "at", _moment),
        *_plain("service", "queue", "call", "message", "number", "caller", "kind", "parts", "state", "reason"),
        _Column("changed", "changed", _moment),
    ),
)
_ANSWERS: Final = _Source(
    "survey_answers",
    "at",
    (
        _Column("at", "at / 1000", _moment),
        *_plain("service", "queue", "agent", "agent_name", "call", "survey", "question", "answer", "value", "metric"),
        *_plain("caller", "wait", "talk"),
    ),
    units=1000,
)
# A ledger that was made of a log knows what answers count as, and not their words.
_SCORES: Final = _Source(
    "scores",
    "at",
    (
        _Column("at", "at", _moment),
        *_plain("service", "queue", "agent", "agent_name", "call", "survey", "question"),
        _Column("answer", "NULL"),
        *_plain("value", "metric"),
        _Column("caller", "NULL"),
        _Column("wait", "wait", _seconds),
        _Column("talk", "talk", _seconds),
    ),
)


@dataclass(frozen=True, slots=True)
class Exported:
    """`rows` of `total`, each with a value for every column; they are read as they are taken."""

    columns: Sequence[str]
    total: int
    rows: Iterator[Sequence[Value]]


def exported(
    ledger: sqlite3.Connection, kind: ExportKind, zone: ZoneInfo, *, span: Span, service: str | None = None
) -> Exported:
    """All rows of a kind within a span of time, in the order of time."""
    source = _source(ledger, kind)
    conditions = ["1"]
    values: list[int | str] = []
    for moment, comparison in ((span.start, ">="), (span.stop, "<")):
        if moment is not None:
            conditions.append(f"{source.time} {comparison} ?")
            values.append(moment * source.units)
    if service is not None:
        conditions.append("service = ?")
        values.append(service)
    where = f"FROM {source.table} WHERE {' AND '.join(conditions)}"
    (total,) = ledger.execute(f"SELECT count(*) {where}", values).fetchone()
    columns = ", ".join(column.source for column in source.columns)
    found = ledger.execute(f"SELECT {columns} {where} ORDER BY {source.time}", values)
    readers = [column.read for column in source.columns]
    rows = ([read(value, zone) for read, value in zip(readers, row, strict=True)] for row in found)
    return Exported([column.name for column in source.columns], total, rows)


def _source(ledger: sqlite3.Connection, kind: ExportKind) -> _Source:
    match kind:
        case "calls":
            return _CALLS
        case "callbacks":
            return _CALLBACKS
        case "messages":
            return _MESSAGES
        case "surveys":
            known = "SELECT count(*) FROM sqlite_master WHERE name = 'survey_answers'"
            return _ANSWERS if ledger.execute(known).fetchone()[0] else _SCORES
