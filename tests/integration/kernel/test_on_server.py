"""A daemon whose database is on a PostgreSQL server: two of one name, a lost connection, a silent server, a copy."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel import migrations, schema
from callcentre.kernel.database import Database
from callcentre.kernel.errors import InUse, StoreError, Superseded
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import Entry, stamp
from callcentre.kernel.records import Unreadable
from callcentre.kernel.store import PASSES, Store, Writes
from tests.testbed.databases import the_server
from tests.testbed.postgresql import Server, fresh, url_of
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


class Happened(Fact, frozen=True, tag="test.happened"):
    """Something to be kept."""


def entries(first: int, last: int) -> list[Entry]:
    """Facts with these numbers."""
    return [stamp(Happened(reason="x"), number, AT + timedelta(seconds=number)) for number in range(first, last + 1)]


@pytest.fixture
def url() -> str:
    return fresh(the_server(), "brought_up_to_date")


@asynccontextmanager
async def opened(url: str, node: str = "main") -> AsyncIterator[Store]:
    store = Store(Database(url, node))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def kept(store: Store, writes: Writes) -> None:
    """Commit as the daemon does: again and again while the server refuses."""
    async with asyncio.timeout(30):
        while True:
            try:
                await store.commit(writes)
            except Superseded:
                raise
            except PASSES:
                await asyncio.sleep(0.02)
            else:
                return


def numbers(url: str, node: str = "main") -> list[int]:
    asked = sa.select(schema.journal.c.id).where(schema.journal.c.node == node).order_by(schema.journal.c.id)
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        return list(connection.execute(asked).scalars())


def end_connections(url: str) -> None:
    """As an administrator of the server may: every connection to this database ends."""
    name = sa.make_url(url).database
    with the_server().connect("postgres") as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


async def test_a_second_daemon_of_a_name_waits_and_takes_over_with_everything_that_is_stored(url: str) -> None:
    async with opened(url) as first, opened(url, "other"):
        await first.commit(Writes(journal=entries(1, 2)))
        second = Store(Database(url))
        with pytest.raises(InUse, match=r"another callcentre daemon has the name 'main' \(node\) in this database"):
            await second.open()
        end_connections(url)
        async with asyncio.timeout(10):
            while True:
                try:
                    await second.open()
                    break
                except InUse:
                    await asyncio.sleep(0.01)
        assert [row["id"] for row in await second.own_rows(schema.journal)] == [1, 2]
        # The first one does not know that it has been replaced: it must not write.
        with pytest.raises((InUse, sa.exc.SQLAlchemyError)):
            await first.commit(Writes(journal=entries(3, 3)))
        await second.commit(Writes(journal=entries(3, 4)))
        with pytest.raises(InUse):
            await first.commit(Writes(journal=entries(3, 3)))
        await second.close()
        with pytest.raises(Superseded, match="another daemon has used it as 'main'"):
            await kept(first, Writes(journal=entries(3, 3)))
    assert numbers(url) == [1, 2, 3, 4]


async def test_a_connection_that_is_lost_costs_no_commit(url: str) -> None:
    async with opened(url) as store:
        for number in range(1, 6):
            if number in (2, 4):
                end_connections(url)
            await kept(store, Writes(journal=entries(number, number)))
    assert numbers(url) == [1, 2, 3, 4, 5]


async def test_two_daemons_have_their_own_rows_and_numbers(url: str) -> None:
    async with opened(url, "helsinki") as one, opened(url, "turku") as other:
        await one.commit(Writes(journal=entries(1, 2), meta={"entered": "2"}))
        await other.commit(Writes(journal=entries(1, 3), meta={"entered": "3"}))
        assert (await one.meta())["entered"] == "2"
        assert [row["id"] for row in await other.own_rows(schema.journal)] == [1, 2, 3]
        assert await one.shared_value("hash_key", "aa") == await other.shared_value("hash_key", "bb") == "aa"
    assert (numbers(url, "helsinki"), numbers(url, "turku")) == ([1, 2], [1, 2, 3])


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may kill."""
    running = Server()
    running.start()
    yield running
    running.close()


_names = count(1)


def made(running: Server) -> str:
    url = running.make(f"own{next(_names)}")
    migrations.upgrade(Database(url))
    return url


async def test_a_server_that_is_killed_and_comes_back_loses_nothing(own_server: Server) -> None:
    url = made(own_server)
    async with opened(url) as store:
        await store.commit(Writes(journal=entries(1, 1)))
        own_server.stop(signal.SIGKILL)
        with pytest.raises(sa.exc.SQLAlchemyError):
            await store.commit(Writes(journal=entries(2, 2)))
        with pytest.raises(Unreadable):
            store.reader.rows(schema.meta.c.key, "commit")
        own_server.start()
        await kept(store, Writes(journal=entries(2, 2)))
        assert store.reader.rows(schema.meta.c.key, "commit")
    assert numbers(url) == [1, 2]


async def test_a_silent_server_does_not_hold_a_rule(own_server: Server) -> None:
    url = made(own_server)
    async with opened(url) as store:
        own_server.send(signal.SIGSTOP)
        try:
            with pytest.raises(Unreadable, match="the server does not answer"):
                store.reader.rows(schema.meta.c.key, "commit")
        finally:
            own_server.send(signal.SIGCONT)
        await store.connect_again()
        assert store.reader.rows(schema.meta.c.key, "commit")


async def test_a_copy_that_has_everything_takes_over_and_one_that_lacks_a_commit_ends_the_daemon(
    own_server: Server,
) -> None:
    made(own_server)
    copy = Server(copy_of=own_server)
    try:
        copy.start()
        name = f"own{next(_names) - 1}"
        both = url_of(name, [own_server, copy], target_session_attrs="read-write")
        async with opened(both) as store:
            await store.commit(Writes(journal=entries(1, 1)))
            async with asyncio.timeout(20):
                while numbers(copy.url(name)) != [1]:  # noqa: ASYNC110 - on another server
                    await asyncio.sleep(0.02)
            own_server.stop(signal.SIGKILL)
            copy.promote()
            await kept(store, Writes(journal=entries(2, 2)))
            assert numbers(copy.url(name)) == [1, 2]
            with copy.connect(name) as connection:
                # As if the copy had been promoted before the last transaction reached it.
                connection.execute("DELETE FROM journal WHERE id = 2")
                connection.execute("UPDATE meta SET value = split_part(value, ' ', 1) || ' 1' WHERE key = 'commit'")
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database()"
                )
            with pytest.raises(Superseded, match="lacks the last 1 transactions"):
                await kept(store, Writes(journal=entries(3, 3)))
    finally:
        copy.close()


async def test_texts_may_contain_the_character_zero(url: str) -> None:
    async with opened(url) as store:
        fact = Happened(reason="a\x00b", agent_name="\x00")
        await store.commit(Writes(journal=[stamp(fact, 1, AT)], meta={"m": "x\x00"}))
        (row,) = await store.own_rows(schema.journal)
        assert (row["reason"], row["agent_name"]) == ("a\N{REPLACEMENT CHARACTER}b", "\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"query": {"host": "/nowhere"}}, "see whether the server runs"),
        ({"database": "nobody_made_it"}, "make the database"),
    ],
)
async def test_a_server_that_cannot_be_used_is_said_with_what_to_do(
    url: str, broken: dict[str, Any], words: str
) -> None:
    known = sa.make_url(url).set(**broken)
    with pytest.raises(StoreError, match=words):
        await Store(Database(known.render_as_string(hide_password=False))).open()


async def test_rules_can_read_every_table_that_belongs_to_all_daemons(url: str) -> None:
    components(World(settings=settings(), key=b"k" * 32))
    shared = [table for table in schema.metadata.tables.values() if not schema.belongs_to_node(table)]
    assert "survey_answers" in {table.name for table in shared}
    async with opened(url) as store:
        for table in shared:
            key = next(iter(table.primary_key))
            assert store.reader.rows(key, "00") == []
