"""What a day left, as plain data: the database, the log, and what reached telephones and the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from callcentre.app import ledger_shape
from callcentre.kernel import schema
from callcentre.kernel.journal import line_of
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.tables import ledger_table
from scripts.kills.day import End
from scripts.kills.gateway import HandedOver

Row = Mapping[str, Any]

_TABLES: Final = ("outbox", "callbacks", "received", "messages")


@dataclass(slots=True, kw_only=True)
class Evidence:
    """Everything that the invariants are about."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    """The journal, in the order of its numbers."""
    logged: list[dict[str, Any]] = field(default_factory=list)
    """The log, as it is in the file."""
    tables: dict[str, list[Row]] = field(default_factory=dict)
    ledger: dict[str, list[Row]] = field(default_factory=dict)
    """The tables of the ledger in the database."""
    added_up: dict[str, list[Row]] = field(default_factory=dict)
    """The same tables, made of the journal alone."""
    visits: dict[str, End | None] = field(default_factory=dict)
    """How each call of a person ended; None: it did not."""
    promises: dict[str, set[str]] = field(default_factory=dict)
    """The calls on which a person heard that we call back, each with all calls of that person."""
    originated: dict[str, int] = field(default_factory=dict)
    """How often a channel with this id was made for us."""
    handed_over: list[HandedOver] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    """The texts from phones by the gateway's id, and how often they were answered with 200."""
    left: list[str] = field(default_factory=list)
    """Channels, bridges, descriptors and tasks that are there at the end and were not at the beginning."""
    waiting: list[str] = field(default_factory=list)
    """What somebody still waited for when the day had to be ended."""
    mistakes: list[str] = field(default_factory=list)
    """What went wrong otherwise: a daemon that ended by itself, a mistake of the simulation."""


def _added_up(lines: Iterable[bytes]) -> dict[str, list[Row]]:
    """The ledger of these lines of the journal, by the names of its tables."""
    shape = ledger_shape()
    ledger = Ledger(shape)
    latest: dict[type[Any], dict[Any, Any]] = {kept.record: {} for kept in shape.tables}
    for line in lines:
        for record in ledger.feed(shape.read(line)):
            latest[type(record)][record.key] = record
    return {kept.name: [_plain(one) for one in latest[kept.record].values()] for kept in shape.tables}


def _plain(record: Any) -> Row:
    row: Row = msgspec.to_builtins(record)
    return row


def of_database(url: str, log: Path) -> Evidence:
    """What the database and the log say."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:

        def rows(table: sa.Table) -> list[Row]:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

        journal = sa.select(schema.journal).order_by(schema.journal.c.id)
        lines = [line_of(dict(row)) for row in connection.execute(journal).mappings()]
        found = sa.MetaData()
        tables = {name: rows(sa.Table(name, found, autoload_with=engine)) for name in _TABLES}
        ledger: dict[str, list[Row]] = {
            kept.name: [{name: row[name] for name in kept.record.__struct_fields__} for row in rows(ledger_table(kept))]
            for kept in ledger_shape().tables
        }
    engine.dispose()
    return Evidence(
        facts=[json.loads(line) for line in lines],
        logged=[json.loads(line) for line in log.read_bytes().splitlines()] if log.exists() else [],
        tables=tables,
        ledger=ledger,
        added_up=_added_up(lines),
    )


_OWED: Final = {
    "call": "SELECT call FROM calls",
    "callback": "SELECT callback, state FROM callbacks",
    "survey": "SELECT survey FROM surveys",
    "text": "SELECT message, state FROM messages WHERE state <> 'unknown'",
    "effect": "SELECT effect FROM outbox",
}


def owed(url: str) -> list[str]:
    """What the daemon of this database still has to do for somebody. Raises the database's errors."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return [
            f"{what} {' '.join(map(str, row))}"
            for what, query in _OWED.items()
            for row in connection.execute(sa.text(query))
        ]
