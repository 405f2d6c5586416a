"""The open records: what later facts find, and what is forgotten."""

from __future__ import annotations

import pytest

from callcentre.statistics.records import OpenRecords, RecordTable, Row


class Stay(Row, frozen=True, kw_only=True):
    """A guest in a hotel."""

    guest: str


class Bill(Row, frozen=True, kw_only=True):
    """What no later fact changes."""

    guest: str


@pytest.fixture
def records() -> OpenRecords:
    return OpenRecords(
        (RecordTable(record=Stay, name="stays", found_by="guest"), RecordTable(record=Bill, name="bills"))
    )


def test_an_open_record_is_found_as_it_was_last_and_a_closed_one_is_not(records: OpenRecords) -> None:
    for key, guest in ((1, "Matti"), (2, "Liisa"), (3, "Matti")):
        records.keep(Stay(key=key, guest=guest))
    assert {guest: stay.key for guest, stay in records.of(Stay).items()} == {"Matti": 3, "Liisa": 2}
    records.keep(Stay(key=2, guest="Liisa", open=False))
    assert list(records.of(Stay)) == ["Matti"]


def test_an_earlier_record_of_the_same_name_closes_only_itself(records: OpenRecords) -> None:
    for stay in (Stay(key=1, guest="Matti"), Stay(key=2, guest="Matti"), Stay(key=1, guest="Matti", open=False)):
        records.keep(stay)
    assert records.of(Stay)["Matti"].key == 2


def test_what_no_later_fact_changes_is_not_remembered(records: OpenRecords) -> None:
    records.keep(Bill(key=1, guest="Matti"))
    assert not records.of(Bill)
