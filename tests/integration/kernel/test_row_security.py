"""PostgreSQL itself keeps the rows of organisations apart, also for a statement that the first wall let by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import sqlalchemy as sa

from callcentre.kernel import migrations, schema
from callcentre.kernel.copying import copy
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import stamp
from callcentre.kernel.migrations import row_security
from callcentre.kernel.ownership import EVERYBODY, Owner, Reach, owned_by, owner_of
from callcentre.kernel.page_reads import connections
from callcentre.kernel.page_reads.connections import Connections
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.schema import journal
from callcentre.kernel.store import Store, Writes
from tests.testbed.databases import the_server
from tests.testbed.postgresql import USER, fresh
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

AT: Final = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
A: Final = Reach("a", frozenset({"a1", "a2"}))
ORDINARY: Final = "ordinary"
"""A role as an administrator makes one: it owns the database, and is no superuser."""

components(World(settings=settings(), key=b"k" * 32))
OWNED: Final = [table for table in schema.metadata.sorted_tables if owner_of(table) is not Owner.PROGRAM]


class Happened(Fact, frozen=True, tag="test.happened"):
    """Something of a service or of an organisation."""


FACTS: Final = [
    Happened(service="a1"), Happened(service="b1"), Happened(), Happened(organisation="a", user="anna"),
    Happened(organisation="b", user="anna"), Happened(organisation="a", service="a2"),
    Happened(organisation="a", service="a3"), Happened(organisation="b", service="b1"),
]  # fmt: skip
OF_A: Final = [1, 4, 6]


@dataclass
class Served:
    database: Database
    reads: Reads


def _made(user: str) -> Database:
    """A database that this role owns, with the tables of this version."""
    server = the_server()
    with server.connect("postgres") as connection:
        connection.execute(
            f"DO $$ BEGIN CREATE ROLE {ORDINARY} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$".encode()
        )
    url = fresh(server)
    name = sa.make_url(url).database or ""
    with server.connect("postgres") as connection:
        connection.execute(f'ALTER DATABASE "{name}" OWNER TO {user}'.encode())
    database = Database(url.replace(f"//{USER}@", f"//{user}@"))
    migrations.upgrade(database)
    return database


@asynccontextmanager
async def filled(database: Database) -> AsyncIterator[None]:
    """The facts are in the database, and a daemon has it open."""
    store = Store(database)
    await store.open()
    await store.commit(Writes(journal=[stamp(fact, number + 1, AT) for number, fact in enumerate(FACTS)]))
    try:
        yield
    finally:
        await store.close()


@pytest.fixture(params=[ORDINARY, USER], ids=["owner", "superuser"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    database = await asyncio.to_thread(_made, request.param)
    reads = Reads(database)
    async with filled(database), reads.open():
        yield Served(database, reads)


@pytest.fixture
def without_the_first_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in both the conditions and the check."""
    monkeypatch.setattr(connections, "check", lambda *_arguments: None)


def connected(database: Database, **options: Any) -> sa.Connection:
    return sa.create_engine(database.url, poolclass=sa.pool.NullPool, **options).connect()


@pytest.mark.usefixtures("without_the_first_wall")
async def test_a_statement_without_a_condition_finds_the_rows_of_the_reach_only(served: Served) -> None:
    everything = sa.select(journal.c.id).order_by(journal.c.id)
    pages = Connections(served.database, 1)
    until = asyncio.get_running_loop().time() + 60
    try:
        (rows,) = await asyncio.to_thread(pages.read, [everything], A, until)
        assert [row["id"] for row in rows] == OF_A
        (rows,) = await asyncio.to_thread(pages.read, [everything], Reach("a", frozenset()), until)
        assert [row["id"] for row in rows] == [4]
        # The connection is the same: nothing of the last reach is left.
        (rows,) = await asyncio.to_thread(pages.read, [everything], EVERYBODY, until)
        assert len(rows) == len(FACTS)
    finally:
        pages.close()


async def test_both_walls_let_the_same_rows_through(served: Served) -> None:
    rows = await served.reads.rows(A, sa.select(journal.c.id).order_by(journal.c.id))
    assert [row["id"] for row in rows] == OF_A
    condition = owned_by(journal, A)
    assert condition is not None
    with connected(served.database) as connection:
        by_condition = connection.execute(sa.select(journal.c.id).where(condition).order_by(journal.c.id)).scalars()
        assert list(by_condition) == OF_A


async def test_the_engine_and_commands_see_all_rows(served: Served) -> None:
    with connected(served.database) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one() == len(FACTS)
    everybody = await served.reads.rows_of_everybody(
        "a test", sa.select(sa.func.count().label("n")).select_from(journal)
    )
    assert everybody == [{"n": len(FACTS)}]


@pytest.mark.parametrize("table", OWNED, ids=str)
def test_each_table_of_organisations_has_the_second_wall(table: sa.Table) -> None:
    with the_server().connect("brought_up_to_date") as connection:
        found = connection.execute(
            "SELECT relrowsecurity, relforcerowsecurity, "
            "(SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid) FROM pg_class WHERE relname = %s",
            (table.name,),
        ).fetchone()
    assert found == (True, True, 1)


async def test_what_the_pages_read_as_may_not_write(served: Served) -> None:
    pages = Connections(served.database, 1)
    change: Any = sa.delete(journal)
    try:
        with pytest.raises(StoreError):
            await asyncio.to_thread(pages.read, [change], None, asyncio.get_running_loop().time() + 60)
    finally:
        pages.close()


@pytest.mark.parametrize("user", [ORDINARY, USER])
async def test_a_copy_of_a_database_has_every_row_and_the_wall(user: str, tmp_path: Path) -> None:
    database, file = await asyncio.to_thread(_made, user), Database.of_file(tmp_path / "copy.db")
    async with filled(database):
        pass
    await asyncio.to_thread(copy, database, file)
    back = await asyncio.to_thread(_made_empty)
    await asyncio.to_thread(copy, file, back)
    with connected(back) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one() == len(FACTS)
    reads = Reads(back)
    async with reads.open():
        assert [row["id"] for row in await reads.rows(A, sa.select(journal.c.id).order_by(journal.c.id))] == OF_A


def _made_empty() -> Database:
    server = the_server()
    url = fresh(server)
    with server.connect("postgres") as connection:
        connection.execute(f'ALTER DATABASE "{sa.make_url(url).database}" OWNER TO {ORDINARY}'.encode())
    return Database(url.replace(f"//{USER}@", f"//{ORDINARY}@"))


async def test_a_table_that_a_later_step_makes_gets_the_wall_too(served: Served) -> None:
    if served.database.url.startswith(f"postgresql+psycopg://{USER}@"):
        pytest.skip("is about the owner")
    with migrations.writing(served.database) as connection:
        connection.exec_driver_sql("CREATE TABLE later (id int, organisation text)")
        connection.exec_driver_sql("INSERT INTO later VALUES (1, 'a'), (2, 'b')")
        # As after the steps of each upgrade.
        row_security.protect(connection)
    with connected(served.database) as connection, connection.begin():
        connection.exec_driver_sql("SELECT set_config('callcentre.organisation', 'b', true)")
        assert connection.exec_driver_sql("SELECT id FROM later").scalars().all() == [2]


def test_the_error_of_psycopg_has_the_code_for_a_statement_that_took_too_long() -> None:
    assert psycopg.errors.QueryCanceled.sqlstate == connections._CANCELLED
