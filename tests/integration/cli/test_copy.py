"""`callcentre database copy`: from one kind of database to the other and back, nothing is lost or changed silently."""

from __future__ import annotations

import math
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre import app
from callcentre.kernel import copying, migrations, schema
from callcentre.kernel.backup import back_up
from callcentre.kernel.copying import Copied, copy
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.store import Store
from tests.integration.cli.database_command import run
from tests.integration.kernel.running import caller, served_in
from tests.testbed.databases import database_of_server, the_server
from tests.testbed.postgresql import fresh
from tests.unit.rehearsal import NOON
from tests.unit.rehearsal import settings as shipped

app.components(shipped(), bytes(32))  # Makes the tables of all components.

Rows = dict[str, list[tuple[Any, ...]]]

_KEYS = st.text(max_size=8)
_TEXTS = st.text(max_size=20)
_NUMBERS = st.integers(-(2**63), 2**63 - 1)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_JSONS = st.sampled_from([r'"\u0000"', r'"\ud800"', '{"a":1,"a": 2}', "[1e400, -0.0]", "null", ' [ "ä" ]\n'])


def on_server() -> Database:
    """A database on the server that has no tables."""
    return Database(fresh(the_server()))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of this version without rows."""
    path = tmp_path_factory.mktemp("template") / "callcentre.db"
    migrations.upgrade(Database.of_file(path))
    return path


def made(template: Path, path: Path, *statements: str) -> Database:
    """A database of this version in a file, with rows."""
    database = Database.of_file(path)
    shutil.copyfile(template, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return database


# --- any values ------------------------------------------------------------------------------------


def value_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a column, as SQLite stores it."""
    if isinstance(kind, schema.Hash):
        return st.binary(max_size=8)
    if isinstance(kind, sa.JSON | schema.Nested):
        return _JSONS
    if isinstance(kind, sa.Boolean):
        return st.integers(0, 1)
    if isinstance(kind, sa.Float):
        return _FLOATS
    return _TEXTS if isinstance(kind, sa.Text) else _NUMBERS


def values_of(column: sa.Column[Any]) -> st.SearchStrategy[Any]:
    if column.primary_key:
        return _KEYS if isinstance(column.type, sa.Text) else _NUMBERS
    value = value_of(column.type)
    return st.none() | value if column.nullable else value


def as_on_server(value: Any) -> Any:
    """PostgreSQL has no character zero."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def rows_of(table: sa.Table) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    keys = [place for place, column in enumerate(table.columns) if column.primary_key]
    return st.lists(
        st.tuples(*map(values_of, table.columns)),
        max_size=3,
        unique_by=lambda row: tuple(as_on_server(row[place]) for place in keys),
    )


ROWS = st.fixed_dictionaries({table.name: rows_of(table) for table in schema.metadata.sorted_tables})


def contents(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table.name: sorted(connection.execute(f'SELECT * FROM "{table.name}"').fetchall(), key=repr)
            for table in schema.metadata.sorted_tables
        }


@settings(max_examples=3)
@given(rows=ROWS)
def test_any_values_come_back_from_the_other_kind_of_database(
    template: Path, tmp_path_factory: pytest.TempPathFactory, rows: Rows
) -> None:
    folder = tmp_path_factory.mktemp("copy")
    source = made(template, folder / "source.db")
    with closing(sqlite3.connect(folder / "source.db")) as connection, connection:
        for name, some in rows.items():
            for row in some:
                places = ", ".join("?" * len(row))
                names = ", ".join(f'"{column.name}"' for column in schema.metadata.tables[name].columns)
                connection.execute(f'INSERT INTO "{name}" ({names}) VALUES ({places})', row)
    server, back = Database(database_of_server()), made(template, folder / "back.db")
    there = copy(source, server)
    assert {each.table: each.rows for each in there} == {name: len(some) for name, some in rows.items()}
    returned = copy(server, back)
    assert [(each.rows, each.sum) for each in returned] == [(each.rows, each.sum) for each in there]
    expected = {
        name: sorted((tuple(map(as_on_server, row)) for row in some), key=repr)
        for name, some in contents(folder / "source.db").items()
    }
    assert contents(folder / "back.db") == expected
    replaced = sum(tuple(map(as_on_server, row)) != row for some in rows.values() for row in some)
    assert sum(each.replaced for each in there) == replaced


# --- what cannot be copied -------------------------------------------------------------------------


WRONG = (
    "INSERT INTO meta VALUES ('main', 'k', CAST(x'eda080' AS TEXT))",  # Not UTF-8: half of a pair.
    "INSERT INTO meta VALUES ('main', 'k', x'00')",
    "INSERT INTO timers VALUES ('main', 'k', 'soon', 0)",
    "INSERT INTO timers VALUES ('main', 'k', 1.5, 0)",
    "INSERT INTO meta VALUES ('main', 'k' || char(0), ''), ('main', 'k' || char(65533), '')",
)


def test_what_the_other_database_cannot_hold_is_reported_and_nothing_is_copied(template: Path, tmp_path: Path) -> None:
    target = on_server()
    for number, wrong in enumerate(WRONG):
        source = made(template, tmp_path / f"{number}.db", wrong)
        with pytest.raises(StoreError, match=rf"nothing was copied: .*{wrong.split()[2]}"):
            copy(source, target)
        with sa.create_engine(target.url, poolclass=sa.pool.NullPool).begin() as connection:
            assert number > 0 or sa.inspect(connection).get_table_names() == []
            assert number == 0 or connection.execute(sa.text("SELECT count(*) FROM meta")).scalar() == 0
        migrations.upgrade(target)


def _least(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.Float):
        return math.nan
    if column.nullable:
        return None
    if isinstance(column.type, schema.Instant):
        return NOON
    return "x" if isinstance(column.type, sa.Text) else [] if isinstance(column.type, sa.JSON) else 0


def test_a_number_that_sqlite_lacks_is_reported(tmp_path: Path) -> None:
    source = Database(database_of_server())
    table = schema.metadata.tables["surveys"]
    with sa.create_engine(source.url, poolclass=sa.pool.NullPool).begin() as connection:
        connection.execute(sa.insert(table), {column.name: _least(column) for column in table.columns})
    with pytest.raises(StoreError, match=r"nothing was copied: .*surveys"):
        copy(source, Database.of_file(tmp_path / "target.db"))


def test_what_is_read_back_otherwise_is_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = made(template, tmp_path / "source.db", "INSERT INTO meta VALUES ('main', 'k', 'v')")
    summed = copying._sum_of

    def other(table: sa.Table, connection: sa.Connection) -> Copied:
        found = summed(table, connection)
        return Copied(found.table, found.rows, "0" * 16)

    monkeypatch.setattr(copying, "_sum_of", other)
    with pytest.raises(StoreError, match=r"of meta, 1 rows with the sum \w+ were written, and 1 with the sum 0"):
        copy(source, Database.of_file(tmp_path / "target.db"))


# --- beside daemons --------------------------------------------------------------------------------


async def test_a_daemon_goes_on_with_the_copy(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
        source = served.store.database
    target = on_server() if source.path is not None else Database.of_file(tmp_path / "b.db")
    copied = run(tmp_path, "copy", "--to", target.url, "--format", "json")
    assert (copied.exit_code, copied.stderr.count("set store.url")) == (0, 1)
    before, after = Store(source), Store(target)
    for store in (before, after):
        await store.open()
    try:
        for table in (schema.journal, schema.outbox, schema.timers):
            rows = await before.own_rows(table)
            assert await after.own_rows(table) == rows
        assert await after.own_rows(schema.journal)
    finally:
        await before.close()
        await after.close()


async def test_a_copy_is_refused_while_a_daemon_uses_the_source(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        refused = run(tmp_path, "copy", "--to", f"sqlite:///{tmp_path}/target.db")
    assert (refused.exit_code, "another callcentre daemon" in refused.stderr) == (1, True)


async def test_a_copy_is_refused_while_a_daemon_of_another_name_uses_the_server(tmp_path: Path) -> None:
    shared = Database(database_of_server(), "north")
    store = Store(shared)
    await store.open()
    try:
        with pytest.raises(StoreError, match="'north'"):
            copy(Database(shared.url, "main"), Database.of_file(tmp_path / "target.db"))
    finally:
        await store.close()


async def test_only_an_empty_database_is_copied_into(template: Path, tmp_path: Path) -> None:
    source = made(template, tmp_path / "source.db")
    target = Database(database_of_server())
    copy(source, target)  # Tables without rows are fine.
    store = Store(target)
    await store.open()
    await store.close()
    with pytest.raises(StoreError, match="has rows already, in meta"):
        copy(source, target)
    with pytest.raises(StoreError, match="is the database itself"):
        copy(source, Database.of_file(tmp_path / "." / "source.db"))
    refused = run(tmp_path, "copy", "--to", "mysql://x/y", url=source.url)
    assert (refused.exit_code, "is not a known database" in refused.stderr) == (2, True)


async def test_a_backup_of_a_server_is_a_file_that_a_daemon_opens(tmp_path: Path) -> None:
    shared = Database(database_of_server())
    store = Store(shared)
    await store.open()
    try:
        key = await store.shared_value("hash_key", "k")
        assert back_up(shared, tmp_path / "backup.db") > 0
    finally:
        await store.close()
    copied = Store(Database.of_file(tmp_path / "backup.db"))
    await copied.open()
    assert await copied.shared_value("hash_key", "other") == key
    await copied.close()
