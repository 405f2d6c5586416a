"""Each table says whose its rows are, and a visitor's reach is what the settings say of their organisation."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from callcentre.kernel.ownership import EVERYBODY, Owner, Reach, Unscoped, owned_by, owner_of, reach_of
from callcentre.kernel.schema import metadata
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

components(World(settings=settings(), key=b"k" * 32))

TWO = {
    "organisations": {"kela": {}, "posti": {}},
    "services": {
        "support": {"organisation": "kela"},
        "sales": {"queue": "sales", "name": {"fi": "Myynti"}, "organisation": "posti"},
    },
}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_each_table_says_whose_its_rows_are(table: sa.Table) -> None:
    assert owner_of(table) is not None, (
        f"{table.name}: give its record a field `organisation` or `service`, or say `of_program = True` where the rows "
        "are the program's own and no page may read them"
    )


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_a_table_of_the_program_has_nothing_of_an_organisation(table: sa.Table) -> None:
    if owner_of(table) is Owner.PROGRAM:
        assert not {"organisation", "service"} & set(table.c.keys())
        with pytest.raises(Unscoped):
            owned_by(table, EVERYBODY)


def test_the_tables_that_the_engine_works_with_are_never_for_pages() -> None:
    engine = {"outbox", "timers", "meta", "node_messages", "bounds", "suppressions"}
    assert {owner_of(metadata.tables[name]) for name in engine} == {Owner.PROGRAM}


def test_the_only_organisation_has_everything() -> None:
    # Alarms, and opt-outs of people, are facts of no service.
    assert reach_of(settings(), "main", None) == EVERYBODY
    assert reach_of(settings(), None, None) == EVERYBODY


def test_a_user_of_one_organisation_reaches_its_services() -> None:
    two = settings(TWO)
    assert reach_of(two, "kela", None) == Reach("kela", frozenset({"support"}))
    assert reach_of(two, "posti", None) == Reach("posti", two.services_of("posti"))
    assert reach_of(two, None, None) == EVERYBODY


def test_a_restriction_gives_no_service_of_another_organisation() -> None:
    two = settings(TWO)
    assert reach_of(two, "kela", frozenset({"support", "sales"})) == Reach("kela", frozenset({"support"}))
    assert reach_of(two, "kela", frozenset()) == Reach("kela", frozenset())


def test_who_is_of_no_organisation_and_restricted_to_services_reaches_these_alone() -> None:
    reach = reach_of(settings(TWO), None, frozenset({"support", "gone"}))
    assert reach.services == {"support"}
    assert reach.organisation not in (None, "kela", "posti")


def test_an_organisation_that_is_not_in_the_file_reaches_nothing() -> None:
    assert reach_of(settings(), "gone", None) == Reach("gone", frozenset())
    assert reach_of(settings(TWO), "main", None) == Reach("main", frozenset())
