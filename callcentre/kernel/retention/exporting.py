"""Everything that is held about a person, for a person who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from callcentre.kernel import journal
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.log_files import About, found_in
from callcentre.kernel.reading import read_only
from callcentre.kernel.retention.finding import Row, Sought, found
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.schema import journal as journal_table
from callcentre.kernel.schema import meta
from callcentre.values.numbers import caller_hash


def key_of(database: Database) -> bytes:
    """The secret for hashing numbers. Blocking. Raises `StoreError`."""
    with read_only(database) as connection:
        kept = connection.execute(sa.select(meta.c.value).where(meta.c.key == "hash_key")).scalar()
    if kept is None:
        raise StoreError(f"{database}: has no key for numbers yet; the daemon makes it at its first start")
    return bytes.fromhex(kept)


def everything_about(
    number: str, region: str, database: Database, declared: Sequence[Retention], log: Path | None, at: datetime
) -> dict[str, Any]:
    """All rows about the person with this number (E.164), of all daemons, and the lines of the log beyond the journal.

    Blocking. Raises `StoreError`, and `OSError` for the log.
    """
    sought = Sought(number, caller_hash(key_of(database), number), region)
    with read_only(database) as connection:
        these = found(connection, declared, sought)
    tables = [_table(each, these.rows[each.table.name]) for each in declared if these.rows.get(each.table.name)]
    facts = {_name(row) for row in these.rows.get(journal_table.name, ())}
    lines = _lines(log, About(sought.caller, these.ids), facts) if log is not None and log.exists() else []
    return {
        "number": number,
        "caller": sought.caller,
        "at": at,
        "tables": tables,
        "log": lines,
        # Calls are not recorded by this program.
        "recordings": [],
    }


def _table(retention: Retention, rows: Sequence[Row]) -> dict[str, Any]:
    shown = [_fact(row) for row in rows] if retention.table is journal_table else [dict(row) for row in rows]
    return {
        "table": str(retention.table.name),
        "holds": retention.holds,
        "kept": retention.keeps,
        "for": retention.why,
        "rows": shown,
    }


def _fact(row: Row) -> Mapping[str, Any]:
    fact: Mapping[str, Any] = msgspec.json.decode(journal.line_of(row))
    return fact


def _name(row: Row) -> tuple[str, int]:
    return str(row.get("node", "")), row["id"]


def _lines(log: Path, about: About, facts: set[tuple[str, int]]) -> list[dict[str, Any]]:
    """What only the log has: of facts that are no longer in the journal, and lines that are no facts."""
    numbers = {number for _, number in facts}
    more: list[dict[str, Any]] = []
    for file, lines in found_in(log, about).items():
        for line in lines:
            try:
                fact = msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError:
                fact = {"line": line.decode(errors="replace").rstrip()}
            if fact.get("id") not in numbers:
                more.append({"file": file} | fact)
    return more
