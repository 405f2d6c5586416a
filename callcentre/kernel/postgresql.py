"""A database of a PostgreSQL server, which several daemons may share.

A daemon holds an advisory lock of its name on the connection that writes. The lock ends with the connection, so a
commit and the lock are lost together: a daemon that has lost its connection cannot write beside its successor.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from callcentre.kernel.database import Database
from callcentre.kernel.errors import InUse
from callcentre.kernel.schema import metadata

if TYPE_CHECKING:
    from callcentre.kernel.store import There

_OURS: Final = 0x63616C6C
"""The first of the two numbers of an advisory lock: those of this program."""

CONNECT_ARGUMENTS: Final[dict[str, Any]] = {
    "connect_timeout": 3,
    # A server that a network has swallowed is noticed within some seconds.
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""A server that is gone is noticed soon, and no connection waits for long."""


class PostgresqlServer:
    """The database of a daemon on a server."""

    shared: Final = True

    def __init__(self, database: Database) -> None:
        self._database = database
        self._first: Connection | None = None
        self._lock = int.from_bytes(hashlib.sha256(database.node.encode()).digest()[:4], "big", signed=True)
        self.engine = sa.create_engine(
            database.url,
            poolclass=NullPool,
            connect_args={**CONNECT_ARGUMENTS, "application_name": f"callcentre {database.node}"},
        )

    # --- begin and end ---------------------------------------------------------------------------

    def lock(self) -> None:
        """Connect, and lock the daemon's name. Raises `InUse`, and what the database raises."""
        self._first = self._connect()

    def prepare(self) -> None:
        """Nothing has to be made: an administrator makes the database."""

    def connect(self) -> Connection:
        """The connection that writes. It has the lock. Raises `InUse`, and what the database raises."""
        first, self._first = self._first, None
        return first or self._connect()

    def _connect(self) -> Connection:
        connection = self.engine.connect()
        try:
            with connection.begin():
                taken = connection.execute(sa.select(sa.func.pg_try_advisory_lock(_OURS, self._lock))).scalar_one()
        except sa.exc.SQLAlchemyError:
            connection.close()
            raise
        if not taken:
            connection.close()
            raise InUse(
                f"{self._database}: another callcentre daemon has the name {self._database.node!r} (node) in this "
                "database; stop it first, or give this one another name"
            )
        return connection

    def close(self) -> None:
        """End the connection that `lock` made, if nobody took it. The lock ends with it."""
        if self._first is not None:
            self._first.close()
            self._first = None

    # --- transactions ----------------------------------------------------------------------------

    def together(self, connection: Any) -> AbstractContextManager[Any]:
        """Statements within it are sent without waiting for the answer of each."""
        pipeline: AbstractContextManager[Any] = connection.driver_connection.pipeline()
        return pipeline

    def prepare_reader(self, connection: Any) -> None:
        """Each read is a transaction of its own: it sees what was committed before it."""
        connection.driver_connection.autocommit = True

    def interrupt(self, connection: Any) -> None:
        """End a statement that waits for the server in another thread: it raises there."""
        # Closing the connection would wait for the statement.
        with socket.socket(fileno=os.dup(connection.driver_connection.pgconn.socket)) as other_end:
            other_end.shutdown(socket.SHUT_RDWR)

    # --- what deletion leaves --------------------------------------------------------------------

    async def clean(self, _there: There, _traces: Sequence[bytes], _at_any_size: bool) -> Sequence[str]:
        """Have the server free the old versions of rows. Their bytes stay until other rows take the place."""
        await asyncio.to_thread(self._vacuum)
        return ()

    def _vacuum(self) -> None:
        with self.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                alone.exec_driver_sql(f'VACUUM "{table.name}"')

    # --- where it is -----------------------------------------------------------------------------

    def in_place(self) -> bool:
        """A server's database cannot be moved while it is used."""
        return True

    def look(self, _connection: Connection | None, _connect_again: Callable[[], None]) -> None:
        """A server's database cannot be moved while it is used."""
