"""A page's statement reads of every table only what is within the reach, and a statement that would not is refused."""
# ruff: noqa: E501, a table is read by its rows

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
import sqlalchemy as sa

from callcentre.kernel.ownership import EVERYBODY, Reach, Unscoped
from callcentre.kernel.page_reads.scoping import Reading, check, scoped

A: Final = Reach("a", frozenset({"a1", "a2"}))
ONE_SERVICE: Final = Reach("a", frozenset({"a1"}))
NO_SERVICE: Final = Reach("a", frozenset())

schema = sa.MetaData()
calls = sa.Table(
    "calls_of_test", schema, sa.Column("call", sa.Text), sa.Column("service", sa.Text), sa.Column("number", sa.Text)
)
notes = sa.Table(
    "notes_of_test", schema, sa.Column("call", sa.Text), sa.Column("service", sa.Text), sa.Column("text", sa.Text)
)
users = sa.Table("users_of_test", schema, sa.Column("name", sa.Text), sa.Column("organisation", sa.Text))
acts = sa.Table(
    "acts_of_test", schema,
    *(sa.Column(name, sa.Text) for name in ("id", "organisation", "service", "number")),
)  # fmt: skip
counts = sa.Table("counts_of_test", schema, sa.Column("day", sa.Text), info={"of_program": True})
undeclared = sa.Table("undeclared_of_test", schema, sa.Column("day", sa.Text))

# Both organisations have the same numbers, names and calls.
ROWS_OF_A: Final[Mapping[sa.Table, Sequence[Sequence[str | None]]]] = {
    calls: [("1", "a1", "040"), ("2", "a2", "041"), ("3", "a1", None)],
    notes: [("1", "a1", "of a"), ("2", "a2", "of a"), ("9", "a2", "of a, without a call")],
    users: [("anna", "a"), ("bo", "a")],
    acts: [("1", "a", None, "040"), ("2", None, "a1", "040"), ("3", "a", "a2", "041")],
}
ROWS_OF_B: Final[Mapping[sa.Table, Sequence[Sequence[str | None]]]] = {
    calls: [("1", "b1", "040"), ("2", "b1", "041"), ("4", "b1", "042"), ("5", None, "040")],
    notes: [("1", "b1", "of b"), ("3", "b1", "of b"), ("4", None, "of nobody")],
    users: [("anna", "b"), ("carl", "b")],
    acts: [("1", "b", None, "040"), ("2", None, "b1", "040"), ("3", "b", "b1", "041"), ("4", None, None, "040")],
}

_first, _second = calls.alias("first"), calls.alias()
_recent = sa.select(calls.c.call, calls.c.number).where(calls.c.number.is_not(None)).cte("recent")
_tree = sa.select(calls.c.call, sa.literal(0).label("depth")).cte("tree", recursive=True)
_tree = _tree.union_all(
    sa.select(notes.c.call, _tree.c.depth + 1).join(_tree, notes.c.call == _tree.c.call).where(_tree.c.depth < 2)
)
_inner = sa.select(notes.c.call, sa.func.count().label("many")).group_by(notes.c.call).subquery()

QUERIES: Final[Mapping[str, Any]] = {
    "one table": sa.select(calls),
    "columns": sa.select(calls.c.number, calls.c.call).where(calls.c.call != "3"),
    "count": sa.select(sa.func.count()).select_from(calls),
    "count of a column": sa.select(sa.func.count(calls.c.number), sa.func.max(calls.c.call)),
    "of an organisation": sa.select(users),
    "of either": sa.select(acts),
    "alias": sa.select(_first.c.call, _first.c.number),
    "unnamed alias": sa.select(_second),
    "two aliases": sa.select(_first.c.call, _second.c.call.label("other")).join_from(_first, _second, _first.c.number == _second.c.number),
    "alias beside the table": sa.select(calls.c.call, _first.c.number).join_from(calls, _first, calls.c.call == _first.c.call),
    "product": sa.select(calls.c.call, notes.c.text).where(calls.c.call <= notes.c.call),
    "join": sa.select(calls.c.call, notes.c.text).join(notes, notes.c.call == calls.c.call),
    "join as from": sa.select(calls, notes.c.text).select_from(calls.join(notes, notes.c.call == calls.c.call)),
    "outer join": sa.select(calls.c.call, notes.c.text).outerjoin(notes, notes.c.call == calls.c.call),
    "outer join, none": sa.select(calls.c.call).outerjoin(notes, notes.c.call == calls.c.call).where(notes.c.text.is_(None)),
    "full join": sa.select(calls.c.call, notes.c.text).join(notes, notes.c.call == calls.c.call, full=True),
    "join of three": sa.select(users.c.name, notes.c.text).select_from(acts).join(users, sa.true()).join(notes, notes.c.call == acts.c.id),
    "in a subquery": sa.select(notes.c.text).where(notes.c.call.in_(sa.select(calls.c.call).where(calls.c.number == "040"))),
    "not in a subquery": sa.select(notes.c.text).where(notes.c.call.not_in(sa.select(calls.c.call))),
    "exists": sa.select(notes.c.text).where(sa.exists().where(calls.c.call == notes.c.call)),
    "exists of itself": sa.select(calls.c.call).where(sa.exists().where(_first.c.number == calls.c.number, _first.c.call != calls.c.call)),
    "not exists": sa.select(notes.c.text).where(~sa.select(calls.c.call).where(calls.c.call == notes.c.call).exists()),
    "scalar": sa.select(notes.c.call, sa.select(sa.func.max(calls.c.number)).scalar_subquery().label("highest")),
    "correlated scalar": sa.select(calls.c.call, sa.select(sa.func.count(notes.c.text)).where(notes.c.call == calls.c.call).correlate(calls).scalar_subquery().label("notes")),
    "scalar in order by": sa.select(calls.c.call).order_by(sa.select(sa.func.max(notes.c.text)).where(notes.c.call == calls.c.call).scalar_subquery(), calls.c.call),
    "scalar in limit": sa.select(calls.c.call).order_by(calls.c.call).limit(2),
    "from a subquery": sa.select(_inner.c.call, _inner.c.many),
    "join with a subquery": sa.select(calls.c.number, _inner.c.many).join(_inner, _inner.c.call == calls.c.call),
    "cte": sa.select(_recent.c.number),
    "cte twice": sa.select(_recent.c.call).where(_recent.c.number.in_(sa.select(_recent.c.number))),
    "cte and its table": sa.select(_recent.c.call, calls.c.service).join(calls, calls.c.call == _recent.c.call),
    "alias of a cte": sa.select(_recent.alias("r").c.call),
    "recursive cte": sa.select(_tree.c.call, _tree.c.depth),
    "union": sa.union(sa.select(calls.c.call), sa.select(notes.c.call)),
    "union all": sa.union_all(sa.select(calls.c.call), sa.select(notes.c.text), sa.select(users.c.name)),
    "union in a subquery": sa.select(sa.union_all(sa.select(calls.c.call), sa.select(notes.c.call)).subquery().c.call),
    "intersect": sa.intersect(sa.select(calls.c.call), sa.select(notes.c.call)),
    "except": sa.except_(sa.select(calls.c.call), sa.select(notes.c.call)),
    "group": sa.select(calls.c.number, sa.func.count()).group_by(calls.c.number).having(sa.func.count() > 0),
    "having a scalar": sa.select(calls.c.number).group_by(calls.c.number).having(sa.func.count() <= sa.select(sa.func.count()).select_from(notes).scalar_subquery()),
    "distinct": sa.select(calls.c.number).distinct(),
    "window": sa.select(calls.c.call, sa.func.row_number().over(partition_by=calls.c.number, order_by=calls.c.call).label("place")),
    "case": sa.select(sa.case((calls.c.number == "040", "matti"), else_=calls.c.number).label("who")),
    "label and order": sa.select(calls.c.call.label("x"), sa.func.lower(calls.c.number).label("y")).order_by(sa.desc("x")),
    "either condition": sa.select(calls.c.call).where(sa.or_(calls.c.number == "040", sa.true())),
    "their service asked for": sa.select(calls.c.call).where(calls.c.service == "b1"),
    "nested deep": sa.select(sa.select(sa.select(calls.c.call, calls.c.number).subquery().c.call).subquery().c.call),
}  # fmt: skip


def found(statement: Reading, *rows: Mapping[sa.Table, Sequence[Sequence[str | None]]]) -> list[tuple[Any, ...]]:
    """What a statement finds in a database with these rows only."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        schema.create_all(connection)
        for some in rows:
            for table, values in some.items():
                connection.execute(sa.insert(table), [dict(zip(table.c.keys(), row, strict=True)) for row in values])
        return sorted((tuple(row) for row in connection.execute(statement)), key=repr)


@pytest.mark.parametrize("name", QUERIES)
def test_a_statement_finds_what_it_would_find_if_there_were_no_rows_of_others(name: str) -> None:
    query = QUERIES[name]
    assert found(scoped(query, A), ROWS_OF_A, ROWS_OF_B) == found(query, ROWS_OF_A)


@pytest.mark.parametrize("name", QUERIES)
def test_the_statement_as_it_is_would_be_refused(name: str) -> None:
    with pytest.raises(Unscoped):
        check(QUERIES[name], A)


@pytest.mark.parametrize("name", QUERIES)
def test_a_statement_for_another_reach_is_refused(name: str) -> None:
    finished = scoped(QUERIES[name], A)
    check(finished, A)
    for other in (ONE_SERVICE, Reach("b", A.services)):
        if "organisation" not in str(finished) and other.services == A.services:
            continue
        if "service" in str(finished) or other.organisation != A.organisation:
            with pytest.raises(Unscoped):
                check(finished, other)


@pytest.mark.parametrize("name", QUERIES)
def test_with_every_organisation_in_reach_nothing_is_added(name: str) -> None:
    query = QUERIES[name]
    assert found(scoped(query, EVERYBODY), ROWS_OF_A, ROWS_OF_B) == found(query, ROWS_OF_A, ROWS_OF_B)


def test_who_may_see_some_services_only_sees_nothing_of_the_others() -> None:
    assert found(scoped(sa.select(calls.c.call), ONE_SERVICE), ROWS_OF_A, ROWS_OF_B) == [("1",), ("3",)]
    assert found(scoped(sa.select(calls.c.call), NO_SERVICE), ROWS_OF_A, ROWS_OF_B) == []
    # An act on a service that they may not see, and an act on none.
    assert found(scoped(sa.select(acts.c.id), ONE_SERVICE), ROWS_OF_A, ROWS_OF_B) == [("1",), ("2",)]
    assert found(scoped(sa.select(acts.c.id), NO_SERVICE), ROWS_OF_A, ROWS_OF_B) == [("1",)]


WRONG: Final[Mapping[str, Any]] = {
    "text": sa.text("SELECT * FROM calls_of_test"),
    "text with columns": sa.text("SELECT call FROM calls_of_test").columns(sa.column("call")),
    "text in a condition": sa.select(users.c.name).where(sa.text("EXISTS (SELECT 1 FROM calls_of_test)")),
    "text as a column": sa.select(sa.literal_column("(SELECT max(number) FROM calls_of_test)")),
    "text as a table": sa.select(sa.column("call")).select_from(sa.text("calls_of_test")),
    "text in order by": sa.select(users.c.name).order_by(sa.text("(SELECT 1 FROM calls_of_test)")),
    "text before": sa.select(users.c.name).prefix_with("(SELECT number FROM calls_of_test),"),
    "a table by its name": sa.select(sa.table("calls_of_test", sa.column("call")).c.call),
    "a table of the program": sa.select(counts),
    "a table of the program in a subquery": sa.select(users.c.name).where(sa.exists().where(counts.c.day == "x")),
    "a table of nobody": sa.select(undeclared),
    "hint": sa.select(users.c.name).with_hint(users, "NOT INDEXED"),
    "lateral": sa.select(sa.lateral(sa.select(counts)).c.day),
    "a change": sa.update(calls).values(number="x"),
    "a deletion": sa.delete(calls),
    "an insertion": sa.insert(calls).values(call="x"),
    "a change in a cte": sa.select(sa.update(calls).values(number="x").returning(calls.c.call).cte().c.call),
}  # fmt: skip


@pytest.mark.parametrize("reach", [A, EVERYBODY])
@pytest.mark.parametrize("name", WRONG)
def test_a_statement_whose_rows_cannot_be_seen_is_refused(name: str, reach: Reach) -> None:
    with pytest.raises(Unscoped):
        check(WRONG[name], reach)
    with pytest.raises(Unscoped):
        scoped(WRONG[name], reach)


def test_a_sample_of_a_table_has_no_place_for_a_condition() -> None:
    with pytest.raises(Unscoped):
        scoped(sa.select(sa.tablesample(calls, 10).c.call), A)


def test_a_condition_that_only_looks_like_the_owners_does_not_count() -> None:
    theirs = sa.select(calls).where(calls.c.service.in_(["a1", "a2"]))
    check(sa.select(theirs.subquery().c.call), A)
    for wrong in (
        sa.select(calls).where(calls.c.service.in_(["a1", "a2", "b1"])),
        sa.select(calls).where(sa.or_(calls.c.service.in_(["a1", "a2"]), calls.c.number == "040")),
        sa.select(calls).where(calls.c.call.in_(["a1", "a2"])),
        sa.select(calls, notes).where(calls.c.service.in_(["a1", "a2"]), notes.c.call == calls.c.call),
        sa.select(calls).where(notes.c.service.in_(["a1", "a2"])),
    ):
        with pytest.raises(Unscoped):
            check(sa.select(wrong.subquery().c.call), A)
