"""The second wall between organisations on PostgreSQL: row-level security of the tables that belong to one.

A transaction that says whose rows it reads (`callcentre.organisation` and `callcentre.services`, as `Reads` does) finds
no others, whatever its statement. A transaction that says nothing finds all rows: the engine, its rules, and commands.

The owner of the tables is bound by it too (`FORCE`). A superuser never is, and the database of a container belongs to
one: pages then read as a role without a log-in, which is made here.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

PAGES: Final = "callcentre_pages"
"""The role that pages read as where the daemon's own is not bound by row-level security."""

POLICY: Final = "callcentre_organisation"

_ORGANISATION: Final = "(SELECT coalesce(current_setting('callcentre.organisation', true), ''))"
_SERVICES: Final = "(SELECT string_to_array(current_setting('callcentre.services', true), ','))"
# A subquery is computed once for a statement, and not for each row.
_ALL: Final = f"{_ORGANISATION} = ''"
_OURS: Final = f"organisation = {_ORGANISATION}"
_OF_SERVICE: Final = f"service = ANY ({_SERVICES}::text[])"

# The same as `owned_by` in `ownership.py`.
_CONDITIONS: Final = {
    frozenset({"organisation"}): _OURS,
    frozenset({"service"}): _OF_SERVICE,
    frozenset({"organisation", "service"}): (
        f"({_OURS} AND (service IS NULL OR {_OF_SERVICE})) OR (organisation IS NULL AND {_OF_SERVICE})"
    ),
}

_OWNED: Final = sa.text(
    "SELECT tables.relname, array_agg(columns.attname::text) FROM pg_class AS tables "
    "JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND NOT columns.attisdropped "
    "WHERE tables.relkind = 'r' AND tables.relnamespace = current_schema()::regnamespace "
    "AND pg_get_userbyid(tables.relowner) = current_user AND columns.attname IN ('organisation', 'service') "
    "GROUP BY tables.relname ORDER BY tables.relname"
)


def protect(connection: sa.Connection) -> None:
    """Give each table of this schema that belongs to organisations its policy, as its columns are now."""
    if connection.dialect.name != "postgresql":
        return
    for table, columns in connection.execute(_OWNED).all():
        name = connection.dialect.identifier_preparer.quote(table)
        for statement in (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {name}",
            f"CREATE POLICY {POLICY} ON {name} USING ({_ALL} OR {_CONDITIONS[frozenset(columns)]})",
        ):
            connection.exec_driver_sql(statement)
    if connection.execute(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one():
        _give_pages_a_role(connection)


def _give_pages_a_role(connection: sa.Connection) -> None:
    # Roles belong to the whole server: another database may be brought up to date at the same time.
    connection.exec_driver_sql(
        f"DO $$ BEGIN CREATE ROLE {PAGES} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    schema = connection.execute(sa.select(sa.func.current_schema())).scalar_one()
    name = connection.dialect.identifier_preparer.quote(schema)
    connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {PAGES}")
