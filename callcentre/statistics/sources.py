"""A ledger to ask: that of the database as it is at this moment, or one made of nothing but a log.

Both hold the same records, entered by the same fold: so their figures are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import NullPool

from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.reading import read_only
from callcentre.kernel.statements import Prepared
from callcentre.statistics.files import CannotRead, lines_of
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import NoFact
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.queries import streamed
from callcentre.statistics.statements import Changes, put
from callcentre.statistics.tables import ledger_table

_LINES_AT_ONCE: Final = 1_000
_RECORDS_AT_ONCE: Final = 10_000
"""What is put at once."""

_TEMPORARY: Final = sa.URL.create("sqlite", database="file:", query={"uri": "true"})
"""A file name that is empty: SQLite makes a file of its own and deletes it (https://sqlite.org/inmemorydb.html)."""

_LINES: Final = sa.Table(
    "lines",
    sa.MetaData(),
    sa.Column("node", sa.Text, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


@contextmanager
def ledger_of_database(shape: LedgerShape, database: Database) -> Iterator[sa.Connection]:
    """The ledger beside a running daemon, as it is at one moment. Raises `CannotRead`."""
    try:
        with read_only(database) as ledger:
            if not {table.name for table in shape.tables}.issubset(sa.inspect(ledger).get_table_names()):
                raise CannotRead(f"{database}: is of an older version; start the daemon once: it brings it up to date")
            yield ledger
    except StoreError as error:
        raise CannotRead(str(error)) from error


@dataclass(slots=True)
class LogReading:
    """What was found in a log: lines that are facts, the same ones once more, and lines that are no facts."""

    facts: int = 0
    again: int = 0
    others: int = 0


@contextmanager
def ledger_of_log(shape: LedgerShape, paths: Iterable[Path]) -> Iterator[tuple[sa.Connection, LogReading]]:
    """A ledger made of the log alone: files of one node or several in any order, also rotated and compressed by gzip.

    It lies in a temporary file, so that memory does not grow with it, and is gone afterwards. Raises `CannotRead`.
    """
    reading = LogReading()
    engine = sa.create_engine(_TEMPORARY, poolclass=NullPool)
    with engine.connect() as ledger:
        for table in (_LINES, *map(ledger_table, shape.tables)):
            table.create(ledger)
        for path in paths:
            _take_in(shape, ledger, path, reading)
        _enter(shape, ledger)
        ledger.commit()
        yield ledger, reading


def _take_in(shape: LedgerShape, ledger: sa.Connection, path: Path, reading: LogReading) -> None:
    """Put the facts of a file in the order of their nodes and numbers, each once."""
    once = Prepared(insert(_LINES).on_conflict_do_nothing(), ledger.dialect)
    cursor = ledger.connection.cursor()
    facts = _facts(shape, path, reading)
    while found := list(islice(facts, _LINES_AT_ONCE)):
        once.run_in_order(cursor, found)
        reading.facts += cursor.rowcount
        reading.again += len(found) - cursor.rowcount


def _facts(shape: LedgerShape, path: Path, reading: LogReading) -> Iterator[tuple[str, int, bytes]]:
    """The node, the number and the line of each fact of a file."""
    for line in lines_of(path):
        try:
            fact = shape.read(line)
        except NoFact:
            reading.others += bool(line.strip())
        else:
            yield fact.node, fact.id, line


def _enter(shape: LedgerShape, ledger: sa.Connection) -> None:
    """Add the facts up: those of each node by themselves, as its daemon does."""
    in_order = sa.select(_LINES.c.node, _LINES.c.line).order_by(_LINES.c.node, _LINES.c.id)
    for node, lines in groupby(streamed(ledger, in_order), itemgetter(0)):
        added_up, changes = Ledger(shape), Changes(shape)
        for number, (_, line) in enumerate(lines, 1):
            changes.take(added_up.feed(shape.read(line)))
            if number % _RECORDS_AT_ONCE == 0:
                put(ledger, node, changes.rows())
                changes = Changes(shape)
        put(ledger, node, changes.rows())
