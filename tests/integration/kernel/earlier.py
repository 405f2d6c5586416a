"""Databases as earlier versions of the program left them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA_0012 = Path(__file__).parent / "schema_0012.sql"
"""The dump of a database with schema 0012, the last one before components.

It holds callbacks in every phase, notices, surveys, texts, timers, effects in the outbox, facts and the ledger. The
services are `support` (customer first) and `sales` (agent first). Numbers are hashed with the key of 32 bytes "k".
"""


def database_of_schema_0012(path: Path) -> Path:
    """Make the database at `path` from the dump, and return `path`."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA_0012.read_text(encoding="utf-8"))
    return path
