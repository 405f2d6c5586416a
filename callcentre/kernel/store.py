"""The only writer of the database: a batch is one transaction, which is on disk when `commit` returns.

The writer has a thread of its own, and each transaction is one call in it. Through a driver for asyncio, each statement
would be such a call, or three. A commit has a dozen statements, and would cost three times the processor time.

The same tables and statements serve a SQLite file (`sqlite.py`) and a PostgreSQL server (`postgresql.py`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Dialect

from callcentre.kernel import migrations, rewriting, schema, statements
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.decision import Record, Rewrite, Take
from callcentre.kernel.errors import InUse, StoreError, Superseded
from callcentre.kernel.journal import Entry
from callcentre.kernel.projection import TableRows
from callcentre.kernel.reader import Reader
from callcentre.kernel.timers import Due

R = TypeVar("R", bound=Record)
T = TypeVar("T")

log = structlog.get_logger(__name__)

COMMIT: Final = "commit"
"""The single value that says which transaction was the last one: the life of the daemon, and a number in it."""

LOST: Final = "lost takes"
"""The single value that says which takes of a transaction found nothing left: as `COMMIT`, then their positions."""

There = Callable[[Callable[[Connection], Any]], Awaitable[Any]]

PASSES: Final = (sa.exc.SQLAlchemyError, OSError, StoreError)
"""What a database raises that cannot be used now. It is tried again, except after `Superseded`."""


class Backend(Protocol):
    """A kind of database. Every method but `in_place` and `interrupt` is called in the writer's thread.

    `shared`: other daemons may change rows that belong to all of them.
    """

    engine: sa.Engine

    @property
    def shared(self) -> bool: ...

    def lock(self) -> None:
        """Keep every other daemon of this name out, until `close`. Raises `InUse`."""

    def prepare(self) -> None:
        """Make the database ready to be opened. Raises `StoreError`."""

    def connect(self) -> Connection:
        """Make the connection that writes. Raises what the database raises."""
        ...

    def together(self, connection: Any) -> AbstractContextManager[Any]:
        """A context in which statements on a connection of the driver may be sent together."""
        ...

    def prepare_reader(self, connection: Any) -> None:
        """Set up a connection of the driver on which rules read."""

    def interrupt(self, connection: Any) -> None:
        """End a statement that waits in another thread on a connection of the driver. Called in any thread."""

    def in_place(self) -> bool:
        """Whether what is stored now will be found after a restart. Never a long wait."""
        ...

    def look(self, connection: Connection | None, connect_again: Callable[[], None]) -> None:
        """As `in_place`, but repairs what can be repaired, and raises `Moved` for the rest."""

    async def clean(self, there: There, traces: Sequence[bytes], at_any_size: bool) -> Sequence[str]:
        """Leave none of these bytes in what is unused of the database. Returns what could not be done, and why.

        It is not called in the writer's thread: `there` calls a function with its connection in it.
        """
        ...

    def close(self) -> None:
        """Release the lock."""


def backend_of(database: Database) -> Backend:
    """The kind of a database. Raises `StoreError` when its driver is not installed."""
    if database.path is not None:
        from callcentre.kernel.sqlite import SqliteFile

        return SqliteFile(database)
    from callcentre.kernel.postgresql import PostgresqlServer

    try:
        return PostgresqlServer(database)
    except ImportError as error:
        raise StoreError(f"{database}: {error}; install the driver: pip install 'callcentre[postgresql]'") from error


@dataclass(slots=True)
class Writes:
    """What one batch writes. Later writes of a key replace earlier ones."""

    records: dict[tuple[sa.Table, str], Record | None] = field(default_factory=dict)
    takes: dict[tuple[sa.Table, str], list[Take]] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    timers: dict[str, Due | None] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    projected: list[TableRows] = field(default_factory=list)
    rewrites: list[Rewrite] = field(default_factory=list)

    @property
    def durable(self) -> bool:
        """Whether there is anything that a crash must not lose."""
        stored = self.records or self.takes or self.journal or self.outbox or self.settled or self.timers
        return bool(stored or self.rewrites)

    def takes_in_order(self) -> list[tuple[sa.Table, Take]]:
        """The takes in the order in which they are made, which is one order on all daemons."""
        takes = sorted(self.takes.items(), key=lambda item: (item[0][0].name, item[0][1]))
        return [(table, take) for (table, _), same in takes for take in same]


def _row(table: sa.Table, record: Record, node: str) -> dict[str, Any]:
    row = schema.row_of(record)
    if "key" in table.c:
        # The key of some records consists of several fields, or is not a field at all.
        row["key"] = record.key
    row["node"] = node
    return row


def _write(cursor: Any, dialect: Dialect, writes: Writes, node: str) -> list[int]:
    """Write a batch on the driver's cursor. Returns the positions of the takes that found nothing left.

    Raises what the driver raises.
    """

    def upsert(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            statements.upsert_into(table, dialect).run(cursor, rows)

    def delete(column: sa.Column[Any], keys: Sequence[Any]) -> None:
        if keys:
            statements.delete_by(column, dialect).run(cursor, [{"gone": key, "of_node": node} for key in keys])

    if writes.journal:
        insert = statements.insert_into(schema.journal, dialect)
        insert.run_in_order(cursor, [(node, *entry.row) for entry in writes.journal])
    for table, projected in writes.projected:
        statements.upsert_into(table, dialect).run_in_order(cursor, [(node, *row) for row in projected])
    kept: dict[sa.Table, list[Mapping[str, Any]]] = {}
    gone: dict[sa.Table, list[str]] = {}
    # In one order on all daemons: two that write the same shared rows then wait for each other at most once.
    for (table, key), record in sorted(writes.records.items(), key=lambda item: (item[0][0].name, item[0][1])):
        if record is None:
            gone.setdefault(table, []).append(key)
        else:
            kept.setdefault(table, []).append(_row(table, record, node))
    for table, rows in kept.items():
        upsert(table, rows)
    for table, keys in gone.items():
        delete(_key_of(table), keys)
    if writes.outbox:
        statements.insert_into(schema.outbox, dialect).run(cursor, [row | {"node": node} for row in writes.outbox])
    delete(schema.outbox.c.id, writes.settled)
    due = [{"node": node, "key": k, "due": d.at, "wall": d.wall} for k, d in writes.timers.items() if d]
    upsert(schema.timers, due)
    delete(schema.timers.c.key, [k for k, d in writes.timers.items() if d is None])
    upsert(schema.meta, [{"node": node, "key": k, "value": v} for k, v in writes.meta.items()])
    # Last: other daemons that count in the same rows wait from here on until the commit.
    begun = [_begun(cursor.connection.cursor(), dialect, table, take) for table, take in writes.takes_in_order()]
    lost = [position for position, counted in enumerate(begun) if not counted.fetchall()]
    if lost:
        positions = " ".join(map(str, lost))
        upsert(schema.meta, [{"node": node, "key": LOST, "value": f"{writes.meta[COMMIT]} {positions}"}])
    return lost


def _begun(cursor: Any, dialect: Dialect, table: sa.Table, take: Take) -> Any:
    row = schema.row_of(take.record) | {take.field: max(take.n, 0), "added": take.n, "most": take.most}
    if "key" in table.c:
        row["key"] = take.record.key
    return statements.add_to(table.c[take.field], dialect, limited=take.most is not None).begun(cursor, row)


def _number_of(commit: str) -> int:
    """The number in a value of `COMMIT`."""
    return int(commit.partition(" ")[2] or 0)


def _key_of(table: sa.Table) -> sa.Column[Any]:
    """The column that is a record's key: the last one of the table's key."""
    return list(table.primary_key)[-1]


@contextmanager
def _as_sqlalchemy(dialect: Dialect) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy's error of that name."""
    errors: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise sa.exc.DBAPIError.instance(None, None, error, errors, dialect=dialect) from error


class Store:
    """The database of a running daemon. `open` it first; no other daemon of this name may write while it is open."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._backend = backend_of(database)
        self._engine = self._backend.engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._connection: Connection | None = None
        self.reader = Reader(self._backend, database.node)
        self._life = secrets.token_hex(8)
        self._commits: int | None = None
        """The number of the last commit of this life; None before the first."""

    @property
    def alone(self) -> bool:
        """Whether no other daemon can use the database at the same time."""
        return not self._backend.shared

    async def _there(self, work: Callable[[], T]) -> T:
        """Call a function in the writer's thread, after what is in progress there."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def open(self) -> None:
        """Lock the database and bring its schema up to date.

        Raises `InUse` when another daemon of this name has it, and then may be called again. Raises `StoreError` when
        it is newer than this program, or cannot be used.
        """
        try:
            await self._there(self._open)
        except InUse:
            raise
        except (OSError, sa.exc.SQLAlchemyError) as error:
            await self.close()
            raise StoreError(described(self.database, error)) from error
        except (StoreError, migrations.TooNewError) as error:
            await self.close()
            raise StoreError(str(error)) from error

    def _open(self) -> None:
        self._backend.lock()
        self._backend.prepare()
        migrations.upgrade(self.database)
        self._connect()
        self._compare_names(self._writer)
        self._commit(Writes())

    def _connect(self) -> None:
        self._connection = self._backend.connect()
        try:
            self._compare_commits(self._connection)
            self.reader.open()
        except (sa.exc.SQLAlchemyError, StoreError):
            self._disconnect()
            raise

    def _compare_names(self, connection: Connection) -> None:
        """A file belongs to one daemon: under another name its promises would be forgotten. Raises `StoreError`."""
        if not self.alone:
            return
        node = schema.meta.c.node
        with connection.begin():
            known = list(connection.execute(sa.select(node).where(node != schema.SHARED).distinct()).scalars())
        if known and self.database.node not in known:
            raise StoreError(
                f"{self.database}: belongs to the daemon {known[0]!r}, and what it has promised with it; "
                f"write node: {known[0]}"
            )

    # --- the last commit -------------------------------------------------------------------------

    def _compare_commits(self, connection: Connection) -> None:
        """After a break: the database still has the last commit, and nobody else has made another since.

        Raises `Superseded`.
        """
        if self._commits is None:
            return
        life, number = self._last_commit(connection)
        if life != self._life:
            raise Superseded(
                f"{self.database}: another daemon has used it as {self.database.node!r} (node) since the connection "
                "was lost; this one ends, and begins again with what is stored"
            )
        if number < self._commits:
            raise Superseded(
                f"{self.database}: lacks the last {self._commits - number} transactions, as a copy does that had not "
                "got them; the daemon ends, and begins again with what is stored"
            )

    def _last_commit(self, connection: Connection) -> tuple[str, int]:
        meta = schema.meta
        asked = sa.select(meta.c.value).where(meta.c.node == self.database.node, meta.c.key == COMMIT)
        with connection.begin():
            last = str(connection.execute(asked).scalar() or "")
        return last.partition(" ")[0], _number_of(last)

    # --- which file is at the path ----------------------------------------------------------------

    def in_place(self) -> bool:
        """Whether what is stored now will be found after a restart. A few system calls, and never a long wait."""
        return self._backend.in_place()

    def _look(self) -> None:
        self._backend.look(self._connection, self._reconnect)

    def _reconnect(self) -> None:
        self._disconnect()
        self._connect()

    async def close(self) -> None:
        """Close the database, after a commit in progress has ended. It is not opened again."""
        await self._there(self._disconnect)
        await self._there(self._backend.close)
        self._thread.shutdown()

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
            raise StoreError(f"{self.database}: not open")
        return self._connection

    # --- write -----------------------------------------------------------------------------------

    async def commit(self, writes: Writes) -> list[Take]:
        """Write a batch in one transaction. Returns the takes that found nothing left.

        Raises the database's errors, `Moved`, `InUse` and `Superseded`. A batch whose commit raised may be on disk all
        the same, where the connection broke after it: see `committed`.
        """
        return await self._there(lambda: self._commit(writes))

    async def committed(self, writes: Writes) -> list[Take] | None:
        """Whether the last batch is on disk although its commit raised: the takes that found nothing left, else None.

        Connects again. Raises the database's errors, and what `commit` raises.
        """
        await self.connect_again()
        known = await self.meta()
        last = writes.meta.get(COMMIT)
        if last is None or known.get(COMMIT) != last:
            return None
        self._commits = _number_of(last)
        found = known.get(LOST, "")
        takes = writes.takes_in_order()
        return [takes[int(each)][1] for each in found.split()[2:]] if found.startswith(f"{last} ") else []

    async def look(self) -> None:
        """As `in_place`, but repairs what can be repaired, and raises `Moved` for the rest."""
        await self._there(self._look)

    async def connect_again(self) -> None:
        """Reconnect, after rows could not be read. Raises the database's errors, or `Moved`."""

        def again() -> None:
            self._look()
            self._reconnect()

        await self._there(again)

    def _commit(self, writes: Writes) -> list[Take]:
        # A deleted file still accepts commits, but all of them are gone when the daemon ends.
        self._look()
        # A batch keeps its number when it is tried again: the first try may be on disk.
        last = writes.meta.setdefault(COMMIT, f"{self._life} {0 if self._commits is None else self._commits + 1}")
        try:
            if self._connection is None:
                self._connect()
            with self._writer.begin(), _as_sqlalchemy(self._engine.dialect):
                raw = self._writer.connection
                with self._backend.together(raw):
                    lost = _write(raw.cursor(), self._engine.dialect, writes, self.database.node)
                if writes.rewrites:
                    rewriting.carry_out(self._writer, writes.rewrites, self.database.node)
        except sa.exc.SQLAlchemyError:
            # The transaction failed in the middle, and its rollback perhaps too: do not use this connection again.
            self._disconnect()
            raise
        self._commits = _number_of(last)
        takes = writes.takes_in_order() if lost else []
        return [takes[position][1] for position in lost]

    async def clean(self, traces: Sequence[bytes], *, at_any_size: bool) -> Sequence[str]:
        """Leave none of these bytes in what is unused of the database. Returns what could not be done, and why.

        `at_any_size`: nobody waits for the database meanwhile. Raises the database's errors.
        """
        return await self._backend.clean(lambda work: self._there(lambda: work(self._writer)), traces, at_any_size)

    # --- read ------------------------------------------------------------------------------------

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

    async def own_rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """The rows of this daemon in a table. Raises `StoreError`."""
        return await self.rows(sa.select(table).where(table.c.node == self.database.node))

    async def records(self, table: sa.Table, record: type[R]) -> list[R]:
        """This daemon's stored records of a class. Raises `StoreError`."""
        statement = sa.select(table).where(table.c.node == self.database.node)
        return await self._read(lambda: [schema.record_of(row, record) for row in self._rows(statement)])

    async def meta(self) -> dict[str, str]:
        """The single values of this daemon, by name. Raises `StoreError`."""
        return {row["key"]: row["value"] for row in await self.own_rows(schema.meta)}

    async def shared_value(self, key: str, new: str) -> str:
        """A single value of all daemons; `new` becomes it where there is none yet. Raises `StoreError`."""
        meta = schema.meta
        row = {"node": schema.SHARED, "key": key, "value": new}

        def made() -> str:
            with self._writer.begin():
                insert = statements.insert_of(self._engine.dialect)(meta).values(row)
                self._writer.execute(insert.on_conflict_do_nothing(index_elements=["node", "key"]))
                asked = sa.select(meta.c.value).where(meta.c.node == schema.SHARED, meta.c.key == key)
                value: str = self._writer.execute(asked).scalar_one()
                return value

        return await self._read(made)
