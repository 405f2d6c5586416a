"""What somebody who searches may mean."""

from __future__ import annotations

import pytest

from callcentre.features.search.query import LONGEST, has_name, is_id, query_of
from tests.cast import MATTI


@pytest.mark.parametrize(
    "written", ["0401112222", " 040 111 2222 ", "040-111 2222", "+358401112222", "00358 40 1112222", "(040) 1112222"]
)
def test_a_number_is_one_in_any_way_of_writing(written: str) -> None:
    assert query_of(written, "FI").number == MATTI


@pytest.mark.parametrize("written", ["", "12", "Matti", "cb-1795325295.0", "+35840•••22", "x" * 500])
def test_other_texts_are_no_numbers(written: str) -> None:
    assert query_of(written, "FI").number is None


@pytest.mark.parametrize(
    ("written", "name"), [("Matti", "Matti"), ("  Matti   Möttönen ", "Matti Möttönen"), ("m", None), ("040", None)]
)
def test_a_name_has_letters(written: str, name: str | None) -> None:
    assert query_of(written, "FI").name == name


def test_a_search_has_an_end_and_no_marks_that_are_not_seen() -> None:
    assert query_of("x" * 5000, "FI").text == "x" * LONGEST
    assert query_of("a\x00b\u202ec\nd", "FI").text == "abc d"


@pytest.mark.parametrize(("text", "may"), [("1.2", True), ("", False), ("x" * 201, False), ("a\nb", False)])
def test_what_may_be_an_id(text: str, may: bool) -> None:
    assert is_id(text) is may


@pytest.mark.parametrize(
    ("name", "sought", "has"),
    [("Matti Möttönen", "MÖTT", True), ("Matti\u202e  M", "matti m", True), ("Matti", "Liisa", False)],
)
def test_a_part_of_a_name_is_enough(name: str, sought: str, has: bool) -> None:
    assert has_name(name, sought) is has
