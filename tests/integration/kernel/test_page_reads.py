"""The pages' reads of a real database: what they see, how long they may take, and that they cannot write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import stamp
from callcentre.kernel.ownership import EVERYBODY, Reach, Unscoped
from callcentre.kernel.page_reads.connections import Connections
from callcentre.kernel.page_reads.reads import THREADS, Reads
from callcentre.kernel.schema import journal, meta
from callcentre.kernel.store import Store, Writes
from tests.testbed.databases import connected_to, database_in, of_a_file

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
A, B = Reach("a", frozenset({"a1"})), Reach("b", frozenset({"b1"}))

ENDLESS = sa.select(sa.literal(1).label("n")).cte("endless", recursive=True)
ENDLESS = ENDLESS.union_all(sa.select(ENDLESS.c.n + 1))
SLOW = sa.select(sa.func.max(ENDLESS.c.n))
"""A statement that never ends by itself."""


class Happened(Fact, frozen=True, tag="test.happened"):
    """Something of a service."""


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Store]:
    store = Store(database)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def happen(store: Store, number: int, service: str | None) -> None:
    await store.commit(Writes(journal=[stamp(Happened(service=service), number, AT)]))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_in(tmp_path)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    async with opened(database) as store:
        await happen(store, 1, "a1")
        await happen(store, 2, "b1")
        await happen(store, 3, None)
        yield store


@pytest.fixture
async def reads(database: Database, store: Store) -> AsyncIterator[Reads]:  # noqa: ARG001 - it makes the database
    reads = Reads(database, longest=0.5)
    async with reads.open():
        yield reads


async def test_each_reach_reads_its_own_rows(reads: Reads) -> None:
    numbers = sa.select(journal.c.id).order_by(journal.c.id)
    assert await reads.rows(A, numbers) == [{"id": 1}]
    assert await reads.rows(B, numbers) == [{"id": 2}]
    assert await reads.rows(Reach("c", frozenset()), numbers) == []
    assert await reads.rows(EVERYBODY, numbers) == [{"id": 1}, {"id": 2}, {"id": 3}]


async def test_values_are_as_the_columns_say(reads: Reads) -> None:
    (row,) = await reads.rows(A, sa.select(journal.c.at, journal.c.service.label("of")))
    assert row == {"at": AT, "of": "a1"}


async def test_several_statements_see_one_moment(reads: Reads, store: Store) -> None:
    how_many = sa.select(sa.func.count().label("n")).select_from(journal)
    before = await reads.all(EVERYBODY, [how_many, how_many])
    await happen(store, 4, "a1")
    assert before == [[{"n": 3}], [{"n": 3}]]
    assert await reads.rows(EVERYBODY, how_many) == [{"n": 4}]


async def test_a_mistaken_statement_never_reaches_the_database(reads: Reads) -> None:
    for wrong in (sa.select(meta), sa.select(sa.literal_column("(SELECT max(id) FROM journal)"))):
        with pytest.raises(Unscoped):
            await reads.rows(A, wrong)


async def test_the_connections_refuse_what_was_not_checked(database: Database, store: Store) -> None:  # noqa: ARG001
    connections = Connections(database, 1)
    until = asyncio.get_running_loop().time() + 60
    try:
        for reach, wrong in ((A, sa.select(journal.c.id)), (A, sa.select(meta)), (EVERYBODY, sa.select(meta))):
            with pytest.raises(Unscoped):
                await asyncio.to_thread(connections.read, [wrong], reach, until)
    finally:
        connections.close()


async def test_the_program_reads_for_itself_under_a_name(reads: Reads) -> None:
    rows = await reads.rows_of_everybody("a test", sa.select(sa.func.count().label("n")).select_from(meta))
    assert rows[0]["n"] > 0


async def test_a_slow_statement_is_ended_and_the_connection_serves_the_next(reads: Reads) -> None:
    for _ in range(2):
        with pytest.raises(StoreError, match="was not read in time; ask for less"):
            await asyncio.gather(*(reads.rows(A, SLOW) for _ in range(THREADS)))
    assert await reads.rows(A, sa.select(journal.c.id)) == [{"id": 1}]


async def test_a_read_cannot_change_anything(reads: Reads, database: Database) -> None:
    change: Any = sa.delete(journal)
    with pytest.raises(StoreError):
        await reads.rows_of_everybody("a test", change)
    with connected_to(database) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one() == 3


async def test_before_and_after_it_is_open_nothing_is_read(database: Database) -> None:
    reads = Reads(database)
    with pytest.raises(StoreError, match="starts or stops"):
        await reads.rows(A, sa.select(journal.c.id))
    async with reads.open():
        pass
    with pytest.raises(StoreError, match="starts or stops"):
        await reads.rows(A, sa.select(journal.c.id))


@of_a_file
async def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    reads = Reads(Database.of_file(tmp_path / "none.db"))
    async with reads.open():
        with pytest.raises(StoreError, match="there is no database yet"):
            await reads.rows(A, sa.select(journal.c.id))


def put_in_place(other: Path, path: Path) -> None:
    """As an administrator does who puts a backup back."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    other.rename(path)


@of_a_file
async def test_another_file_at_the_path_is_read_instead(tmp_path: Path) -> None:
    """Such as a backup that was put back, or a write-ahead log that was begun anew."""
    path = tmp_path / "callcentre.db"
    numbers = sa.select(journal.c.id).order_by(journal.c.id)
    reads = Reads(Database.of_file(path))
    async with reads.open():
        async with opened(Database.of_file(path)) as store:
            await happen(store, 1, "a1")
            assert await reads.rows(A, numbers) == [{"id": 1}]
        other = tmp_path / "other.db"
        migrations.upgrade(Database.of_file(other))
        async with opened(Database.of_file(other)) as store:
            await happen(store, 7, "a1")
        put_in_place(other, path)
        async with opened(Database.of_file(path)):
            assert await reads.rows(A, numbers) == [{"id": 7}]
