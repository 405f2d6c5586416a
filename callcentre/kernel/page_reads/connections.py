"""The connections of the pages: some that stay open, each for one read at a time, and none that can write.

A read is a transaction that sees one moment. It ends after some seconds, whatever the statement: a thread that waits
for a slow one would be missing to all other pages.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.migrations.row_security import PAGES
from callcentre.kernel.ownership import Reach, Unscoped
from callcentre.kernel.page_reads.narrowing import ROLE
from callcentre.kernel.page_reads.scoping import Reading, check
from callcentre.kernel.reading import SNAPSHOT, begin_explicitly, explained, url_of
from callcentre.kernel.sqlite import identity

diagnostics = structlog.get_logger(__name__)

_REACH: Final = "reach"
"""The option of a connection that says whose rows may be read."""

_EVERYBODY: Final = "everybody"
"""In place of a reach: the program reads for itself."""

_INSTRUCTIONS: Final = 10_000
"""Instructions of SQLite's machine between two looks at the clock: a fraction of a millisecond."""

_FILES: Final = "files"
"""Under this name a connection remembers the files that it has open."""

_AS_PAGES: Final = "as pages"
"""Under this name a connection remembers whether its reads take the role of pages."""

_NUL: Final = "NUL (0x00)"
"""In the message of psycopg about a text that PostgreSQL cannot have."""

_CANCELLED: Final = "57014"
"""PostgreSQL's code for a statement that took too long."""


class Connections:
    """Connections for at most so many reads at once. Each method is called in a thread."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._engine: sa.Engine | None = None

    def close(self) -> None:
        """Disconnect. No read may be in progress."""
        if self._engine is not None:
            self._engine.dispose()

    def read(self, statements: Sequence[Reading], reach: Reach | None, until: float) -> list[list[dict[str, Any]]]:
        """The rows of all statements at one moment; without a reach, whosever they are.

        `until` is the time of the monotonic clock at which it gives up. Raises `StoreError` and `Unscoped`.
        """
        whose = _EVERYBODY if reach is None else reach
        with self._explained(), self._connected() as plain:
            connection = plain.execution_options(**{_REACH: whose})
            with connection.begin():
                self._begin(connection, reach, until)
                try:
                    return [_rows(connection, one) for one in statements]
                except sa.exc.DataError as error:
                    if _NUL not in str(error.orig):
                        raise
                    # A visitor's text with a character zero: no row has it, as SQLite answers.
                    return [[] for _ in statements]

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        # Two threads may both make one at the first read. Nothing is open in the one that loses.
        engine = self._engine = self._engine or self._made()
        with engine.connect() as connection:
            yield connection

    def _made(self) -> sa.Engine:
        from callcentre.kernel.postgresql import CONNECT_ARGUMENTS

        of_file = self._database.path is not None
        application = f"callcentre {self._database.node} pages"
        arguments = {"timeout": 1.0, "check_same_thread": False} if of_file else CONNECT_ARGUMENTS
        engine = sa.create_engine(
            url_of(self._database, "sqlite"),
            poolclass=sa.QueuePool,
            pool_size=self._most,
            max_overflow=0,
            pool_use_lifo=True,
            connect_args=arguments if of_file else {**arguments, "application_name": application},
            execution_options={} if of_file else SNAPSHOT,
        )
        sa.event.listen(engine, "before_execute", _checked)
        if (path := self._database.path) is not None:
            files = (path, Path(f"{path}-wal"), Path(f"{path}-shm"))
            sa.event.listen(engine, "connect", begin_explicitly)
            sa.event.listen(engine, "checkout", lambda connection, record, _proxy: _look(connection, record, files))
        else:
            sa.event.listen(engine, "connect", _look_at_role)
        return engine

    def _begin(self, connection: Connection, reach: Reach | None, until: float) -> None:
        remaining = max(until - time.monotonic(), 0.001)
        if self._database.path is not None:
            driver: Any = connection.connection.driver_connection
            driver.set_progress_handler(lambda: time.monotonic() > until, _INSTRUCTIONS)
            connection.exec_driver_sql("BEGIN")
            return
        whose = ("", "") if reach is None else (reach.organisation or "", ",".join(sorted(reach.services)))
        if connection.connection.info.get(_AS_PAGES):
            connection.exec_driver_sql(f"SET LOCAL ROLE {PAGES}")
        # For this transaction only. The text of the statement is ours, its values are parameters.
        connection.exec_driver_sql(
            "SELECT set_config('statement_timeout', %s, true), set_config('callcentre.organisation', %s, true), "
            "set_config('callcentre.services', %s, true)",
            (f"{remaining * 1000:.0f}ms", *whose),
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with explained(self._database):
                yield
        except StoreError as error:
            if _took_too_long(error.__cause__):
                raise StoreError(
                    f"{self._database}: a page was not read in time; ask for less, such as a shorter period"
                ) from error.__cause__
            raise


def _rows(connection: Connection, statement: Reading) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _took_too_long(error: BaseException | None) -> bool:
    cause = getattr(error, "orig", None)
    return str(cause) == "interrupted" or getattr(cause, "sqlstate", None) == _CANCELLED


def _look(connection: Any, record: Any, files: Sequence[Path]) -> None:
    """Connect anew when other files are at the paths than this connection has open."""
    now = [identity(file) for file in files]
    if not record.info.get(_FILES):
        # SQLite opens the files beside the database with the first read.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        record.info[_FILES] = [identity(file) for file in files]
    elif record.info[_FILES] != now:
        raise sa.exc.DisconnectionError("the files of the database were replaced")


def _look_at_role(connection: Any, record: Any) -> None:
    """Remember whether reads must take another role, since row-level security does not bind that of the daemon."""
    is_super, bypasses, has_other = connection.execute(ROLE, (PAGES,)).fetchone()
    connection.rollback()
    record.info[_AS_PAGES] = is_super and has_other
    if (is_super or bypasses) and not record.info[_AS_PAGES]:
        fix = "give the daemon a role that is no superuser and has no BYPASSRLS"
        diagnostics.warning("page_reads.not_bound_by_row_level_security", fix=fix)


def _checked(connection: Connection, statement: Any, _multiparams: Any, _params: Any, _options: Any) -> None:
    """Raise `Unscoped` for a statement that would read more than the reach of its transaction."""
    reach = connection.get_execution_options().get(_REACH)
    if reach == _EVERYBODY:
        return
    if not isinstance(reach, Reach):
        raise Unscoped("a statement for a page was not said whose rows it may read")
    check(statement, reach)
