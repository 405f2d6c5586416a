"""Adds the owner's condition to each table of a statement, and checks that no table is left without it.

Each table of an organisation is replaced by a subquery of its rows within the reach: wherever the statement has it, in
a join, an alias, a subquery, a CTE or a union. The databases merge such a subquery into the query around it. The check
does not rely on that: it goes through the finished statement, and lets a table pass only inside such a subquery.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.selectable import AliasedReturnsRows

from callcentre.kernel.ownership import Reach, Unscoped, owned_by

Reading = sa.Select[Any] | sa.CompoundSelect[Any]
"""A statement that reads."""

_HARMLESS: Final = re.compile(r"\*|[0-9]+")
"""Text of SQL that reads no table: that of `count(*)`, and a number."""

_WITH_TEXT: Final = ("_prefixes", "_suffixes", "_hints", "_statement_hints")
"""Where a statement may have text of SQL besides its elements."""


def scoped(statement: Reading, reach: Reach) -> Reading:
    """The statement, which reads of each table only the rows within the reach. Raises `Unscoped`."""
    replaced: dict[int, tuple[Any, sa.Subquery | None]] = {}

    def within(found: Any) -> sa.Subquery | None:
        """What takes the place of a table or of its alias: the same each time, since columns lead to it."""
        table = _table_of(found)
        if table is None:
            return None
        if id(found) not in replaced:
            rows = _rows_of(table, reach)
            # The entry keeps the element, so that no other one gets its id.
            replaced[id(found)] = found, None if rows is None else rows.subquery(found.name)
        return replaced[id(found)][1]

    def replace(element: Any) -> Any:
        if isinstance(element, ColumnClause):
            there = within(element.table)
            return None if there is None else there.c[element.key]
        return within(element)

    traverse: Any = visitors.replacement_traverse
    finished: Reading = traverse(statement, {}, replace)
    check(finished, reach)
    return finished


def check(statement: Any, reach: Reach) -> None:
    """Raise `Unscoped` unless the statement only reads, and each table in it only within the reach."""
    if not isinstance(statement, Reading):
        raise Unscoped(f"a page reads by a SELECT only, not by {type(statement).__name__}")
    remaining: list[Any] = [statement]
    seen: set[int] = set()
    while remaining:
        element = remaining.pop()
        if id(element) in seen or _is_within(element, reach):
            continue
        seen.add(id(element))
        _check_one(element, reach)
        remaining.extend(_parts_of(element))


def _parts_of(element: Any) -> Iterable[Any]:
    yield from element.get_children()
    if isinstance(element, ColumnClause) and element.table is not None:
        yield element.table


def _check_one(element: Any, reach: Reach) -> None:
    is_text = isinstance(element, TextClause) or (isinstance(element, ColumnClause) and element.is_literal)
    if is_text and not _HARMLESS.fullmatch(str(element)):
        raise Unscoped(f"whose rows a text of SQL reads cannot be seen: {str(element)!r}; write it with tables")
    if any(getattr(element, name, None) for name in _WITH_TEXT):
        raise Unscoped("whose rows a text of SQL reads cannot be seen: leave prefixes, suffixes and hints out")
    if isinstance(element, sa.sql.dml.UpdateBase):
        raise Unscoped("a page reads, and changes nothing")
    if isinstance(element, sa.Table):
        if owned_by(element, reach) is not None:
            raise Unscoped(f"{element.name}: read without regard to whose rows these are")
    elif isinstance(element, sa.TableClause):
        raise Unscoped(f"{element.name}: is no table of which it is known whose the rows are")


def _is_within(element: Any, reach: Reach) -> bool:
    """Whether an element is the subquery of the rows of a table that are within the reach."""
    if not isinstance(element, sa.Select):
        return False
    # Not `get_final_froms`, which compiles the statement: milliseconds of the loop that all others wait for.
    tables = element.columns_clause_froms
    if len(tables) != 1 or not isinstance(tables[0], sa.Table):
        return False
    rows = _rows_of(tables[0], reach)
    return rows is not None and bool(element.compare(rows, compare_keys=False))


def _rows_of(table: sa.Table, reach: Reach) -> sa.Select[Any] | None:
    """The rows of a table within the reach; None: all of them are. Raises `Unscoped` for a table of the program."""
    condition = owned_by(table, reach)
    return None if condition is None else sa.select(table).where(condition)


def _table_of(element: Any) -> sa.Table | None:
    """The table that an element is, or is an alias of."""
    if isinstance(element, sa.Table):
        return element
    if isinstance(element, AliasedReturnsRows) and isinstance(element.element, sa.Table):
        if not isinstance(element, sa.Alias):
            raise Unscoped(f"{element.element.name}: read by {type(element).__name__}, which has no place for whose")
        return element.element
    return None
