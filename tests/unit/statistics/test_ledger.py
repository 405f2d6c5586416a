"""Adding facts up: a ledger that goes on with what another remembered, and what the components declare for it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.statistics.ledger import Ledger
from scripts.reference.facts import all_facts, name
from tests.unit.statistics.lines import FACTS, added_up, lines


@given(st.lists(FACTS, max_size=30), st.integers(0, 30))
def test_a_ledger_that_goes_on_where_another_stopped_adds_up_to_the_same(
    facts: list[dict[str, Any]], place: int
) -> None:
    promised = [fact["callback"] for fact in facts if fact["event"] == "callback.accepted"]
    assume(len(promised) == len(set(promised)))  # A callback is promised once.
    every = lines(*facts)
    whole = {(type(row), row.key): row for row in added_up(every)}
    before = {(type(row), row.key): row for row in added_up(every[:place])}
    remembered = [row for row in before.values() if row.open]
    after = {(type(row), row.key): row for row in added_up(every[place:], Ledger(ledger_shape(), remembered))}
    assert before | after == whole


def test_every_fact_that_is_added_up_is_one_that_a_component_writes() -> None:
    assert set(ledger_shape().updates) <= {name(fact) for fact in all_facts()}


def test_the_places_of_parts_and_exports_and_the_names_of_tables_are_different() -> None:
    shape = ledger_shape()
    for places in (
        [part.place for part in shape.parts],
        [export.place for part in shape.parts for export in part.exports],
        [export.name for part in shape.parts for export in part.exports],
        [table.name for table in shape.tables],
    ):
        assert [place for place, times in Counter(places).items() if times > 1] == []
