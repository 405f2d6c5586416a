"""Reads the database beside a running daemon, at one moment, and never writes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError

SNAPSHOT: Final[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Options of PostgreSQL for a transaction that sees one moment. SQLite's transactions do without being asked."""


@contextmanager
def read_only(database: Database) -> Iterator[sa.Connection]:
    """A connection whose queries all see the database at one moment. Blocking. Raises `StoreError`."""
    engine = sa.create_engine(url_of(database, "sqlite"), poolclass=NullPool, **_options(database))
    sa.event.listen(engine, "connect", begin_explicitly)
    try:
        with explained(database), engine.connect() as connection, connection.begin():
            if database.path is not None:
                connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


async def read(
    database: Database, statements: Iterable[sa.Select[Any] | sa.CompoundSelect[Any]]
) -> list[list[dict[str, Any]]]:
    """The rows of all statements at one moment. Raises `StoreError`."""
    # This imports SQLAlchemy's ORM too, for a tenth of a second: no start waits for it, nor a loop that serves others.
    await asyncio.to_thread(import_module, "sqlalchemy.ext.asyncio")
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url_of(database, "sqlite+aiosqlite"), poolclass=NullPool, **_options(database))
    try:
        with explained(database):
            async with engine.connect() as connection, connection.begin():
                return [[dict(row) for row in (await connection.execute(s)).mappings()] for s in statements]
    finally:
        await engine.dispose()


def url_of(database: Database, driver: str) -> sa.URL:
    """The URL of a database that is only read. Raises `StoreError` when there is none yet."""
    if database.path is None:
        return sa.make_url(database.url)
    if not database.path.exists():
        raise StoreError(f"{database}: there is no database yet; the daemon makes it at its first start")
    file = f"file:{quote(str(database.path))}"
    return sa.URL.create(driver, database=file, query={"mode": "ro", "uri": "true"})


def _options(database: Database) -> dict[str, Any]:
    return {} if database.path is not None else {"execution_options": SNAPSHOT}


def begin_explicitly(connection: Any, _record: object) -> None:
    """Set a new connection up so that a transaction begins where it is said, and sees one moment."""
    # Python's sqlite3 begins no transaction before a SELECT: each query would see another moment.
    if hasattr(connection, "isolation_level"):
        connection.isolation_level = None


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """What the database raises within it is a `StoreError` that says what to do."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        if str(error.orig).startswith(("no such column", "no such table")):
            raise StoreError(
                f"{database}: is of an older version; start the daemon once: it brings it up to date"
            ) from error
        raise StoreError(described(database, error, "cannot be read")) from error
