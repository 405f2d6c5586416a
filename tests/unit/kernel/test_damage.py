"""What an administrator is told to do about a database that cannot be used."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from callcentre.config import private
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.DatabaseError("words of SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (sqlite_error(sqlite3.SQLITE_CORRUPT), "the file is damaged; stop the daemon, move"),
        (sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX), "the file is damaged; stop the daemon, move"),
        (sqlite_error(sqlite3.SQLITE_NOTADB), "name another file in store.url; if it was the database, stop"),
        (sqlite_error(sqlite3.SQLITE_FULL), "no space is left on its disk; free some"),
        (sqlite_error(sqlite3.SQLITE_BUSY), "another program holds it locked"),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ), "look at the kernel's log"),
        (sqlite_error(sqlite3.SQLITE_ERROR), "its tables are not those of this version"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), "chown"),
        (sqlite_error(sqlite3.SQLITE_READONLY), "chown"),
        (OSError(28, "No space left on device"), "no space is left on its disk; free some"),
        (OSError(30, "Read-only file system"), "mounted read-only"),
        (PermissionError(13, "Permission denied"), "chown"),
        (ValueError("Expected `int`"), "its contents are not what this version writes"),
    ],
)
def test_each_trouble_has_its_advice(tmp_path: Path, error: Exception, advice: str) -> None:
    file = tmp_path / "callcentre.db"
    file.touch()
    said = described(Database.of_file(file), error)
    assert said.startswith(f"{file}: cannot be used as the database: ")
    assert advice in said
    assert ("chown" in said) is (advice == "chown")
    assert "{" not in said


def test_what_sqlite_cannot_open_is_looked_at(tmp_path: Path) -> None:
    error = sqlite_error(sqlite3.SQLITE_CANTOPEN)
    assert f"mkdir -p {tmp_path}/gone" in described(Database.of_file(tmp_path / "gone" / "callcentre.db"), error)
    assert "it is a folder" in described(Database.of_file(tmp_path), error)
    os.mkfifo(tmp_path / "pipe")
    assert "it is not an ordinary file" in described(Database.of_file(tmp_path / "pipe"), error)
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "callcentre.db"
    assert f"{tmp_path}/file is not a folder" in described(Database.of_file(below), NotADirectoryError(20, "x"))


def test_a_real_file_that_is_no_database_is_distinguished_from_a_damaged_one(tmp_path: Path) -> None:
    file = tmp_path / "callcentre.db"
    file.write_text("not a database" * 500)
    with closing(sqlite3.connect(file)) as database, pytest.raises(sqlite3.DatabaseError) as raised:
        database.execute("SELECT count(*) FROM sqlite_master")
    assert "is not an SQLite database" in described(Database.of_file(file), raised.value)


# --- private files -------------------------------------------------------------------------------


def test_a_new_file_is_its_owners_alone_and_an_existing_one_keeps_its_rights(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        for name, made in (("new", None), ("old", 0o644)):
            path = tmp_path / name
            if made is not None:
                path.touch()
                path.chmod(made)
            with open(path, "a", opener=private.opener) as file:
                file.write("x")
            assert stat.S_IMODE(path.stat().st_mode) == (made or 0o600)
    finally:
        os.umask(before)


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_would_make_us_wait_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(OSError) as raised:
        os.close(private.opener(str(path), os.O_WRONLY))
    # A pipe that nobody reads cannot be opened for writing (ENXIO); a folder never.
    assert raised.value.errno in (errno.ENXIO, errno.EISDIR)
    with pytest.raises(OSError, match=rf"{kind}.*needed|[Ff]older|directory"):
        private.make(path)


def test_only_rights_that_are_too_wide_are_taken_and_no_link_to_elsewhere_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for before, taken, after in (
        (0o666, private.GROUP_AND_OTHERS, 0o600), (0o666, private.OTHERS, 0o660), (0o400, private.OTHERS, 0o400),
    ):  # fmt: skip
        file.chmod(before)
        private.narrow(file, taken)
        assert stat.S_IMODE(file.stat().st_mode) == after
    private.narrow(tmp_path / "gone")
    private.narrow(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
