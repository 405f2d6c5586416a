"""The table of docs/concepts/texts.md has every kind of text, with the policy that the components declare."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import MessageKind
from scripts.reference.program import declared

PAGE = Path(__file__).parents[3] / "docs" / "concepts" / "texts.md"
_ROW = re.compile(r"^\| `(?P<kind>\w+)` \|.*\| (?P<policy>[^|]+) \|$", re.MULTILINE)

TRIES = {Crash.AT_MOST_ONCE: "at most once", Crash.AT_LEAST_ONCE: "at least once"}


def table() -> dict[str, str]:
    """The policy of each kind as the page has it, without links."""
    section = PAGE.read_text(encoding="utf-8").split("\n## ")[1].partition("\n### ")[0]
    return {row["kind"]: re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", row["policy"]) for row in _ROW.finditer(section)}


def said(kind: MessageKind) -> str:
    """The policy as the page says it, up to its additional condition."""
    hours, minutes = divmod(kind.policy.fresh, timedelta(hours=1))
    fresh = f"{hours} h" if hours else f"{minutes // timedelta(minutes=1)} min"
    return f"{kind.policy.lane.name.lower()}, {TRIES[kind.policy.crash]}, {fresh}"


def test_the_table_has_every_kind_and_no_other() -> None:
    assert sorted(table()) == sorted(kind.name for kind in declared(MessageKind))


@pytest.mark.parametrize("kind", declared(MessageKind), ids=lambda kind: kind.name)
def test_the_policy_of_a_kind_is_that_of_the_table(kind: MessageKind) -> None:
    policy, only, _ = table()[kind.name].partition(", only ")
    assert (policy, bool(only)) == (said(kind), kind.still_wanted is not None)
