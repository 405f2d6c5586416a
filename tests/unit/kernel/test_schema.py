"""Tables that are derived from dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec
import pytest
import sqlalchemy as sa

from callcentre.kernel.decision import Record
from callcentre.kernel.schema import Instant, Nested, metadata, record_of, row_of, table_of


class Kind(StrEnum):
    """An enumeration."""

    ONE = "one"


@dataclass(frozen=True)
class Part:
    """A field with fields of its own."""

    name: str


class Everything(Record, frozen=True):
    """A field of each kind."""

    name: str
    count: int
    share: float
    open: bool
    at: datetime
    until: datetime | None
    kind: Kind
    names: tuple[str, ...]
    counts: dict[str, int]
    part: Part
    state: Part | Kind | None


@contextmanager
def derived(*arguments: Any, **others: Any) -> Iterator[sa.Table]:
    """A table for this test alone."""
    table = table_of(Everything, "everything_of_a_test", *arguments, **others)
    try:
        yield table
    finally:
        metadata.remove(table)


def test_each_field_has_the_column_of_its_type() -> None:
    with derived() as table:
        found = {column.name: (type(column.type), column.nullable) for column in table.columns}
    assert found == {
        "node": (sa.Text, False),
        "key": (sa.Text, False),
        "name": (sa.Text, False),
        "count": (sa.BigInteger, False),
        "share": (sa.Float, False),
        "open": (sa.Boolean, False),
        "at": (Instant, False),
        "until": (Instant, True),
        "kind": (sa.Text, False),
        "names": (sa.JSON, False),
        "counts": (sa.JSON, False),
        "part": (Nested, False),
        "state": (Nested, True),
    }


def test_the_key_is_a_field_of_its_own_or_the_one_that_is_named() -> None:
    with derived() as table:
        assert [column.name for column in table.primary_key] == ["node", "key"]
    with derived("name", shared=True) as table:
        assert [column.name for column in table.primary_key] == ["name"]
        assert not {"key", "node"} & set(table.c.keys())


def test_an_index_is_made_for_each_field_that_is_named() -> None:
    with derived(indexes=("kind", "at")) as table:
        assert {index.name for index in table.indexes} == {"ix_everything_of_a_test_kind", "ix_everything_of_a_test_at"}


def test_a_table_is_made_once() -> None:
    with derived() as table:
        assert table_of(Everything, "everything_of_a_test") is table


class Ringing(msgspec.Struct, frozen=True, kw_only=True, tag_field="state", tag="ringing"):
    """A state with a time."""

    since: datetime
    tries: int = 0


class Over(msgspec.Struct, frozen=True, kw_only=True, tag_field="state", tag="over"):
    """A state without."""

    reason: str | None = None


class Attempt(Record, frozen=True):
    """A record whose states are stored flat."""

    flat: ClassVar[frozenset[str]] = frozenset({"state"})

    key: str
    state: Ringing | Over


NOON = datetime(2026, 6, 3, 9, tzinfo=UTC)


def test_the_fields_of_states_have_columns_beside_the_tag() -> None:
    table = table_of(Attempt, "attempts_of_a_test")
    metadata.remove(table)
    assert {column.name: (type(column.type), column.nullable) for column in table.columns} == {
        "node": (sa.Text, False), "key": (sa.Text, False), "state": (sa.Text, False), "since": (Instant, True),
        "tries": (sa.BigInteger, False), "reason": (sa.Text, True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "row"),
    [
        (Ringing(since=NOON, tries=2), {"state": "ringing", "since": NOON, "tries": 2, "reason": None}),
        (Over(reason="busy"), {"state": "over", "since": None, "tries": 0, "reason": "busy"}),
    ],
)
def test_a_state_is_read_back_from_its_columns(state: Ringing | Over, row: dict[str, object]) -> None:
    assert row_of(Attempt("1", state)) == {"key": "1", **row}
    assert record_of({"key": "1", **row}, Attempt) == Attempt("1", state)
