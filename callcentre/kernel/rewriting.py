"""Carries out changes of stored rows that are no records, in the transaction of the decision behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from callcentre.kernel.decision import Rewrite
from callcentre.kernel.schema import metadata

_KEY = "key of the row"
_NODE = "node of the row"


def carry_out(connection: sa.Connection, rewrites: Iterable[Rewrite], node: str) -> None:
    """Change these rows of a node. Raises what the database raises."""
    same: dict[tuple[str, tuple[str, ...] | None], list[Rewrite]] = {}
    for rewrite in rewrites:
        names = None if rewrite.values is None else tuple(rewrite.values)
        same.setdefault((rewrite.table, names), []).append(rewrite)
    for (name, names), rows in same.items():
        table = metadata.tables[name]
        key = list(table.primary_key)[-1]  # Behind the node, where there is one.
        found = key == sa.bindparam(_KEY, type_=key.type)
        if "node" in table.c:
            found = sa.and_(found, table.c.node == sa.bindparam(_NODE))
        statement: Any
        if names is None:
            statement = sa.delete(table).where(found)
        else:
            statement = sa.update(table).where(found).values({each: sa.bindparam(f"new {each}") for each in names})
        connection.execute(statement, [_parameters(row, node) for row in rows])


def _parameters(rewrite: Rewrite, node: str) -> dict[str, Any]:
    return {_KEY: rewrite.key, _NODE: node} | {f"new {name}": value for name, value in (rewrite.values or {}).items()}
