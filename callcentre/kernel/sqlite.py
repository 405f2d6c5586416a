"""A SQLite file as the database: its lock, and whether the files at the paths are still those that are open.

SQLite in WAL mode with `synchronous=FULL`: a commit that has returned survives a power cut (SQLite's documentation
of the two pragmas). One connection writes and belongs to the engine; readers open their own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from callcentre.config import private
from callcentre.kernel.database import Database
from callcentre.kernel.errors import InUse, Moved, StoreError
from callcentre.kernel.traces import remain

if TYPE_CHECKING:
    from callcentre.kernel.store import There

log = structlog.get_logger(__name__)

_READER_MILLISECONDS: Final = 100
"""A database that is locked for longer counts as unreadable: no event is decided during the wait."""

LARGEST_REWRITTEN: Final = 200 * 1024 * 1024
"""Bytes of a file that is written anew while the daemon runs. That takes seconds, and nothing is stored meanwhile."""

_BUSY: Final = (
    "the write-ahead log of the database still holds what was deleted, because another program reads the database: end "
    "that program, and run the same command again"
)
_TOO_LARGE: Final = (
    "{}: unused bytes still hold what was deleted, and the file is too large to be written anew while calls come in: "
    "stop the daemon at a quiet time, and run the same command again"
)
_REMAINS: Final = "{}: what was deleted is still in a row that is needed; run the same command again"

Identity = tuple[int, int]
"""Device and inode number of a file; no other file has both while it is open."""


def _pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _wal_is_emptied(connection: Connection) -> bool:
    """Copy the write-ahead log into the database, and make it empty. False: another program reads the database."""
    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    connection.rollback()
    return not busy


def _write_anew(connection: Connection) -> None:
    connection.exec_driver_sql("VACUUM")
    connection.rollback()
    _wal_is_emptied(connection)


def _of(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def identity(path: Path) -> Identity | None:
    """Which file is at a path; None: none, or it cannot be seen."""
    try:
        return _of(os.stat(path))
    except OSError:
        return None


class SqliteFile:
    """The database of one daemon, as a file."""

    shared: Final = False

    def __init__(self, database: Database) -> None:
        assert database.path is not None  # noqa: S101 - the caller's choice by it
        self.path = database.path
        self.engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.path)), poolclass=NullPool)
        sa.event.listen(self.engine, "connect", _pragmas)
        self._lock: IO[str] | None = None
        self._lock_file = Path(f"{self.path}.lock")
        self._had_one = False
        self._beside = (Path(f"{self.path}-wal"), Path(f"{self.path}-shm"))
        # Keeps the inode number from being reused, also while there is no connection. O_PATH, because closing any other
        # descriptor of the file would release SQLite's own locks on it (https://sqlite.org/howtocorrupt.html).
        self._handle: int | None = None
        self._noted: dict[Path, Identity] = {}

    # --- begin and end ---------------------------------------------------------------------------

    def lock(self) -> None:
        """Lock the database for the life of the process. Raises `InUse`, `OSError`."""
        # The lock file is never deleted: where it exists, there has been a database.
        self._had_one = self._had_one or self._lock_file.exists()
        self._lock = self._take()

    def prepare(self) -> None:
        """Look at the files before the database is opened, and make it where there is none. Raises `StoreError`."""
        wal = self._beside[0]
        if not self.path.exists():
            if wal.exists() and wal.stat().st_size > 0:
                # SQLite would delete it silently, and with it what was stored last.
                raise StoreError(
                    f"{self.path}: is missing, but {wal.name} beside it is there and holds what was stored last: "
                    f"put the database back beside it; or move {wal.name} away to begin with an empty database"
                )
            if self._had_one:
                log.warning(
                    "store.made", path=str(self.path),
                    reason="there has been a database here, and it is gone: this one is new and empty",
                )  # fmt: skip
        private.make(self.path)
        for file in (self.path, *self._beside, self._lock_file):
            private.narrow(file)

    def connect(self) -> Connection:
        """The connection that writes. The identity of its files is noted. Raises what the database raises."""
        if self._handle is None:
            self._handle = os.open(self.path, os.O_PATH | os.O_CLOEXEC)
        connection = self.engine.connect()
        with connection.begin():
            # The first query opens or creates the files beside it.
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        self._noted = {file: found for file in self._beside if (found := identity(file)) is not None}
        return connection

    def close(self) -> None:
        """Release the lock."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take(self) -> IO[str]:
        """Two daemons would send every text twice."""
        lock = open(self._lock_file, "a+", encoding="ascii", opener=private.opener)  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read(20).strip() or "unknown"
            lock.close()
            raise InUse(
                f"{self.path}: another callcentre daemon (process {owner}) uses this database; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    # --- transactions ----------------------------------------------------------------------------

    def together(self, _connection: Any) -> AbstractContextManager[Any]:
        """Statements within it may be sent together."""
        return nullcontext()

    def prepare_reader(self, connection: Any) -> None:
        """Set up a connection of rules that read."""
        connection.cursor().execute(f"PRAGMA busy_timeout={_READER_MILLISECONDS}")

    def interrupt(self, _connection: Any) -> None:
        """A statement ends by itself: SQLite waits for a lock no longer than `busy_timeout` says."""

    # --- what deletion leaves --------------------------------------------------------------------

    async def clean(self, there: There, traces: Sequence[bytes], at_any_size: bool) -> Sequence[str]:
        """Empty the write-ahead log, and write the file anew when its unused parts have these bytes."""
        if not await there(_wal_is_emptied):
            return (_BUSY,)
        if not await remain(self.path, traces):
            return ()
        if not at_any_size and self.path.stat().st_size > LARGEST_REWRITTEN:
            return (_TOO_LARGE.format(self.path),)
        await there(_write_anew)
        return (_REMAINS.format(self.path),) if await remain(self.path, traces) else ()

    # --- which file is at the path ----------------------------------------------------------------

    def in_place(self) -> bool:
        """Whether the files at the paths are those that are open. Four system calls, and never a long wait."""
        return (
            self._is_at_its_path(self.path, self._handle)
            and self._has_its_lock()
            and all(identity(file) == noted for file, noted in self._noted.items())
        )

    def _has_its_lock(self) -> bool:
        return self._lock is not None and self._is_at_its_path(self._lock_file, self._lock.fileno())

    @staticmethod
    def _is_at_its_path(path: Path, handle: int | None) -> bool:
        return handle is not None and identity(path) == _of(os.fstat(handle))

    def look(self, connection: Connection | None, connect_again: Callable[[], None]) -> None:
        """Raise `Moved` when the database is not at its path any more. Repair the files beside it where possible."""
        if self.in_place():
            return
        if not self._is_at_its_path(self.path, self._handle):
            if identity(self.path) is None:
                raise Moved(
                    "the database file was deleted or moved away while the daemon runs; "
                    "put the same file back, or restore your backup and restart the daemon"
                )
            raise Moved(
                "another file was put in place of the database while the daemon runs; "
                "restart the daemon to use it, or put the file back that was there"
            )
        if not self._has_its_lock():
            self._lock_again()
        if connection is not None and any(identity(file) != noted for file, noted in self._noted.items()):
            self._begin_new_wal(connection, connect_again)

    def _lock_again(self) -> None:
        if identity(self._lock_file) is not None:
            raise Moved(
                f"another file was put in place of {self._lock_file.name}: perhaps a second daemon uses the database; "
                "stop all of them and start one"
            )
        old, self._lock = self._lock, self._take()
        if old is not None:
            old.close()
        log.warning("store.lock_deleted", path=str(self._lock_file), reason="it is there again")

    def _begin_new_wal(self, connection: Connection, connect_again: Callable[[], None]) -> None:
        """The write-ahead log was deleted.

        It is still open: copy its contents into the database, and begin a new one.
        """
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        connection.rollback()
        if busy:
            raise Moved(
                f"{self._beside[0].name} or {self._beside[1].name} was deleted while the daemon runs, and another "
                "program reads the database; end that program"
            )
        connect_again()
        log.warning("store.wal_deleted", path=str(self._beside[0]), reason="nothing is lost: it was written anew")
