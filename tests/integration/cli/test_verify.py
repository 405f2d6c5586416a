"""`callcentre database verify`: it finds each kind of difference, and none where nothing is wrong."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
import sqlalchemy as sa

from callcentre import app
from callcentre.kernel import migrations, schema
from callcentre.kernel.database import Database
from callcentre.kernel.verification import MOST, Difference, verify
from callcentre.statistics.verification import verify_ledger
from tests.integration.cli.database_command import run
from tests.integration.kept import keep
from tests.integration.kernel.running import caller, served_in
from tests.testbed.databases import changing, database_in, database_of_server
from tests.unit.counted import six_calls
from tests.unit.rehearsal import settings

COMPONENTS = app.components(settings(), bytes(32))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Six calls in each kind of database. What a test changes is undone."""
    folder = tmp_path_factory.mktemp("kept")
    server = request.param == "postgresql"
    database = Database(database_of_server()) if server else Database.of_file(folder / "callcentre.db")
    asyncio.run(keep(database, folder / "facts.jsonl", six_calls().events))
    return database


class _Undone(Exception):  # noqa: N818
    """Ends a transaction whose changes are not kept."""


@contextmanager
def changed(database: Database, *statements: str) -> Iterator[sa.Connection]:
    with suppress(_Undone), migrations.writing(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield connection
        raise _Undone


def differences(database: Database, *statements: str) -> list[tuple[str, ...]]:
    """What is found once these statements have changed the database."""
    with changed(database, *statements) as connection:
        found = [*verify(connection, database, COMPONENTS), *verify_ledger(connection, app.ledger_shape())]
    return [(each.what, each.where, each.expected, each.found) for each in found]


def numbers(database: Database) -> tuple[int, int]:
    """The first visit that has a wait, and the last fact."""
    with changed(database) as connection:
        visit = connection.exec_driver_sql("SELECT min(key) FROM visits WHERE wait > 0").scalar_one()
        return visit, connection.exec_driver_sql("SELECT max(id) FROM journal").scalar_one()


def test_nothing_is_wrong_with_what_a_daemon_wrote(kept: Database) -> None:
    assert differences(kept) == []


def test_each_kind_of_difference_is_found(kept: Database) -> None:
    visit, last = numbers(kept)
    insert = "INSERT INTO {} VALUES ('main', {})"
    wrong: dict[str, tuple[str, str, str]] = {
        "DELETE FROM journal WHERE id = 3": ("journal", "journal main 4", "the number 3"),
        f"DELETE FROM journal WHERE id = {last}": ("journal", "journal main", f"facts up to {last}"),
        "UPDATE journal SET further = '{' WHERE id = 2": ("journal", "journal main 2", "a fact"),
        f"DELETE FROM visits WHERE key = {visit}": ("ledger", f"visits main {visit}", "a row"),
        f"UPDATE visits SET key = 9999 WHERE key = {visit}": ("ledger", "visits main 9999", "no row"),
        "UPDATE served SET answered = answered + 1": ("sum", "served main answered", ""),
        "UPDATE visits SET agent = 'x', agent_name = 'x'": ("ledger", f"visits main {visit} agent", ""),
        f"UPDATE visits SET number = 'x' WHERE key = {visit}": ("ledger", f"visits main {visit} number", ""),
        insert.format("timers", '\'{"timer":"nobody"}\', 0, false'): ("timer", 'timers main {"timer":"nobody"}', ""),
        insert.format("outbox", '999, \'{"effect":"nobody"}\''): ("effect", "outbox main 999", "an effect of a"),
        insert.format("outbox", "999, '{'"): ("effect", "outbox main 999", "an effect"),
        insert.format("dial_time", "'other', '[]'"): ("record", "dial_time main other", "the key "),
        "INSERT INTO handling (node, service, talks) VALUES ('main', 'x', '\"a\"')": (
            "record",
            "handling main x",
            "Han",
        ),
        "DROP INDEX ix_journal_call": ("schema", "journal ix_journal_call", "index"),
        "ALTER TABLE visits ADD COLUMN more TEXT": ("schema", "visits more", "none"),
        "ALTER TABLE scores DROP COLUMN metric": ("schema", "scores metric", "column"),
        "CREATE TABLE more (x INTEGER)": ("schema", "more", "none"),
        "UPDATE alembic_version SET version_num = '0020'": ("schema", "alembic_version", migrations.HEAD),
    }
    for statement, (what, where, expected) in wrong.items():
        found = differences(kept, statement)
        assert [each for each in found if each[:2] == (what, where) and each[2].startswith(expected)], (
            statement,
            found,
        )
    wait = differences(kept, f"UPDATE visits SET wait = wait + 1000 WHERE key = {visit}")
    (row, sums) = wait
    assert (row[:2], sums[:2]) == (("ledger", f"visits main {visit} wait"), ("sum", "visits main wait"))
    for each in wait:
        assert int(each[3]) - int(each[2]) == 1000


def test_a_table_that_cannot_be_read_to_its_end_is_reported_and_the_rest_is_checked(kept: Database) -> None:
    if kept.path is None:
        return  # PostgreSQL takes no such text.
    found = differences(
        kept,
        "INSERT INTO timers VALUES ('main', CAST(x'eda080' AS TEXT), 0, 0)",
        "INSERT INTO outbox VALUES ('main', 999, '{')",
    )
    assert [each[:3] for each in found] == [("timer", "timers", "readable"), ("effect", "outbox main 999", "an effect")]


def test_what_a_retention_or_an_erasure_took_is_no_difference(kept: Database) -> None:
    visit, _ = numbers(kept)
    assert differences(kept, "UPDATE visits SET number = NULL, caller = NULL, call = ''") == []
    purge = f"DELETE FROM journal WHERE id <= {visit}"
    assert differences(kept, purge) == []
    with changed(kept) as connection:
        later = connection.exec_driver_sql(f"SELECT min(key) FROM visits WHERE key > {visit} AND wait > 0").scalar_one()
    found = differences(kept, purge, f"UPDATE visits SET wait = 1 WHERE key IN ({visit}, {later})")
    assert [each[:2] for each in found] == [("ledger", f"visits main {later} wait"), ("sum", "visits main wait")]


def test_many_differences_are_counted_and_the_first_are_shown(kept: Database) -> None:
    rows = ", ".join(f"('main', {number}, '{{')" for number in range(1000, 1000 + MOST + 7))
    found = differences(kept, f"INSERT INTO outbox (node, id, effect) VALUES {rows}")
    assert len(found) == MOST + 1
    assert found[-1] == ("effect", "outbox", "", "7 more of these")


def test_rows_of_other_nodes_are_compared_by_themselves(kept: Database) -> None:
    columns = [column.name for column in schema.journal.columns]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join("'north'" if name == "node" else f'"{name}"' for name in columns)
    facts = f"INSERT INTO journal ({names}) SELECT {values} FROM journal"
    entered = "INSERT INTO meta SELECT 'north', key, value FROM meta WHERE node = 'main' AND key = 'entered'"
    # A start enters what is in the journal and not in the ledger yet.
    assert differences(kept, facts) == []
    found = differences(kept, facts, entered)
    assert {each[0] for each in found} == {"ledger", "sum"}
    assert all(" north" in each[1] for each in found)


def test_sqlite_s_own_checks_are_reported(kept: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    if kept.path is None:
        return
    keys = differences(
        kept,
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER REFERENCES parent)",
        "INSERT INTO child VALUES (5)",
    )
    assert ("foreign key", "child 1", "a row of parent", "none") in keys
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / "callcentre.db"
    with closing(sqlite3.connect(kept.path)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        (page,) = copy.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_journal_call'").fetchone()
        (size,) = copy.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    found = run(folder, "verify", "--format", "json", url=f"sqlite:///{path}")
    assert found.exit_code == 1, found.stderr
    assert found.stdout, found.stderr
    assert "integrity" in {each["what"] for each in json.loads(found.stdout)}


async def test_the_command_works_beside_a_running_daemon(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("running")
    async with served_in(folder) as served:
        await served.engine.settle(caller())
        fine = run(folder, "verify")
        assert (fine.exit_code, fine.stdout) == (0, "")
        assert fine.stderr == f"{database_in(folder)}: nothing is wrong\n"
        assert json.loads(run(folder, "verify", "--format", "json").stdout) == []
    with changing(folder) as connection:
        connection.execute(sa.text("DELETE FROM visits"))
    for form in ("table", "json", "csv"):
        wrong = run(folder, "verify", "--format", form)
        assert (wrong.exit_code, "visits main" in wrong.stdout) == (1, True)
    (first, *_) = json.loads(run(folder, "verify", "--format", "json").stdout)
    assert list(first) == list(Difference.__struct_fields__)
