"""The only writer of the database: a batch is one transaction, which is on disk when `commit` returns.

SQLite in WAL mode with `synchronous=FULL`: a commit that has returned survives a power cut (SQLite's documentation
of the two pragmas). One connection writes and belongs to the engine; readers open their own.

The writer has a thread of its own, and each transaction is one call in it. With aiosqlite, which readers use, each
statement would be three such calls. A commit has a dozen statements, and would cost three times the processor time.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.pool import NullPool

from callcentre.config import private
from callcentre.kernel import migrations, schema, statements
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.decision import Record
from callcentre.kernel.errors import StoreError
from callcentre.kernel.journal import Entry
from callcentre.kernel.projection import TableRows
from callcentre.kernel.reader import Reader
from callcentre.kernel.timers import Due

R = TypeVar("R", bound=Record)
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Moved(OSError):  # noqa: N818
    """The path of the open database has another file or none. What is stored now would not be found after a restart."""


@dataclass(slots=True)
class Writes:
    """What one batch writes. Later writes of a key replace earlier ones."""

    records: dict[tuple[sa.Table, str], Record | None] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    timers: dict[str, Due | None] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    projected: list[TableRows] = field(default_factory=list)

    @property
    def durable(self) -> bool:
        """Whether there is anything that a crash must not lose."""
        return bool(self.records or self.journal or self.outbox or self.settled or self.timers)


def _row(table: sa.Table, record: Record) -> dict[str, Any]:
    row = schema.row_of(record)
    if "key" in table.c:
        # The key of some records consists of several fields, or is not a field at all.
        row["key"] = record.key
    return row


def _write(cursor: Any, dialect: Dialect, writes: Writes, node: str) -> None:
    """Write a batch of a node on the driver's cursor. Raises what the driver raises."""

    def upsert(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            statements.upsert_into(table, dialect).run(cursor, rows)

    def delete(column: sa.Column[Any], keys: Sequence[Any]) -> None:
        if keys:
            statements.delete_by(column, dialect).run(cursor, [{"gone": key} for key in keys])

    if writes.journal:
        insert = statements.insert_into(schema.journal, dialect)
        insert.run_in_order(cursor, [entry.row for entry in writes.journal])
    for table, projected in writes.projected:
        of_node = [(node, *row) for row in projected] if "node" in table.c else projected
        statements.upsert_into(table, dialect).run_in_order(cursor, of_node)
    kept: dict[sa.Table, list[Mapping[str, Any]]] = {}
    gone: dict[sa.Table, list[str]] = {}
    for (table, key), record in writes.records.items():
        if record is None:
            gone.setdefault(table, []).append(key)
        else:
            kept.setdefault(table, []).append(_row(table, record))
    for table, rows in kept.items():
        upsert(table, rows)
    for table, keys in gone.items():
        delete(table.primary_key.columns[0], keys)
    if writes.outbox:
        statements.insert_into(schema.outbox, dialect).run(cursor, writes.outbox)
    delete(schema.outbox.c.id, writes.settled)
    upsert(schema.timers, [{"key": k, "due": d.at, "wall": d.wall} for k, d in writes.timers.items() if d])
    delete(schema.timers.c.key, [k for k, d in writes.timers.items() if d is None])
    upsert(schema.meta, [{"key": k, "value": v} for k, v in writes.meta.items()])


@contextmanager
def _as_sqlalchemy(dialect: Dialect) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy's error of that name."""
    errors: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise sa.exc.DBAPIError.instance(None, None, error, errors, dialect=dialect) from error


def _pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_Identity = tuple[int, int]
"""Device and inode number of a file; no other file has both while it is open."""


def _of(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino


def _identity(path: Path) -> _Identity | None:
    """Which file is at a path; None: none, or it cannot be seen."""
    try:
        return _of(os.stat(path))
    except OSError:
        return None


class Store:
    """The database of a running daemon. `open` it first; nobody else may write while it is open."""

    def __init__(self, database: Database) -> None:
        self.database = database
        assert database.path is not None  # noqa: S101
        path = self.path = database.path
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), poolclass=NullPool)
        sa.event.listen(self._engine, "connect", _pragmas)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._connection: Connection | None = None
        self.reader = Reader(self._engine)
        self._lock: IO[str] | None = None
        self._lock_file = Path(f"{path}.lock")
        self._beside = (Path(f"{path}-wal"), Path(f"{path}-shm"))
        # Keeps the inode number from being reused, also while there is no connection. O_PATH, because closing any other
        # descriptor of the file would release SQLite's own locks on it (https://sqlite.org/howtocorrupt.html).
        self._handle: int | None = None
        self._noted: dict[Path, _Identity] = {}

    async def _there(self, work: Callable[[], T]) -> T:
        """Call a function in the writer's thread, after what is in progress there."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def open(self) -> None:
        """Lock the database and bring its schema up to date.

        Raises `StoreError` when another daemon has it, it is newer than this program, or it cannot be written.
        """
        try:
            # The lock file is never deleted: where it exists, there has been a database.
            had_one = self._lock_file.exists()
            self._lock = self._take()
            await self._there(lambda: self._connect(had_one=had_one))
        except (OSError, sa.exc.DatabaseError) as error:
            await self.close()
            raise StoreError(described(self.database, error)) from error
        except (StoreError, migrations.TooNewError) as error:
            await self.close()
            raise StoreError(str(error)) from error

    def _connect(self, *, had_one: bool) -> None:
        wal = self._beside[0]
        if not self.path.exists():
            if wal.exists() and wal.stat().st_size > 0:
                # SQLite would delete it silently, and with it what was stored last.
                raise StoreError(
                    f"{self.path}: is missing, but {wal.name} beside it is there and holds what was stored last: "
                    f"put the database back beside it; or move {wal.name} away to begin with an empty database"
                )
            if had_one:
                log.warning(
                    "store.made", path=str(self.path),
                    reason="there has been a database here, and it is gone: this one is new and empty",
                )  # fmt: skip
        private.make(self.path)
        for file in (self.path, *self._beside, self._lock_file):
            private.narrow(file)
        migrations.upgrade(self.path)
        self._handle = os.open(self.path, os.O_PATH | os.O_CLOEXEC)
        self._connect_again()

    def _connect_again(self) -> None:
        """Connect, and note the identity of the connection's files."""
        self._connection = self._engine.connect()
        with self._connection.begin():
            # The first query opens or creates the files beside it.
            self._connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        self._noted = {file: found for file in self._beside if (found := _identity(file)) is not None}
        try:
            self.reader.open()
        except sa.exc.SQLAlchemyError:
            self._disconnect()
            raise

    # --- which file is at the path ----------------------------------------------------------------

    def in_place(self) -> bool:
        """Whether the files at the paths are those that are open. Four system calls, and never a long wait."""
        return (
            self._is_at_its_path(self.path, self._handle)
            and self._has_its_lock()
            and all(_identity(file) == noted for file, noted in self._noted.items())
        )

    def _has_its_lock(self) -> bool:
        return self._lock is not None and self._is_at_its_path(self._lock_file, self._lock.fileno())

    @staticmethod
    def _is_at_its_path(path: Path, handle: int | None) -> bool:
        return handle is not None and _identity(path) == _of(os.fstat(handle))

    def _look(self) -> None:
        """Raise `Moved` when the database is not at its path any more. Repair the files beside it where possible."""
        if self.in_place():
            return
        if not self._is_at_its_path(self.path, self._handle):
            if _identity(self.path) is None:
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
        if self._connection is not None and any(_identity(file) != noted for file, noted in self._noted.items()):
            self._begin_new_wal(self._connection)

    def _lock_again(self) -> None:
        if _identity(self._lock_file) is not None:
            raise Moved(
                f"another file was put in place of {self._lock_file.name}: perhaps a second daemon uses the database; "
                "stop all of them and start one"
            )
        old, self._lock = self._lock, self._take()
        if old is not None:
            old.close()
        log.warning("store.lock_deleted", path=str(self._lock_file), reason="it is there again")

    def _begin_new_wal(self, connection: Connection) -> None:
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
        self._disconnect()
        self._connect_again()
        log.warning("store.wal_deleted", path=str(self._beside[0]), reason="nothing is lost: it was written anew")

    def _take(self) -> IO[str]:
        """Lock the database for the life of the process: two daemons would send every text twice."""
        lock = open(self._lock_file, "a+", encoding="ascii", opener=private.opener)  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read(20).strip() or "unknown"
            lock.close()
            raise StoreError(
                f"{self.path}: another callcentre daemon (process {owner}) uses this database; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    async def close(self) -> None:
        """Close the database, after a commit in progress has ended. It is not opened again."""
        await self._there(self._disconnect)
        self._thread.shutdown()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _disconnect(self) -> None:
        # First, before anything connects again: SQLite would continue with deleted files.
        self.reader.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sa.exc.SQLAlchemyError):
                connection.close()

    @property
    def _writer(self) -> Connection:
        if self._connection is None:
            raise StoreError(f"{self.path}: not open")
        return self._connection

    async def commit(self, writes: Writes) -> None:
        """Write a batch in one transaction. Raises the database's errors, or `Moved`; then nothing is written."""
        await self._there(lambda: self._commit(writes))

    async def look(self) -> None:
        """As `in_place`, but repairs what can be repaired, and raises `Moved` for the rest."""
        await self._there(self._look)

    async def connect_again(self) -> None:
        """Reconnect, after rows could not be read. Raises the database's errors, or `Moved`."""
        await self._there(self._reconnect)

    def _reconnect(self) -> None:
        self._look()
        self._disconnect()
        self._connect_again()

    def _commit(self, writes: Writes) -> None:
        # A deleted file still accepts commits, but all of them are gone when the daemon ends.
        self._look()
        try:
            if self._connection is None:
                self._connect_again()
            assert self._connection is not None  # noqa: S101
            with self._connection.begin(), _as_sqlalchemy(self._engine.dialect):
                _write(self._connection.connection.cursor(), self._engine.dialect, writes, self.database.node)
        except sa.exc.SQLAlchemyError:
            # The transaction failed in the middle, and its rollback perhaps too: do not use this connection again.
            self._disconnect()
            raise

    async def rows(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """The rows of a query, on the writer's connection and between its commits. Raises `StoreError`."""
        return await self._read(lambda: self._rows(statement))

    async def _read(self, work: Callable[[], T]) -> T:
        try:
            return await self._there(work)
        except (OSError, sa.exc.DatabaseError, msgspec.MsgspecError, ValueError) as error:
            raise StoreError(described(self.database, error)) from error

    def _rows(self, statement: sa.Executable) -> list[dict[str, Any]]:
        with self._writer.begin():
            return [dict(row) for row in self._writer.execute(statement).mappings()]

    async def records(self, table: sa.Table, record: type[R]) -> list[R]:
        """All stored records of a class."""
        return await self._read(lambda: [schema.record_of(row, record) for row in self._rows(sa.select(table))])

    async def meta(self) -> dict[str, str]:
        """The single values, by name."""
        return {row["key"]: row["value"] for row in await self.rows(sa.select(schema.meta))}
