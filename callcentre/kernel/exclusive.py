"""Uses the database in place of the daemon: nobody else may while its lock is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import sqlalchemy as sa

from callcentre.kernel import migrations
from callcentre.kernel.damage import described
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.store import backend_of


@contextmanager
def exclusive(database: Database, nodes: Iterable[str] = ()) -> Iterator[None]:
    """Hold the lock of this daemon, and those of daemons of further names. A missing file is made.

    Raises `InUse` when one of them runs, and `StoreError` when the database cannot be used.
    """
    with explained(database), ExitStack() as stack:
        # A file has one lock, whatever the names.
        names = {database.node} if database.path is not None else {database.node, *nodes}
        for node in sorted(names):
            backend = backend_of(replace(database, node=node))
            stack.callback(backend.close)
            backend.lock()
            backend.prepare()
        yield


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Raise what the system, the database or a migration raises as `StoreError`."""
    try:
        yield
    except migrations.TooNewError as error:
        raise StoreError(str(error)) from error
    except (OSError, sa.exc.SQLAlchemyError) as error:
        raise StoreError(described(database, error)) from error


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the schema up to date. Returns its revision before (None: there was no schema) and now. Blocking.

    Raises `InUse` while the daemon runs, and `StoreError`.
    """
    with exclusive(database):
        return migrations.upgrade(database), migrations.HEAD
