"""The invariants of `scripts/chaos`: each is contradicted by what it is about. The plan of its days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scripts.kills.boundaries import COMMIT, EFFECT, Boundary, Switch, boundaries
from scripts.kills.day import End
from scripts.kills.evidence import Evidence
from scripts.kills.gateway import HandedOver
from scripts.kills.invariants import INVARIANTS, POLICIES, name_of, violations
from scripts.kills.plan import at_boundaries, at_random
from tests.cast import MATTI
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

CALLBACK = "cb-1.1"
TEXT = HandedOver("confirmation-cb-1.1", MATTI, "Soitamme takaisin.")
WELCOME = HandedOver("welcome-2.1", MATTI, "Kiitos soitostasi.")


def good() -> Evidence:
    """A day with a callback that was kept, a caller who was answered, two texts, and a text from a phone."""
    facts: list[dict[str, Any]] = [
        {"event": "queue.joined", "call": "2.1"},
        {"event": "call.ended", "call": "2.1"},
        {"event": "callback.accepted", "call": "1.1", "callback": CALLBACK},
        {"event": "callback.dialled", "callback": CALLBACK, "attempt": 1},
        {"event": "callback.completed", "callback": CALLBACK},
        *({"event": "sms.queued", "message": one.message, "kind": kind} for one, kind in
          ((TEXT, "callback_confirmation"), (WELCOME, "welcome"))),
        *({"event": "sms.delivered", "message": one.message} for one in (TEXT, WELCOME)),
        {"event": "sms.received"},
    ]  # fmt: skip
    numbered = [{"id": number, **fact} for number, fact in enumerate(facts, 1)]
    return Evidence(
        facts=numbered,
        logged=[dict(fact) for fact in numbered],
        tables={"outbox": [], "callbacks": [], "received": [{"source": "kannel mo-1"}], "messages": []},
        ledger={"visits": [{"key": 1, "open": False}]},
        added_up={"visits": [{"key": 1, "open": False}]},
        visits={"1.1": End.PROMISED, "2.1": End.ANSWERED},
        promises={"1.1": {"1.1"}},
        originated={f"{CALLBACK}-1": 1, "callcentre-agent-x": 1},
        handed_over=[TEXT, WELCOME],
        taken={"mo-1": 2},
    )


def drops(event: str) -> Callable[[Evidence], None]:
    """The journal lacks the first fact of this name; the numbers are without a gap."""

    def drop(evidence: Evidence) -> None:
        number = next(place for place, fact in enumerate(evidence.facts) if fact["event"] == event)
        del evidence.facts[number]
        evidence.facts = [{**fact, "id": place} for place, fact in enumerate(evidence.facts, 1)]
        evidence.logged = [dict(fact) for fact in evidence.facts]

    return drop


def adds(**fact: object) -> Callable[[Evidence], None]:
    """The journal has one fact more."""

    def add(evidence: Evidence) -> None:
        evidence.facts.append({"id": len(evidence.facts) + 1, **fact})
        evidence.logged.append(dict(evidence.facts[-1]))

    return add


def test_a_day_on_which_everything_held_contradicts_nothing() -> None:
    assert violations(good()) == {name_of(invariant): [] for invariant in INVARIANTS}


@pytest.mark.parametrize(
    ("invariant", "spoil"),
    [
        ("no caller lost", lambda day: day.visits.update({"2.1": End.LOST})),
        ("no caller lost", lambda day: day.visits.update({"2.1": None})),
        ("no caller lost", drops("call.ended")),
        ("no caller lost", adds(event="call.ended", call="2.1")),
        ("every promise stored", lambda day: day.promises.update({"3.1": {"3.1"}})),
        ("every callback in one state", drops("callback.completed")),
        ("every callback in one state", adds(event="callback.cancelled", callback=CALLBACK)),
        ("every callback in one state", adds(event="callback.postponed", callback=CALLBACK)),
        ("every callback in one state", adds(event="callback.expired", callback="cb-2.1")),
        ("every callback in one state", lambda day: day.tables["callbacks"].append({"callback": CALLBACK})),
        ("every callback in one state", lambda day: day.tables["callbacks"].append({"callback": "cb-2.1"})),
        ("one call per attempt", lambda day: day.originated.update({f"{CALLBACK}-1": 2})),
        ("one call per attempt", lambda day: day.originated.update({f"{CALLBACK}-2": 1})),
        ("one call per attempt", lambda day: day.originated.update({"callcentre-agent-x": 2})),
        ("no text twice", lambda day: day.handed_over.append(WELCOME)),
        ("no text twice", lambda day: day.handed_over.extend([TEXT] * 3)),
        ("no text twice", lambda day: day.handed_over.append(HandedOver("unknown", MATTI, "?"))),
        ("every text handed over", lambda day: day.handed_over.remove(TEXT)),
        ("every text handed over", drops("sms.delivered")),
        ("every text handed over", lambda day: day.tables["messages"].append({"message": TEXT.message})),
        ("received texts have one row", lambda day: day.taken.update({"mo-2": 1})),
        ("received texts have one row", lambda day: day.tables["received"].append({"source": "kannel mo-1"})),
        ("received texts have one row", lambda day: day.taken.clear()),
        ("received texts have one row", adds(event="sms.received")),
        ("nothing left over", lambda day: day.left.append("bridge b")),
        ("nothing left over", lambda day: day.tables["outbox"].append({"id": 1, "effect": "{}"})),
        ("ledger equals journal", lambda day: day.ledger["visits"].append({"key": 2, "open": True})),
        ("ledger equals journal", lambda day: day.ledger["visits"].clear()),
        ("journal is whole", lambda day: day.logged.pop()),
        ("journal is whole", lambda day: day.logged.append({**day.logged[0], "call": "9.9"})),
        ("day comes to its end", lambda day: day.waiting.append("channel PJSIP/trunk-1")),
        ("day comes to its end", lambda day: day.mistakes.append("the daemon ended by itself with 1")),
    ],
)  # fmt: skip
def test_each_invariant_is_contradicted_by_what_it_is_about(
    invariant: str, spoil: Callable[[Evidence], object]
) -> None:
    day = good()
    spoil(day)
    assert {name for name, found in violations(day).items() if found} == {invariant}


def test_a_gap_in_the_journal_contradicts_that_it_is_whole() -> None:
    day = good()
    day.facts[-1]["id"] = day.logged[-1]["id"] = 99
    assert {name for name, found in violations(day).items() if found} == {"journal is whole"}


def test_the_policies_of_texts_are_those_of_the_components() -> None:
    from callcentre.messaging.model import MessageKind

    built = components(World(settings=settings(), key=b"k" * 32))
    declared = {kind.name: kind.policy.crash for kind in built.of(MessageKind)}
    assert declared | dict(POLICIES) == declared
    assert declared.keys() - POLICIES.keys() <= {"sms_test"}


# --- boundaries and days ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["commit:17:before", "effect:3:after", "Originate:1:after"])
def test_a_boundary_is_read_from_its_text(text: str) -> None:
    assert str(Boundary.parse(text)) == text


@pytest.mark.parametrize("text", ["commit:17:beside", "commit:17", "commit:x:after"])
def test_a_text_that_is_no_boundary_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Boundary.parse(text)


def test_a_day_has_a_boundary_before_and_after_each_commit_and_effect() -> None:
    found = list(boundaries({COMMIT: 2, EFFECT: 1, "Originate": 1}))
    assert sorted(map(str, found)) == [
        "commit:1:after", "commit:1:before", "commit:2:after", "commit:2:before", "effect:1:after", "effect:1:before",
    ]  # fmt: skip
    days = list(at_boundaries({COMMIT: 2, EFFECT: 1}))
    assert [day.kills[0].at for day in days] == found
    assert {len(day.kills) for day in days} == {1, 2}


def test_a_random_day_is_the_same_for_the_same_seed() -> None:
    assert at_random(5) == at_random(5)
    assert len({at_random(seed) for seed in range(20)}) == 20


def test_the_switch_kills_at_its_boundary_alone() -> None:
    reached: list[str] = []
    switch = Switch(Boundary.parse("Originate:2:after"), reached=lambda: reached.append("killed"))
    for kind in ("Originate", "Play", "Originate"):
        here = switch.begins(EFFECT, kind)
        switch.passes(here, "before")
        assert not reached
    switch.passes(here, "after")
    assert reached == ["killed"]
    assert switch.counted == {EFFECT: 3, "Originate": 2, "Play": 1}
