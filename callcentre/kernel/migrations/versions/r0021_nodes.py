"""Rows that belong to one daemon begin with its name: several daemons may share a database.

The rows that are there belong to the daemon that takes this step.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0021"
down_revision = "0020"

_OF_A_DAEMON = (
    "journal", "outbox", "timers", "meta", "calls", "handling", "pulse", "messages", "sms_budget", "sms_doubt",
    "welcome_considered", "greetings", "callbacks", "callback_requests", "dialled", "dial_time", "route", "notices",
    "surveys", "visits", "served", "offers", "callback_records", "text_records", "survey_records", "scores",
)  # fmt: skip
_SHARED = ("bounds", "dialled_numbers", "received", "suppressions", "survey_answers", "surveys_last_asked")
_OF_ALL = "hash_key"
"""The single value that belongs to all daemons."""


def upgrade() -> None:
    """Write each table of a daemon anew, with the name before its key."""
    connection = op.get_bind()
    node = context.config.attributes.get("node", "main")
    # A table of somebody else stays as it is.
    for name in _OF_A_DAEMON:
        _with_node(connection, name, node)
    if connection.dialect.name == "postgresql":
        for name in _SHARED:
            _widen(connection, name)
    connection.execute(sa.text("UPDATE meta SET node = '' WHERE key = :key"), {"key": _OF_ALL})


def _with_node(connection: sa.Connection, name: str, node: str) -> None:
    before = sa.Table(name, sa.MetaData(), autoload_with=connection)
    # The names of indexes belong to the whole database: the new table gets them when the old one is gone.
    indexes = [(str(one.name), [each.name for each in one.columns], one.dialect_kwargs) for one in before.indexes]
    for index in before.indexes:
        index.drop(connection)
    new = sa.Table(
        f"{name}_with_node",
        sa.MetaData(),
        sa.Column("node", sa.Text, primary_key=True),
        *(_like(column, connection) for column in before.columns),
        sqlite_with_rowid=False,
    )
    new.create(connection)
    columns = [column.name for column in before.columns]
    rows = sa.select(sa.literal(node), *before.columns)
    connection.execute(sa.insert(new).from_select(["node", *columns], rows))
    before.drop(connection)
    op.rename_table(new.name, name)
    if connection.dialect.name == "postgresql":
        # The key of the table has its name from the table's former name.
        op.execute(f'ALTER INDEX "{new.name}_pkey" RENAME TO "{name}_pkey"')
    for known, names, conditions in indexes:
        if known.endswith("_open"):
            # SQLite takes this index, and not the key that begins with the node, only with this column and condition.
            sqlite, postgresql = sa.text("open = 1"), sa.text("open")
            op.create_index(known, name, ["open"], sqlite_where=sqlite, postgresql_where=postgresql)
        else:
            op.create_index(known, name, names, **conditions)


def _like(column: sa.Column[Any], connection: sa.Connection) -> sa.Column[Any]:
    kind = column.type
    if connection.dialect.name == "postgresql" and isinstance(kind, sa.Integer):
        kind = sa.BigInteger()
    return sa.Column(
        column.name, kind, primary_key=column.primary_key, nullable=column.nullable, autoincrement=False,
        server_default=column.server_default,
    )  # fmt: skip


def _widen(connection: sa.Connection, name: str) -> None:
    """Whole numbers have 64 bits, as those of SQLite have."""
    for column in sa.inspect(connection).get_columns(name):
        if isinstance(column["type"], sa.Integer) and not isinstance(column["type"], sa.BigInteger):
            op.alter_column(name, column["name"], type_=sa.BigInteger())
