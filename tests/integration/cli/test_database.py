"""`callcentre database`: what it does to real databases, and beside a running daemon."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel import backup, migrations
from callcentre.kernel.database import Database
from callcentre.kernel.reading import read_only
from tests.integration.cli.database_command import run
from tests.integration.kernel.running import caller, served_in
from tests.integration.kernel.test_migrations import database_at
from tests.testbed.databases import connected, database_in, of_a_file

# --- upgrade ---------------------------------------------------------------------------------------


@of_a_file
def test_an_upgrade_says_from_where_to_where(tmp_path: Path) -> None:
    made = run(tmp_path, "upgrade")
    assert (made.exit_code, made.stdout.endswith(f"callcentre.db: made, schema {migrations.HEAD}\n")) == (0, True)
    assert stat.S_IMODE((tmp_path / "callcentre.db").stat().st_mode) == 0o600
    older = tmp_path / "older.db"
    database_at(older, "0005")
    url = f"sqlite:///{older}"
    assert f"from schema 0005 to {migrations.HEAD}" in run(tmp_path, "upgrade", url=url).stdout
    assert f"schema {migrations.HEAD}, as it was" in run(tmp_path, "upgrade", url=url).stdout


@of_a_file
def test_a_database_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    run(tmp_path, "upgrade")
    with sqlite3.connect(tmp_path / "callcentre.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = run(tmp_path, "upgrade")
    assert refused.exit_code == 1
    assert "written by a newer version of callcentre (schema 9999)" in refused.stderr


async def test_an_upgrade_is_refused_while_the_daemon_runs(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        refused = run(tmp_path, "upgrade")
        assert refused.exit_code == 1
        assert "another callcentre daemon" in refused.stderr
    assert run(tmp_path, "upgrade").exit_code == 0


# --- backup ----------------------------------------------------------------------------------------


async def test_a_backup_beside_a_running_daemon_has_all_that_was_stored(tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
        made = run(tmp_path, "backup", file)
        assert (made.exit_code, made.stderr) == (0, "")
        with connected(tmp_path) as connection:
            journal = connection.execute(sa.text("SELECT node, id, event FROM journal ORDER BY id")).all()
    assert journal
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [name for name in os.listdir(tmp_path) if "backup" in name] == ["backup.db"]
    with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as copy:
        assert copy.execute("SELECT node, id, event FROM journal ORDER BY id").fetchall() == [*map(tuple, journal)]


@of_a_file
def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each commit would make SQLite begin anew, if the copying were not one reader's transaction."""
    run(tmp_path, "upgrade")
    database = database_in(tmp_path)
    with closing(sqlite3.connect(tmp_path / "callcentre.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # As the daemon sets it.
    steps: list[int] = []

    def commit(_status: int, _remaining: int, pages: int) -> None:
        steps.append(pages)
        if len(steps) > pages:
            raise OverflowError("it has begun anew")
        with closing(sqlite3.connect(tmp_path / "callcentre.db")) as writer, writer:
            writer.execute("INSERT INTO meta VALUES ('main', ?, 'x')", (str(len(steps)),))

    @contextmanager
    def watched(read: Database) -> Iterator[Any]:
        with read_only(read) as rows:
            source: Any = rows.connection.driver_connection
            copying = SimpleNamespace(backup=partial(source.backup, progress=commit))
            yield SimpleNamespace(execute=rows.execute, connection=SimpleNamespace(driver_connection=copying))

    monkeypatch.setattr(backup, "_PAGES", 1)
    monkeypatch.setattr(backup, "read_only", watched)
    backup.back_up(database, tmp_path / "backup.db")
    assert len(steps) == steps[0] > 20
    with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        assert copy.execute("SELECT count(*) FROM meta").fetchone() == (0,)


def test_a_backup_replaces_a_file_only_with_force(tmp_path: Path) -> None:
    run(tmp_path, "upgrade")
    file = tmp_path / "backup.db"
    file.write_bytes(b"mine")
    file.chmod(0o644)
    refused = run(tmp_path, "backup", file)
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"{file}: exists; name another file, or replace it with --force\n",
    )
    assert file.read_bytes() == b"mine"
    assert run(tmp_path, "backup", file, "--force").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with sqlite3.connect(file) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(migrations.HEAD,)]


@of_a_file
def test_a_backup_never_takes_the_place_of_a_database_in_use(tmp_path: Path) -> None:
    run(tmp_path, "upgrade")
    path = tmp_path / "callcentre.db"
    itself = run(tmp_path, "backup", path, "--force")
    assert "is the database itself" in itself.stderr
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE kept (x)")
        refused = run(tmp_path, "backup", other, "--force")
    connection.close()
    assert refused.exit_code == 1
    assert "is a database in use" in refused.stderr


@of_a_file
def test_a_backup_of_a_damaged_database_is_not_kept(tmp_path: Path) -> None:
    run(tmp_path, "upgrade")
    path = tmp_path / "callcentre.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_journal_call'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    refused = run(tmp_path, "backup", tmp_path / "backup.db")
    assert refused.exit_code == 1
    assert "is not sound" in refused.stderr
    assert not (tmp_path / "backup.db").exists()


@of_a_file
def test_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    missing = Database.of_file(tmp_path / "none.db")
    refused = run(tmp_path, "backup", tmp_path / "backup.db", url=missing.url)
    assert refused.exit_code == 1
    assert "there is no database yet" in refused.stderr
    refused = run(tmp_path, "backup", tmp_path / "no" / "such" / "backup.db")
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
