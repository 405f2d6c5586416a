"""The steps that bring a database of any earlier version to this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from callcentre.kernel.database import Database
from callcentre.kernel.migrations import row_security

_VERSIONS = Path(__file__).parent / "versions"

HEAD = max(step.stem for step in _VERSIONS.glob("r*.py")).removeprefix("r").partition("_")[0]
"""The schema revision of this version: the last step, from the name of its file."""

_ONE_AT_A_TIME: Final = 0x63616C6C_00000000
"""The advisory lock of PostgreSQL that daemons take which bring the schema up to date."""


class TooNewError(Exception):
    """The database was written by a later version of this program."""


def upgrade(database: Database) -> str | None:
    """Bring the database up to this version's schema, or create it. Returns the revision that it had.

    Raises `TooNewError` when its revision is not known to this version: continuing would lose what the later version
    wrote. Blocking; call it in a thread.
    """
    with writing(database) as connection:
        return bring_up_to_date(connection, database)


@contextmanager
def writing(database: Database) -> Iterator[sa.Connection]:
    """One transaction that may change the schema, at whose end it is committed. No other such one runs meanwhile."""
    engine = sa.create_engine(database.url, poolclass=sa.pool.NullPool)
    if database.path is not None:
        # Python's sqlite3 begins no transaction for CREATE TABLE: without an explicit BEGIN a crash would leave half a
        # step.
        sa.event.listen(engine, "connect", _begin_explicitly)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            if database.path is None:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
            yield connection
    finally:
        engine.dispose()


def bring_up_to_date(connection: sa.Connection, database: Database) -> str | None:
    """Take the steps that the database lacks, in the transaction of `writing`. Returns the revision that it had.

    Raises `TooNewError`.
    """
    before = revision(connection)
    if before != HEAD:
        _take_steps(connection, database)
    return before


def _begin_explicitly(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def revision(connection: sa.Connection) -> str | None:
    """The revision of the database, as Alembic stores it; None in a database without one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _take_steps(connection: sa.Connection, database: Database) -> None:
    # Alembic takes a sixth of a second to import, and most starts have nothing to upgrade.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["node"] = database.node
    current = revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise TooNewError(
            f"{database}: written by a newer version of callcentre (schema {current}); "
            "install that version again, or restore the database from before its upgrade"
        )
    command.upgrade(config, "head")
    row_security.protect(connection)
