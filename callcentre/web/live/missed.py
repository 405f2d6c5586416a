"""Facts that a browser missed, read from the journal beside the daemon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from callcentre.kernel.database import Database
from callcentre.kernel.reading import read_only
from callcentre.kernel.schema import journal


def facts_after(database: Database, after: int, most: int) -> list[Mapping[str, Any]]:
    """The facts of this node after a number, in their order. Blocking. Raises `StoreError`."""
    statement = sa.select(journal).where(journal.c.node == database.node, journal.c.id > after)
    with read_only(database) as connection:
        return [dict(row) for row in connection.execute(statement.order_by(journal.c.id).limit(most)).mappings()]


def newest_fact(database: Database) -> int:
    """The number of the last fact of this node; 0 before the first. Blocking. Raises `StoreError`."""
    newest = sa.select(sa.func.max(journal.c.id)).where(journal.c.node == database.node)
    with read_only(database) as connection:
        return int(connection.execute(newest).scalar() or 0)
