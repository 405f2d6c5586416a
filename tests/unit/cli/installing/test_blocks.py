"""What is around our block stays as it is, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.cli.installing import blocks
from callcentre.cli.installing.blocks import BlockError

# Lines as files have them: with other line ends, no end at the last line, and marks in the middle of a line.
LINES = st.lists(
    st.sampled_from(["[400]", "a=1", "", "; x", "a=1\r", " ; callcentre begin", "#include x.conf", "ä\x00\udcff"])
)
TEXTS = st.tuples(LINES, st.booleans()).map(lambda made: "\n".join(made[0]) + ("\n" if made[1] and made[0] else ""))
OURS = st.sampled_from(["#include callcentre.conf\n", "[400](+)\ncontext=x", "x\n\n"])


@given(TEXTS, OURS)
def test_a_block_that_is_put_and_taken_away_leaves_nothing(text: str, lines: str) -> None:
    joined = blocks.joins(text)
    assert blocks.without(blocks.put(text, lines), joined=joined) == text


@given(TEXTS, TEXTS, OURS, OURS)
def test_replacing_it_keeps_all_around_it_and_twice_is_once(before: str, after: str, old: str, new: str) -> None:
    whole = blocks.put(before, old) + after
    replaced = blocks.put(whole, new)
    found = blocks.find(replaced)
    assert found is not None
    assert (found.before.removesuffix("\n"), found.after) == (before.removesuffix("\n"), after)
    assert found.block == blocks.block(new)
    assert blocks.put(replaced, new) == replaced


def test_the_marks_are_those_of_earlier_versions() -> None:
    # With other marks an install after an upgrade would change files in which nothing has to change.
    assert blocks.block("a=1") == (
        '; callcentre begin: written by "callcentre install", which replaces what stands up to the end mark\n'
        "a=1\n"
        "; callcentre end\n"
    )


@given(TEXTS)
def test_a_text_without_our_block_is_left(text: str) -> None:
    assert blocks.find(text) is None
    assert blocks.without(text) == text


ONE = blocks.block("a=1")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"[x]\n{blocks.BEGIN}\na=1\n", 2),
        (f"[x]\na=1\n{blocks.END}\n", 3),
        (f"{blocks.END}\n{blocks.BEGIN}\n", 2),
        (ONE + ONE, 4),
    ],
)
def test_marks_that_make_no_single_block_are_refused_with_their_line(text: str, line: int) -> None:
    for using in (blocks.find, blocks.without, lambda text: blocks.put(text, "b=2")):
        with pytest.raises(BlockError, match=f"line {line}:"):
            using(text)


def test_lines_that_came_behind_the_block_later_stay_on_lines_of_their_own() -> None:
    whole = blocks.put("a=1", "x=1") + "b=2\n"
    assert blocks.without(whole, joined=True) == "a=1\nb=2\n"
