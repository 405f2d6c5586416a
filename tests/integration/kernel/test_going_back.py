"""The way back to an older version, as docs/operate/upgrade.md describes it, from the schema before the newest one."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest
from alembic import command

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from callcentre.kernel.store import Store
from tests.integration.kernel.earlier import database_of_schema_0012


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The migrations of the version before this one: the newest step is missing."""
    folder = tmp_path_factory.mktemp("older") / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (newest,) = (folder / "versions").glob(f"r{migrations.HEAD}_*.py")
    newest.unlink()
    spec = importlib.util.spec_from_file_location("older_migrations", folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.HEAD < migrations.HEAD
    return module


@pytest.fixture
def database(tmp_path: Path, older: ModuleType) -> Path:
    """What the older version has written."""
    path = database_of_schema_0012(tmp_path / "callcentre.db")
    older.upgrade(Database.of_file(path))
    return path


def backup(database: Path, copy: Path) -> None:
    """As `sqlite3 … .backup` does it."""
    with closing(sqlite3.connect(database)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)


def put_back(copy: Path, database: Path, aside: Path) -> None:
    """Put a backup in the place of the database, as step 2 of the page has it."""
    database.rename(aside)
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    shutil.copy(copy, database)


def contents(database: Path) -> list[str]:
    """Everything in a database but what each start writes anew."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return sorted(line for line in connection.iterdump() if not line.startswith('INSERT INTO "meta"'))


async def upgraded(database: Path) -> None:
    """The first start of this version."""
    store = Store(Database.of_file(database))
    await store.open()
    await store.close()


async def test_an_older_program_refuses_a_newer_database_and_changes_nothing(database: Path, older: ModuleType) -> None:
    await upgraded(database)
    before = contents(database)
    with pytest.raises(older.TooNewError, match="written by a newer version"):
        older.upgrade(Database.of_file(database))
    assert contents(database) == before


async def test_with_its_backup_an_older_program_goes_on_where_it_was(
    database: Path, older: ModuleType, tmp_path: Path
) -> None:
    before = contents(database)
    backup(database, tmp_path / "backup.db")
    await upgraded(database)
    assert contents(database) != before

    put_back(tmp_path / "backup.db", database, tmp_path / "callcentre.db-newer")
    older.upgrade(Database.of_file(database))
    assert contents(database) == before
    # And forward once more.
    await upgraded(database)
    assert contents(database) == contents(tmp_path / "callcentre.db-newer")


def test_an_upgrade_that_is_cut_off_changes_nothing(
    database: Path, older: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the steps are done, then the disk is full."""
    before = contents(database)
    real = command.upgrade

    def cut_off(*arguments: object, **named: object) -> None:
        real(*arguments, **named)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "upgrade", cut_off)
    with pytest.raises(OSError, match="No space"):
        migrations.upgrade(Database.of_file(database))
    assert contents(database) == before
    older.upgrade(Database.of_file(database))
