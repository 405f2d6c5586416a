"""Statements that read the facts of the journal about one call, one callback or one text."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from callcentre.kernel.schema import journal


def of_call(call: str, node: str | None = None) -> sa.Select[Any]:
    """The facts of a call in their order; without a node, those of all nodes in the order of their times."""
    return _in_order(journal.c.call == call, node)


def of_message(message: str, node: str | None = None) -> sa.Select[Any]:
    """The facts of a text in their order."""
    return _in_order(journal.c.message == message, node)


def of_callback(callback: str, node: str | None = None) -> sa.CompoundSelect[Any]:
    """The facts of a callback and of its calls, in their order.

    A call may end one callback and begin another: facts of the other are not part of this one's story.
    """
    its_own = sa.select(journal).where(journal.c.callback == callback, *_of_node(node))
    calls = sa.select(journal.c.call).where(
        journal.c.callback == callback, journal.c.call.is_not(None), *_of_node(node)
    )
    of_calls = sa.select(journal).where(journal.c.call.in_(calls), journal.c.callback.is_(None), *_of_node(node))
    # Not one condition with OR: PostgreSQL would read the whole journal.
    return its_own.union_all(of_calls).order_by(*(("at", "id") if node is None else ("id",)))


def _in_order(about: sa.ColumnElement[bool], node: str | None) -> sa.Select[Any]:
    # Within a node the order is that of the numbers: the clock may have been set back.
    order = (journal.c.at, journal.c.id) if node is None else (journal.c.id,)
    return sa.select(journal).where(about, *_of_node(node)).order_by(*order)


def _of_node(node: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if node is None else (journal.c.node == node,)
