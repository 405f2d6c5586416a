"""What is wrong with a database that cannot be used, and what an administrator does about it."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from callcentre.kernel.database import Database

_RESTORE: Final = (
    "stop the daemon, move {path} with its -wal and -shm files aside, and put your backup in its place; without a "
    "backup, `sqlite3 {path} .recover | sqlite3 new.db` saves what can be read"
)
_DAMAGED: Final = f"the file is damaged; {_RESTORE}"
_FULL: Final = "no space is left on its disk; free some, nothing else has to be done"
_READ_ONLY: Final = "its file system is mounted read-only; see why (`dmesg`, `findmnt -T {folder}`) and remount it"
_RIGHTS: Final = "this user (uid {uid}) may not use it; give {path} and its folder to the daemon's user: chown"
_BROKEN_DISK: Final = "its disk reports errors; look at the kernel's log (`dmesg`) and the disk's health"


def described(database: Database, error: BaseException, trouble: str = "cannot be used as the database") -> str:
    """One line for any error of the system or of the database: which one, what is wrong, and what to do."""
    cause = getattr(error, "orig", None) or error
    words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return f"{database}: {trouble}: {' '.join(words.split())}; {advice(database, error)}"


def advice(database: Database, error: BaseException) -> str:
    """What to do, by the error's code and by the state of the file."""
    cause = getattr(error, "orig", None) or error
    path = database.path
    if path is None:
        return _of_postgresql(cause).format(database=database)
    said = _of_system(cause) if isinstance(cause, OSError) else _of_sqlite(cause)
    if said in (_RIGHTS, None):
        # SQLite says "unable to open" and "readonly" in many cases. The state of the file distinguishes them.
        said = _seen(path) or said or "see what SQLite's documentation says of this error"
    return said.format(path=path, folder=path.parent, uid=os.geteuid())


def damaged(path: Path) -> str:
    """What to do about a database whose contents are damaged."""
    return _DAMAGED.format(path=path)


def _of_system(error: OSError) -> str | None:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return _FULL
        case errno.EROFS:
            return _READ_ONLY
        case errno.EACCES | errno.EPERM:
            return _RIGHTS
        case errno.EIO:
            return _BROKEN_DISK
        case _:
            return None


def _of_sqlite(error: BaseException) -> str | None:
    """By SQLite's result code: the low octet of `sqlite_errorcode`, https://sqlite.org/rescode.html."""
    if not isinstance(error, sqlite3.Error):
        return f"its contents are not what this version writes; {_RESTORE}"
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_CORRUPT:
            return _DAMAGED
        case sqlite3.SQLITE_NOTADB:
            return (
                "the file is not an SQLite database: if it is something else, name another file in store.url; "
                f"if it was the database, {_RESTORE}"
            )
        case sqlite3.SQLITE_FULL:
            return _FULL
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another program holds it locked; end that (`fuser {path}` names it), then start again"
        case sqlite3.SQLITE_IOERR:
            return _BROKEN_DISK
        case sqlite3.SQLITE_ERROR:
            return f"its tables are not those of this version; {_RESTORE}"
        case sqlite3.SQLITE_PERM | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN:
            return _RIGHTS
        case _:
            return None


_REFUSED: Final = (
    ("role ", "28000"), ("does not exist", "3D000"), ("authentication failed", "28P01"), ("pg_hba.conf", "28000"),
    ("too many", "53300"), ("starting up", "57P03"), ("shutting down", "57P01"), ("recovery mode", "57P03"),
)  # fmt: skip
"""Words of a server that refuses a connection, each with the SQLSTATE that they stand for: libpq tells no other."""


def _of_postgresql(error: BaseException) -> str:
    """By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html; None: no server has answered."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        said = str(error).partition("FATAL:")[2]
        state = next((state for words, state in _REFUSED if words in said), None)
    match state:
        case None | "08000" | "08001" | "08003" | "08004" | "08006":
            return "see whether the server runs and can be reached from here: `pg_isready -d {database}`"
        case "28000" | "28P01":
            return "correct the user and the password in store.url, or pg_hba.conf of the server"
        case "3D000":
            return "make the database (`createdb`), as docs/operate/postgresql.md shows; or correct store.url"
        case "42501":
            return "the user may not use the database: `ALTER DATABASE … OWNER TO` the user of store.url"
        case "53100":
            return "no space is left on the server's disk; free some, nothing else has to be done"
        case "53300":
            return "the server has no connection free; raise max_connections there, or end what holds them"
        case "57P01" | "57P02" | "57P03":
            return "the server stops or starts; nothing has to be done if it comes back"
        case "25006":
            return (
                "this server only copies another one; add target_session_attrs=read-write to store.url, with both "
                "hosts in it"
            )
        case "42P01" | "42703":
            return "its tables are not those of this version; run `callcentre database upgrade`"
        case _:
            return "see what the server's log says of this error"


def _seen(path: Path) -> str | None:
    """What is wrong with the file, its folder or its mode; None: nothing that can be seen."""
    try:
        return _looked_at(path)
    except OSError:
        return _RIGHTS


def _looked_at(path: Path) -> str | None:
    folder = path.parent
    if not folder.exists():
        return "its folder does not exist: mkdir -p {folder}, and give it to the daemon's user"
    if not folder.is_dir():
        return "{folder} is not a folder; name another place in store.url"
    if path.is_dir():
        return "it is a folder; name a file in store.url, or move the folder away"
    if path.exists() and not path.is_file():
        return "it is not an ordinary file; name another in store.url"
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return _READ_ONLY
    for one, needed in ((folder, os.R_OK | os.W_OK | os.X_OK), (path, os.R_OK | os.W_OK)):
        if one.exists() and not os.access(one, needed):
            return _RIGHTS
    return None
