"""All facts of one callback, from the offer to its end."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from callcentre.kernel.database import Database
from callcentre.kernel.journal import line_of
from callcentre.kernel.reading import read
from callcentre.kernel.schema import journal


async def story_of(callback: str, database: Database) -> list[dict[str, Any]]:
    """The facts of a callback and of its calls, in their order, as they were logged.

    Empty when there is no such callback. Raises `StoreError`.
    """
    ours, its_own = journal.c.node == database.node, journal.c.callback == callback
    calls = sa.select(journal.c.call).where(ours, its_own, journal.c.call.is_not(None))
    # A call may end one callback and begin another: facts of the other are not part of this one's story.
    of_calls = sa.and_(journal.c.callback.is_(None), journal.c.call.in_(calls))
    question = sa.select(journal).where(ours, sa.or_(its_own, of_calls)).order_by(journal.c.id)
    (rows,) = await read(database, [question])
    return [msgspec.json.decode(line_of(row)) for row in rows]
