"""The steps that bring a database of any earlier version to this version."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

_VERSIONS = Path(__file__).parent / "versions"

HEAD = max(step.stem for step in _VERSIONS.glob("r*.py")).removeprefix("r").partition("_")[0]
"""The schema revision of this version: the last step, from the name of its file."""


class TooNewError(Exception):
    """The database was written by a later version of this program."""


def upgrade(path: Path) -> None:
    """Bring the database up to this version's schema, or create it.

    Raises `TooNewError` when its revision is not known to this version: continuing would lose what the later version
    wrote. Blocking; call it in a thread.
    """
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)
    # Python's sqlite3 begins no transaction for CREATE TABLE: without an explicit BEGIN a crash would leave half a
    # step.
    sa.event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            if _current(connection) != HEAD:
                _take_steps(connection, path)
    finally:
        engine.dispose()


def _current(connection: sa.Connection) -> str | None:
    """The revision of the database, as Alembic stores it; None in a database without one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _take_steps(connection: sa.Connection, path: Path) -> None:
    # Alembic takes a sixth of a second to import, and most starts have nothing to upgrade.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    current = _current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise TooNewError(
            f"{path}: written by a newer version of callcentre (schema {current}); "
            "install that version again, or restore the database from before its upgrade"
        )
    command.upgrade(config, "head")
