"""Narrows a connection that is not one of `Reads` to a reach: for figures, which make statements of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from callcentre.kernel.migrations.row_security import PAGES
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.scoping import scoped

ROLE: Final = (
    "SELECT rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_roles WHERE rolname = %s) FROM pg_roles "
    "WHERE rolname = current_user"
)
"""Asks PostgreSQL whether row-level security binds our role, and whether there is the role of pages."""

WHOSE: Final = "SELECT set_config('callcentre.organisation', %s, true), set_config('callcentre.services', %s, true)"
"""Says for this transaction whose rows it reads. The text of the statement is ours, its values are parameters."""


@contextmanager
def narrowed(connection: sa.Connection, reach: Reach) -> Iterator[None]:
    """Within it, every statement on the connection reads only rows within the reach, and raises `Unscoped` otherwise.

    The transaction has begun; on PostgreSQL the rest of it is bound by row-level security too. A reach of every
    organisation narrows nothing.
    """
    if reach.organisation is None:
        yield
        return
    if connection.dialect.name == "postgresql":
        is_super, _, has_other = connection.exec_driver_sql(ROLE, (PAGES,)).one()
        if is_super and has_other:
            connection.exec_driver_sql(f"SET LOCAL ROLE {PAGES}")
        connection.exec_driver_sql(WHOSE, (reach.organisation, ",".join(sorted(reach.services))))

    def narrow(_connection: sa.Connection, statement: Any, values: Any, each: Any, _options: Any) -> Any:
        return scoped(statement, reach), values, each

    sa.event.listen(connection, "before_execute", narrow, retval=True)
    try:
        yield
    finally:
        sa.event.remove(connection, "before_execute", narrow)
