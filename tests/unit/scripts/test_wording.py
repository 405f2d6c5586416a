"""Replaced words are found in names and in prose, and what stays allowed is not."""

from __future__ import annotations

import pytest

from scripts.wording.__main__ import find, read

WORDS = read()


def found(text: str, file: str = "callcentre/example.py") -> list[str]:
    return [one.word for one in find(WORDS, file, text)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("house = 1", ["house"]),
        ("def house_in(self): ...", ["house"]),
        ("class HouseOfCalls: ...", ["House"]),
        ("warehouse = 1", []),
        ("# the shelves of a record", ["shelves"]),
        ('"""Wake the house."""', ["house"]),
        ('print(f"{wish.number}")', ["wish"]),
        ("class Ask(Struct): ...", ["class Ask", "Ask("]),
        ("asterisk.asks(call)  # The caller asks for a callback.", []),
        ("told = answer()", ["told"]),
        ("# Asterisk told its time.", ["told"]),
        ("# The caller is told the place.", []),
        ("apart = timedelta(seconds=1)", ["apart"]),
        ("# Two seconds apart.", []),
        ('problem = {"error": "x", "mend": "y"}', []),
        ("return Problem(error=error, mend=mend)", []),
        ("# how to mend it", ["mend"]),
        ("# PSTN stands for telephone network", []),
        ("# it stands in the queue", ["stands"]),
        ('log.error("store.refuses")', ["store.refuses"]),
        ("made_up = 1", ["made_up"]),
    ],
)
def test_a_replaced_word_is_found_where_it_is_one(line: str, words: list[str]) -> None:
    assert found(line) == words


def test_a_word_of_several_lines_is_found_at_its_line() -> None:
    (one,) = find(WORDS, "callcentre/example.py", '"""A rule.\n\nThe house goes on.\n"""\n')
    assert str(one) == "callcentre/example.py:3: house -> dispatcher"


def test_pages_are_prose() -> None:
    assert found("The house\n\nIt told us", "docs/example.md") == ["house", "told"]


def test_the_list_itself_is_not_looked_at() -> None:
    assert WORDS.is_exempt("scripts/wording/words.toml")
    assert not WORDS.is_exempt("callcentre/app.py")
