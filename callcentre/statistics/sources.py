"""A ledger to ask: that of the database as it is at this moment, or one made of nothing but a log.

Both hold the same records, entered by the same fold: so their figures are the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.statistics.files import CannotRead, lines_of
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import NoFact
from callcentre.statistics.parts import LedgerShape

_CHUNK = 10_000
"""Records that are put at once."""


@contextmanager
def ledger_of_database(shape: LedgerShape, database: Database) -> Iterator[sqlite3.Connection]:
    """The ledger beside a running daemon, as it is at one moment. Raises `CannotRead`."""
    path = database.path
    if path is None or not path.exists():
        raise CannotRead(f"{path}: there is no database yet; the daemon makes it at its first start")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)) as ledger:
            ledger.execute("PRAGMA temp_store = MEMORY")
            ledger.execute("BEGIN")
            there = {name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not there.issuperset(table.name for table in shape.tables):
                raise CannotRead(f"{path}: is of an older version; start the daemon once: it brings it up to date")
            yield ledger
    except sqlite3.Error as error:
        raise CannotRead(described(database, error, "cannot be read")) from error


@dataclass(slots=True)
class LogReading:
    """What was found in a log: lines that are facts, the same ones once more, and lines that are no facts."""

    facts: int = 0
    again: int = 0
    others: int = 0


@contextmanager
def ledger_of_log(shape: LedgerShape, paths: Iterable[Path]) -> Iterator[tuple[sqlite3.Connection, LogReading]]:
    """A ledger made of the log alone, in files in any order, also rotated and compressed by gzip.

    It lies in a temporary file, so that memory does not grow with it, and is gone afterwards. Raises `CannotRead`.
    """
    reading = LogReading()
    # An empty name is SQLite's own word for a temporary file that it makes and deletes.
    with closing(sqlite3.connect("", isolation_level=None)) as ledger:
        _make_tables(shape, ledger)
        ledger.execute("BEGIN")
        for path in paths:
            _take_in(shape, ledger, path, reading)
        _enter(shape, ledger)
        yield ledger, reading


def _make_tables(shape: LedgerShape, ledger: sqlite3.Connection) -> None:
    from sqlalchemy.schema import CreateIndex, CreateTable

    from callcentre.statistics.tables import ledger_table

    for table in map(ledger_table, shape.tables):
        ledger.execute(str(CreateTable(table)))
        for index in table.indexes:
            ledger.execute(str(CreateIndex(index)))
    ledger.execute("CREATE TEMP TABLE lines (id INTEGER PRIMARY KEY, line BLOB)")


def _take_in(shape: LedgerShape, ledger: sqlite3.Connection, path: Path, reading: LogReading) -> None:
    """Put the facts of a file in the order of their numbers, each once."""
    for line in lines_of(path):
        try:
            fact = shape.read(line)
        except NoFact:
            reading.others += bool(line.strip())
            continue
        taken = ledger.execute("INSERT OR IGNORE INTO temp.lines VALUES (?, ?)", (fact.id, line)).rowcount
        reading.facts += taken
        reading.again += 1 - taken


def _enter(shape: LedgerShape, ledger: sqlite3.Connection) -> None:
    from callcentre.statistics.statements import Changes

    added_up, changes = Ledger(shape), Changes(shape)
    for number, (line,) in enumerate(ledger.execute("SELECT line FROM temp.lines ORDER BY id"), 1):
        changes.take(added_up.feed(shape.read(line)))
        if number % _CHUNK == 0:
            _put(ledger, changes)
            changes = Changes(shape)
    _put(ledger, changes)


def _put(ledger: sqlite3.Connection, changes: Any) -> None:
    from sqlalchemy.dialects.sqlite import dialect

    from callcentre.kernel.statements import upsert_into

    for table, rows in changes.rows():
        upsert_into(table, dialect()).run_in_order(ledger.cursor(), [("main", *row) for row in rows])
