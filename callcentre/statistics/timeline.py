"""All that is known of one call."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from callcentre.kernel.database import Database
from callcentre.kernel.journal import line_of
from callcentre.kernel.reading import read
from callcentre.kernel.schema import journal


async def timeline_of(call: str, database: Database) -> list[dict[str, Any]]:
    """The facts of a call in their order, as they were logged; none when there is no such call. Raises `StoreError`."""
    question = sa.select(journal).where(journal.c.node == database.node, journal.c.call == call).order_by(journal.c.id)
    (rows,) = await read(database, [question])
    return [msgspec.json.decode(line_of(row)) for row in rows]
