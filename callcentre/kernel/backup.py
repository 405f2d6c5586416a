"""A complete copy of the database as a SQLite file, made beside a running daemon.

A SQLite file is copied by SQLite itself (https://sqlite.org/backup.html), page by page, as it is at one moment.
The rows of a server's database are copied as `copying.copy` does it, from one snapshot.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from callcentre.config import private
from callcentre.kernel.copying import copy_rows
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.reading import read_only

_PAGES: Final = 1_000
"""Pages of 4 KiB in a step. Between the steps other threads run, and Ctrl-C is heard."""


def back_up(database: Database, file: Path, *, replace: bool = False) -> int:
    """Copy the database into a new file of mode 0600, and check the copy. Returns its length in bytes.

    Blocking. `replace` allows a file of that name. For a server's database, `metadata` must have the tables of all
    components. Raises `StoreError` when the database cannot be read, the copy cannot be written or is not sound, or the
    file exists.
    """
    _refuse_existing(database, file, replace=replace)
    copy = Database.of_file(file)
    try:
        with _beside(file) as partial:
            _copy(database, partial)
            _check(partial)
            _sync(partial)
            if replace:
                partial.replace(file)
            else:
                # Unlike a rename, this fails when somebody has made the file meanwhile.
                file.hardlink_to(partial)
        _sync(file.parent)
        return file.stat().st_size
    except FileExistsError as error:
        raise _exists(file) from error
    except (OSError, sqlite3.Error) as error:
        raise StoreError(described(copy, error, "cannot be written as the backup")) from error


def _refuse_existing(database: Database, file: Path, *, replace: bool) -> None:
    if database.path is not None and file.exists() and database.path.exists() and file.samefile(database.path):
        raise StoreError(f"{file}: is the database itself; name another file")
    if Path(f"{file}-wal").exists():
        raise StoreError(f"{file}: is a database in use: {file.name}-wal is beside it; name another file")
    if file.exists() and not replace:
        raise _exists(file)


def _exists(file: Path) -> StoreError:
    return StoreError(f"{file}: exists; name another file, or replace it with --force")


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A file to write beside this one: nobody finds half a copy under its name. It is gone at the end."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, private.MODE))
    try:
        yield partial
    finally:
        for each in (partial, Path(f"{partial}-journal"), Path(f"{partial}-wal"), Path(f"{partial}-shm")):
            each.unlink(missing_ok=True)


def _copy(database: Database, file: Path) -> None:
    if database.path is None:
        with read_only(database) as rows:
            copy_rows(rows, database, Database.of_file(file))
    else:
        _copy_pages(database, file)


def _copy_pages(database: Database, file: Path) -> None:
    with read_only(database) as connection, closing(sqlite3.connect(file)) as copy:
        # The first read fixes the moment. Without a transaction around it, each commit of the daemon would make the
        # copying begin anew. A reader of a database in WAL mode keeps no writer waiting.
        connection.execute(sa.text("SELECT count(*) FROM sqlite_master"))
        source: Any = connection.connection.driver_connection
        source.backup(copy, pages=_PAGES, sleep=0)
        # One file that is complete by itself: in WAL mode there may be more beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as copy:
            found = [text for (text,) in copy.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        reason = " ".join(found[0].split())
        raise StoreError(
            f"the backup is not sound, and neither is the database, which it is a copy of: {reason}; look for "
            "an older backup, and see docs/operate/backup.md"
        )


def _sync(path: Path) -> None:
    """Have what was written on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
