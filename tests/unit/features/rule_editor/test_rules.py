"""What is kept of a text of the file, and what differs between two."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.rule_editor.differences import Line, difference
from callcentre.features.rule_editor.events import RulesWritten, Text
from callcentre.features.rule_editor.facts import RulesRestored, RulesSaved
from callcentre.features.rule_editor.model import RuleVersion
from callcentre.features.rule_editor.rules import written
from callcentre.kernel.actor import Actor
from callcentre.kernel.decision import Put

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLIER = AT - timedelta(days=3)
NEW = Text(at=AT, sha256="aa", text="region: FI\n")
OLD = Text(at=EARLIER, sha256="bb", text="region: SE\n")
LIISA = Actor(user="Liisa", organisation=None, address="192.0.2.1", why="Finland only")


def versions(event: RulesWritten) -> list[RuleVersion]:
    """The versions that an event makes."""
    changes = written(event, AT).changes
    return [change.record for change in changes if isinstance(change, Put) and isinstance(change.record, RuleVersion)]


def test_a_saved_text_is_a_version_with_who_and_why_and_a_fact() -> None:
    event = RulesWritten(at=AT, actor=LIISA, daemon="main", text=NEW)
    (version,) = versions(event)
    assert (version.user, version.why, version.text, version.sha256) == ("Liisa", "Finland only", NEW.text, "aa")
    assert written(event, AT).facts == (RulesSaved(version=version.version),)


def test_a_text_from_outside_the_browser_is_kept_before_it_is_replaced() -> None:
    before, after = versions(RulesWritten(at=AT, actor=LIISA, daemon="main", text=NEW, before=OLD))
    assert (before.at, before.user, before.text) == (EARLIER, None, OLD.text)
    assert before.version != after.version


def test_going_back_is_a_fact_of_its_own_that_names_both_versions() -> None:
    event = RulesWritten(at=AT, actor=LIISA, daemon="main", text=NEW, restored="v1")
    (version,) = versions(event)
    assert version.restored == "v1"
    assert written(event, AT).facts == (RulesRestored(version=version.version, restored="v1"),)


def test_daemons_with_files_of_their_own_have_versions_of_their_own() -> None:
    ids = {versions(RulesWritten(at=AT, daemon=daemon, text=NEW))[0].version for daemon in ("a", "b")}
    assert len(ids) == 2


# --- differences ---------------------------------------------------------------------------------


def test_a_difference_has_the_lines_around_it() -> None:
    before = "\n".join("abcdefghij")
    assert difference(before, before.replace("e", "E")) == [
        Line("place", "@@ -2,7 +2,7 @@"),
        *(Line("same", each) for each in "bcd"),
        Line("removed", "e"),
        Line("added", "E"),
        *(Line("same", each) for each in "fgh"),
    ]


def test_equal_texts_have_none() -> None:
    assert difference("a\nb\n", "a\nb\n") == []


@given(st.lists(st.sampled_from(["a", "b", "+c", "-d", "@@", "--- e", ""]), max_size=12), st.randoms())
def test_a_difference_makes_the_one_text_from_the_other(lines: list[str], chance: random.Random) -> None:
    after = [line for line in lines if chance.random() < 0.7] + (["x"] if chance.random() < 0.5 else [])
    found = difference("\n".join(lines), "\n".join(after))
    kept = [line.text for line in found if line.kind in ("same", "added")]
    lost = [line.text for line in found if line.kind in ("same", "removed")]
    if len(lines) <= 3:
        assert not found or (kept, lost) == (after or [""], lines or [""])
    assert bool(found) == ("\n".join(lines) != "\n".join(after))
