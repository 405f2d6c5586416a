"""The steps by which a database of any earlier version becomes one of this version."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


class TooNewError(Exception):
    """The database was written by a later version of this program."""


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(path: Path) -> None:
    """Bring the database up to this version's schema, or make it.

    Raises `TooNewError` when it is at a step that this version does not know: going on would lose what the later
    version wrote. Blocking; call it in a thread.
    """
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)
    # Python's sqlite3 opens no transaction for CREATE TABLE: without a BEGIN of ours a crash would leave half a step.
    sa.event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            config = _config(connection)
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in known:
                raise TooNewError(
                    f"{path}: written by a newer version of callcentre (schema {current}); "
                    "install that version again, or restore the database from before its upgrade"
                )
            command.upgrade(config, "head")
    finally:
        engine.dispose()
