"""Rows that have expired on a real SQLite file: deleted a few at a time, by the index, and no row twice or never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import Bounds, Count
from callcentre.kernel.reader import Reader
from callcentre.kernel.retention.rules import MOST
from callcentre.kernel.store import Store, Writes
from tests.integration.kernel.running import clock, served_in
from tests.testbed.databases import connected, database_in

EXPIRED = 2 * MOST + 50


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows of the counts each look for expired ones has read."""
    numbers: list[int] = []
    below = Reader.below

    def counted(reader: Reader, column: sa.Column[Any], value: Any, most: int) -> Sequence[Any]:
        found = below(reader, column, value, most)
        if column.table.name == "bounds":
            numbers.append(len(found))
        return found

    monkeypatch.setattr(Reader, "below", counted)
    return numbers


async def counts_in(folder: Path) -> None:
    """Leave counts of two days in the database: many of yesterday, two of tomorrow."""
    store, table = Store(database_in(folder)), Bounds().counts.table
    days = [clock() + timedelta(days=ahead) for ahead in (-2, 2)]
    old, coming = (day.date().isoformat() for day in days)
    counts = [Count(kind="texts", person=str(number), day=old, used=1) for number in range(EXPIRED)]
    counts += [Count(kind="texts", person=str(number), day=coming, used=1) for number in range(2)]
    await store.open()
    await store.commit(Writes(records={(table, one.key): one for one in counts}))
    await store.close()


def left(folder: Path) -> int:
    with connected(folder) as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM bounds")).scalar_one())


async def test_what_has_expired_goes_in_small_transactions_and_a_crash_loses_no_deletion(
    tmp_path: Path, fetched: list[int]
) -> None:
    await counts_in(tmp_path)
    async with served_in(tmp_path, crash=True) as served:
        assert (left(tmp_path), fetched) == (EXPIRED + 2, []), "nothing is read at the start"
        commits = served.engine.counters.commits
        await served.engine.settle(Tick(at=clock()))
        assert served.engine.counters.commits == commits + 1
        assert left(tmp_path) == EXPIRED + 2 - MOST
    async with served_in(tmp_path) as served:
        for _ in range(3):
            await served.engine.settle(Tick(at=clock()))
        assert left(tmp_path) == 2
    assert fetched == [MOST, MOST, 50, 0]
