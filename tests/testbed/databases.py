"""The database of a test: a SQLite file in its folder, or one on a PostgreSQL server that all tests of a process share.

`scripts/test` runs the integration tests once with each. `CALLCENTRE_TEST_DATABASE=postgresql` chooses the server.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from tests.testbed.postgresql import Server, fresh

ON_SERVER: Final = os.environ.get("CALLCENTRE_TEST_DATABASE") == "postgresql"
of_a_file = pytest.mark.skipif(ON_SERVER, reason="is about a SQLite file")

_TEMPLATE = "brought_up_to_date"

_urls: dict[Path, str] = {}


@cache
def the_server() -> Server:
    """The server of this process. It has a database of this version that others are copied from."""
    running = Server()
    running.start()
    atexit.register(running.close)
    migrations.upgrade(Database(running.make(_TEMPLATE)))
    return running


def database_of_server() -> str:
    """The address of a new database on the server, with the tables of this version."""
    return fresh(the_server(), _TEMPLATE)


def database_in(folder: Path, node: str = "main") -> Database:
    """The database of this folder, the same one each time. On the server it has the tables of this version already."""
    if not ON_SERVER:
        return Database.of_file(folder / "callcentre.db", node)
    if folder not in _urls:
        _urls[folder] = database_of_server()
    return Database(_urls[folder], node)


def prepare(folder: Path) -> None:
    """Make the file of this folder with the tables of this version, which a daemon would need half of its start for."""
    if not ON_SERVER:
        shutil.copy(_template_file(), folder / "callcentre.db")


@cache
def _template_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="callcentre.db."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrations.upgrade(Database.of_file(folder / "callcentre.db"))
    return folder / "callcentre.db"


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.pool.NullPool)


def connected_to(database: Database) -> sa.Connection:
    """A connection of the test's own."""
    return _engine(database.url).connect()


def connected(folder: Path) -> sa.Connection:
    """A connection of the test's own to the database of a folder."""
    return connected_to(database_in(folder))


def changing(folder: Path) -> sa.engine.base.Engine._trans_ctx:  # type: ignore[name-defined]
    """A connection that commits at its end."""
    return _engine(database_in(folder).url).begin()
