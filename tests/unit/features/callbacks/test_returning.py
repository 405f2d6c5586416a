"""One callback for a number and service: its owner calls again."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.facts import (
    CallbackCancelled,
)
from callcentre.features.callbacks.model import Phase
from tests.cast import AINO, MATTI
from tests.unit.features.callbacks.offer_desk import begin, callbacks, only, place_of
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk


def taken(asterisk: Asterisk, number: str = MATTI) -> None:
    call = asterisk.enters(number)
    asterisk.key(call, "1")
    asterisk.says_all(call)


def test_asking_for_their_own_number_that_has_one_tells_its_place() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.key(call, "2", *"0401112222#", "1")
    assert asterisk.heard[call][-3:] == ["callback-exists", "numbers/3", "goodbye"]
    assert len(callbacks(rehearsal)) == 1


def test_a_customer_who_calls_again_hears_so_and_is_at_the_place_held() -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    rehearsal.later(5)
    between = asterisk.calls_in(AINO)
    again = asterisk.enters()
    assert asterisk.heard[again] == ["returned"]
    assert callbacks(rehearsal)[0].phase is Phase.RETURNED
    asterisk.silence(again, 6)
    assert (place_of(asterisk, again), place_of(asterisk, between)) == (3, 4)


def test_a_customer_who_calls_again_may_cancel_it_all() -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "2")
    assert asterisk.heard[again] == ["returned", "returned-cancelled"]
    asterisk.says_all(again)
    assert callbacks(rehearsal) == []
    assert [(fact.name, fact.by) for fact in rehearsal.facts[-1:]] == [("callback.cancelled", "customer")]
    assert again not in asterisk.channels


@pytest.mark.parametrize("way", ["entry", "queue"])
def test_a_callback_is_closed_when_an_agent_answers_the_customer_who_called_again(way: str) -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters() if way == "entry" else asterisk.calls_in()
    if way == "entry":
        asterisk.key(again, "1")
    asterisk.answered(again)
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in rehearsal.facts if fact.name == "callback.cancelled"] == ["caller_returned"]


@pytest.mark.parametrize("way", ["prompt", "waiting", "timeout"])
def test_a_callback_stays_open_when_the_customer_who_called_again_leaves_before(way: str) -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    joined = callbacks(rehearsal)[0].joined_at
    again = asterisk.enters()
    if way != "prompt":
        asterisk.key(again, "1")
    if way == "timeout":
        asterisk.gives_up(again, "TIMEOUT")
    asterisk.hangs_up(again)
    (kept,) = callbacks(rehearsal)
    assert (kept.phase, kept.call, kept.joined_at) == (Phase.WAITING, None, joined)


def test_asking_again_by_the_exit_key_tells_the_place_one_has_and_leads_back_to_it() -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "1")
    asterisk.asks(again)
    assert callbacks(rehearsal)[0].phase is Phase.RETURNED
    assert asterisk.heard[again] == ["returned", "callback-exists", "numbers/3", "back-in-queue"]
    asterisk.says_all(again)
    assert place_of(asterisk, again) == 3


def test_a_second_caller_with_the_same_number_does_not_cost_the_first_the_line() -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    first = asterisk.enters()
    asterisk.key(first, "1")
    second = asterisk.enters()
    assert first in asterisk.channels
    assert place_of(asterisk, first) == 3
    assert place_of(asterisk, second) == 4
    assert callbacks(rehearsal)[0].call == first


@pytest.mark.parametrize("answered", ["first", "second"])
def test_a_customer_who_called_again_twice_is_served_when_an_agent_answers_either_call(answered: str) -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    first = asterisk.enters()
    asterisk.key(first, "1")
    second = asterisk.enters()
    asterisk.answered(first if answered == "first" else second)
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in only(rehearsal, CallbackCancelled)] == ["caller_returned"]


@pytest.mark.parametrize("away", [False, True])
def test_a_customer_who_called_again_twice_is_not_dialled_while_either_call_waits(away: bool) -> None:
    rehearsal, asterisk = begin()
    taken(asterisk)
    first = asterisk.enters()
    asterisk.key(first, "1")
    second = asterisk.enters()
    if away:
        asterisk.queues["support"].remove(first)
        del asterisk.channels[first]
        asterisk.connect()
    else:
        asterisk.hangs_up(first)
    (held,) = callbacks(rehearsal)
    assert (held.phase, held.call) == (Phase.RETURNED, second)
    asterisk.hangs_up(second)
    (held,) = callbacks(rehearsal)
    assert (held.phase, held.call) == (Phase.WAITING, None)


def test_a_callback_for_a_caller_on_the_line_is_closed_when_an_agent_answers_them() -> None:
    rehearsal, asterisk = begin()
    waiting = asterisk.calls_in(MATTI)
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.answered(waiting)
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in only(rehearsal, CallbackCancelled)] == ["caller_returned"]


def test_the_same_number_may_have_one_for_each_service() -> None:
    sales = {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi", "callback": {}}
    rehearsal = Rehearsal({"services": {"support": {"welcome": None}, "sales": sales}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    for service in ("support", "sales"):
        asterisk.key(asterisk.enters(service=service), "1")
    assert [c.service for c in callbacks(rehearsal)] == ["support", "sales"]
