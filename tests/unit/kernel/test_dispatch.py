"""The dispatcher: who hears what, in which order, and what is left of an event when a rule fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command, Signal
from callcentre.kernel.component import Component, ComponentError, build, on, owns, unowned
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put, Record
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Event, TimerDue
from callcentre.kernel.records import Records, Unreadable
from callcentre.kernel.schema import metadata
from callcentre.kernel.timer import Timer

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


class Called(Event, frozen=True, kw_only=True):
    """An event."""


class Entered(Event, frozen=True, kw_only=True):
    """An event with an address."""

    address: str


class Greet(Command, frozen=True, kw_only=True):
    """What one component has another do."""


class Heard(Signal, frozen=True, kw_only=True):
    """What several may hear."""


class Turn(Timer, frozen=True, tag="turn_of_dispatch"):
    """A timer."""

    call: str


class Visit(Record, frozen=True):
    """A record."""

    key: str
    times: int = 1


@dataclass
class Noted:
    """Rules that note that they were called."""

    by: list[str] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)

    def rule(self, name: str, decision: Decision = NOTHING) -> Callable[[Any, datetime], Decision]:
        def hear(item: Any, _at: datetime) -> Decision:
            self.by.append(name)
            self.items.append(item)
            return decision

        return hear


def component(name: str, *declarations: Any, after: frozenset[str] = frozenset()) -> Component:
    return Component(name=name, build=lambda _building: declarations, after=after)


def fails(_item: Any, _at: datetime) -> Decision:
    raise ZeroDivisionError


def dispatcher(*components: Component, **others: Any) -> Dispatcher:
    return Dispatcher(build(components), **others)


# --- who hears what ------------------------------------------------------------------------------


def test_rules_hear_an_event_in_the_order_of_their_components() -> None:
    noted = Noted()
    dispatcher(
        component("late", on(Called, noted.rule("late")), after=frozenset({"last"})),
        component("first", on(Called, noted.rule("first"), noted.rule("second"))),
        component("last", on(Called, noted.rule("last"))),
    ).decide(Called(at=AT))
    assert noted.by == ["last", "late", "first", "second"]


def test_commands_and_signals_are_heard_after_the_event_in_their_order() -> None:
    noted = Noted()
    both = Decision(commands=(Greet(at=AT), Heard(at=AT)))
    dispatcher(
        component("one", on(Called, noted.rule("called", both)), on(Heard, noted.rule("one heard"))),
        component("two", on(Called, noted.rule("called too")), on(Greet, noted.rule("greets"))),
        component("three", on(Heard, noted.rule("three heard"))),
    ).decide(Called(at=AT))
    assert noted.by == ["called", "called too", "greets", "one heard", "three heard"]


def test_what_has_an_address_goes_to_its_owner_after_those_who_hear_all_of_it() -> None:
    noted = Noted()
    dispatching = dispatcher(
        component("offer", owns(Entered, "offer", noted.rule("offer"))),
        component("survey", owns(Entered, "survey", noted.rule("survey"))),
        component("telephony", unowned(Entered, noted.rule("nobody")), on(Entered, noted.rule("all"))),
    )
    dispatching.decide(Entered(at=AT, address="survey"))
    dispatching.decide(Entered(at=AT, address="other"))
    assert noted.by == ["all", "survey", "all", "nobody"]


def test_an_address_that_nobody_owns_needs_no_rule() -> None:
    noted = Noted()
    dispatcher(component("offer", owns(Entered, "offer", noted.rule("offer")))).decide(Entered(at=AT, address="x"))
    assert noted.by == []


def test_a_timer_goes_to_the_component_that_has_it() -> None:
    noted = Noted()
    dispatching = dispatcher(component("one", on(Turn, noted.rule("turn"))))
    dispatching.decide(TimerDue(at=AT, key=Turn(call="c1").key, due=AT))
    assert noted.items == [Turn(call="c1")]


def test_a_timer_that_no_component_has_is_not_taken_for_another() -> None:
    dispatching = dispatcher(component("one", on(Turn, fails)))
    assert dispatching.has_timer(Turn(call="c1").key)
    assert not dispatching.has_timer('{"timer":"other","call":"c1"}')


# --- components that do not fit ------------------------------------------------------------------


def twice(*declarations: Any) -> tuple[Component, ...]:
    return component("one", *declarations), component("two", *declarations)


@pytest.mark.parametrize(
    ("declaration", "says"),
    [
        pytest.param(on(Greet, fails), "one and two handle Greet: only one component may", id="command"),
        pytest.param(on(Turn, fails), "one and two handle Turn: only one component may", id="timer"),
        pytest.param(owns(Entered, "offer", fails), "one and two own Entered 'offer'", id="address"),
        pytest.param(Collection(Visit), "two keeps Visit, which another component keeps too", id="records"),
    ],
)
def test_what_two_components_claim_is_refused_at_the_start(declaration: Any, says: str) -> None:
    with pytest.raises(ComponentError, match=f"^{re.escape(says)}$"):
        dispatcher(*twice(declaration))


def test_one_component_may_have_several_rules_for_its_command() -> None:
    noted, greet = Noted(), cast("Event", Greet(at=AT))
    dispatcher(component("one", on(Greet, noted.rule("first")), on(Greet, noted.rule("second")))).decide(greet)
    assert noted.by == ["first", "second"]


# --- records -------------------------------------------------------------------------------------


def counts(visits: Collection[Visit]) -> Callable[[Any, datetime], Decision]:
    def count(_item: Any, _at: datetime) -> Decision:
        before = visits.get("c1")
        return Decision(changes=(Put(Visit("c1", 1 if before is None else before.times + 1)),))

    return count


def test_a_change_holds_for_the_next_rule_of_the_same_event() -> None:
    visits = Collection(Visit)
    dispatcher(component("one", visits, on(Called, counts(visits), counts(visits)))).decide(Called(at=AT))
    assert visits["c1"].times == 2


def test_records_with_times_are_moved_when_the_clock_is_set() -> None:
    class Seen(Record, frozen=True):
        key: str
        at: datetime

    seen = Collection(Seen)
    dispatching = dispatcher(component("one", seen))
    dispatching.put(Seen("c1", AT))
    decision = dispatching.move(timedelta(hours=1))
    assert seen["c1"].at == AT + timedelta(hours=1)
    assert decision.changes == (Put(seen["c1"]),)


# --- a rule that fails ---------------------------------------------------------------------------


def test_an_event_is_decided_without_the_component_whose_rule_failed() -> None:
    """The whole part of that component is left out: what it did before, and what others did because of it."""
    visits, failed, noted = Collection(Visit), list[tuple[str, str, type[Exception]]](), Noted()
    dispatching = dispatcher(
        component("one", visits, on(Called, counts(visits))),
        component("broken", on(Called, noted.rule("begins", Decision(commands=(Greet(at=AT),))), fails)),
        component("two", on(Called, counts(visits)), on(Greet, noted.rule("greets"))),
        failed=lambda item, name, mistake: failed.append((type(item).__name__, name, type(mistake))),
    )
    decisions = dispatching.decide(Called(at=AT))
    assert visits["c1"].times == 2
    assert [change.record for each in decisions for change in each.changes] == [Visit("c1", 1), Visit("c1", 2)]
    assert failed == [("Called", "broken", ZeroDivisionError)]
    assert noted.by == ["begins"]
    dispatching.decide(Called(at=AT))
    assert len(failed) == 2, "the next event is heard by all components again"


def test_a_rule_that_fails_on_a_command_undoes_what_its_component_did_with_the_event() -> None:
    visits = Collection(Visit)
    dispatching = dispatcher(
        component("one", visits, on(Called, lambda _item, _at: Decision(commands=(Greet(at=AT),)))),
        component("two", on(Called, counts(visits)), on(Greet, fails)),
        failed=lambda _item, _name, _mistake: None,
    )
    dispatching.decide(Called(at=AT))
    assert len(visits) == 0


def test_what_was_deleted_or_replaced_is_there_again_after_a_failure() -> None:
    visits = Collection(Visit)
    by_times = visits.index(lambda visit: visit.times)
    both = Decision(changes=(Put(Visit("a", 7)), Delete(Visit("b"))))
    dispatching = dispatcher(
        component("one", visits, on(Called, lambda _item, _at: both, fails)),
        failed=lambda _item, _name, _mistake: None,
    )
    dispatching.put(Visit("a", 1))
    dispatching.put(Visit("b", 2))
    assert dispatching.decide(Called(at=AT)) == []
    assert {visit.key: visit.times for visit in visits.values()} == {"a": 1, "b": 2}
    assert (by_times.count(1), by_times.count(2), by_times.count(7)) == (1, 1, 0)


def test_a_failure_that_nobody_wants_to_hear_of_goes_on() -> None:
    with pytest.raises(ZeroDivisionError):
        dispatcher(component("one", on(Called, fails))).decide(Called(at=AT))


def test_records_that_cannot_be_read_leave_the_event_undecided_and_undone() -> None:
    visits, failed = Collection(Visit), list[str]()

    def reads(_item: Any, _at: datetime) -> Decision:
        raise Unreadable("locked")

    dispatching = dispatcher(
        component("one", visits, on(Called, counts(visits), reads)),
        failed=lambda _item, name, _mistake: failed.append(name),
    )
    with pytest.raises(Unreadable):
        dispatching.decide(Called(at=AT))
    assert (len(visits), failed) == (0, [])


def test_rows_are_kept_by_one_component_too() -> None:
    rows = Records(Visit, table="visits_of_a_test")
    try:
        with pytest.raises(ComponentError, match="keeps Visit"):
            dispatcher(component("one", rows), component("two", Collection(Visit)))
    finally:
        metadata.remove(rows.table)
