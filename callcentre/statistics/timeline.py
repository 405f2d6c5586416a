"""All that is known of one call."""

from __future__ import annotations

from typing import Any

import msgspec

from callcentre.kernel import stories
from callcentre.kernel.database import Database
from callcentre.kernel.journal import line_of
from callcentre.kernel.reading import read


async def timeline_of(call: str, database: Database) -> list[dict[str, Any]]:
    """The facts of a call in their order, as they were logged; none when there is no such call. Raises `StoreError`."""
    (rows,) = await read(database, [stories.of_call(call, database.node)])
    return [msgspec.json.decode(line_of(row)) for row in rows]
