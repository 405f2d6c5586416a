"""Every table that may lead to a person says how, and the kinds of `retention` are those that components keep."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Components
from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import IDS, Erased, Person
from callcentre.kernel.retention.settings import RetentionSettings
from callcentre.kernel.schema import metadata
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

LEADS = frozenset({*IDS, "number", "caller", "person", "caller_name", "body", "answer", "effect", "further"})
"""Names of columns that lead to a person in every table that has them."""


@pytest.fixture(scope="module")
def built() -> Components:
    return components(World(settings=settings(), key=b"k" * 32))


def test_every_table_has_a_retention_and_says_which_columns_lead_to_a_person(built: Components) -> None:
    declared = built.of(Retention)
    tables = {each.table.name for each in declared}
    every: list[Any] = [*built.of(Collection), *built.of(Records)]
    kept = [each.table for each in every if each.table is not None]
    assert tables >= {table.name for table in kept}
    for each in declared:
        leads = LEADS & set(each.table.c.keys())
        said = set() if each.person is None else set(each.person.columns)
        assert leads <= said, f"{each.table.name}: say in `person` of its Retention what {leads - said} leads to"


def test_a_kind_is_a_key_of_the_configuration_that_a_component_keeps_rows_of(built: Components) -> None:
    section = settings().section(RetentionSettings)
    kinds = {each.kind for each in built.of(Retention) if each.kind is not None}
    assert kinds == set(type(section).model_fields)


class Visitor(Record, frozen=True):
    """A record of a test."""

    number: str

    @property
    def key(self) -> str:
        return self.number


def test_a_column_that_the_table_does_not_have_leads_nowhere() -> None:
    collection = Collection(Visitor, table="visitors_of_a_test", key="number")
    assert isinstance(collection.table, sa.Table)
    try:
        with pytest.raises(ValueError, match="visitors_of_a_test: has no column caller for a person"):
            Retention(
                collection,
                holds="x",
                keeps="a while",
                why="x",
                person=Person(erased=Erased.DELETED, caller=("caller",)),
            )
    finally:
        metadata.remove(collection.table)
