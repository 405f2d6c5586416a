"""Facts that a browser missed, read from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.schema import journal


async def facts_after(reads: Reads, reach: Reach, node: str, after: int, most: int) -> Sequence[Mapping[str, Any]]:
    """The facts of a node after a number that are in a visitor's reach, in their order. Raises `StoreError`."""
    later = sa.select(journal).where(journal.c.node == node, journal.c.id > after)
    return await reads.rows(reach, later.order_by(journal.c.id).limit(most))


async def newest_fact(reads: Reads, node: str) -> int:
    """The number of the last fact of a node; 0 before the first. Raises `StoreError`."""
    newest = sa.select(sa.func.max(journal.c.id).label("id")).where(journal.c.node == node)
    (row,) = await reads.rows_of_everybody("the number of the last fact", newest)
    return int(row["id"] or 0)
