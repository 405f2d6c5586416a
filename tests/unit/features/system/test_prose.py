"""Sentences of findings and alarms as pages show them."""

from __future__ import annotations

import pytest

from callcentre.features.system.prose import commands, pieces


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("", []),
        ("look at it", [("look at it", False)]),
        ("type `df -i`", [("type ", False), ("df -i", True)]),
        ("`queue show` names all", [("queue show", True), (" names all", False)]),
        (
            "see [Clock](../concepts/architecture.md#clock); wait",
            [("see ", False), ("Clock", False), ("; wait", False)],
        ),
        ("a `quote that does not end", [("a `quote that does not end", False)]),
        ("<b>`<i>`", [("<b>", False), ("<i>", True)]),
    ],
)
def test_a_sentence_is_words_and_what_is_typed(sentence: str, shown: list[tuple[str, bool]]) -> None:
    assert list(pieces(sentence)) == shown


@pytest.mark.parametrize(
    ("sentence", "typed"),
    [
        ("nothing to type", ()),
        ("the setting `sms.sender` is wrong", ()),
        ("`apt install logrotate`", ("apt install logrotate",)),
        ("first `a b`, then `c d`, and `a b` again", ("a b", "c d")),
    ],
)
def test_what_is_typed_has_a_block_to_copy(sentence: str, typed: tuple[str, ...]) -> None:
    assert commands(sentence) == typed
