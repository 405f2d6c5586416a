"""All facts of one callback, from the offer to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from callcentre.kernel import stories
from callcentre.kernel.database import Database
from callcentre.kernel.journal import line_of
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.reading import read


async def story_of(callback: str, database: Database) -> list[dict[str, Any]]:
    """The facts of a callback and of its calls, in their order, as they were logged.

    Empty when there is no such callback. Raises `StoreError`.
    """
    (rows,) = await read(database, [stories.of_callback(callback, database.node)])
    return _as_logged(rows)


async def story_within(reach: Reach, callback: str, node: str, reads: Reads) -> list[dict[str, Any]]:
    """The facts among them that are within a reach. Raises `StoreError`."""
    return _as_logged(await reads.rows(reach, stories.of_callback(callback, node)))


def _as_logged(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line_of(row)) for row in rows]
