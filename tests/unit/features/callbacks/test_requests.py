"""Callbacks that staff or other systems ask for."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import Tick
from tests.cast import AINO, MATTI
from tests.unit.features.callbacks.desk import ask_for, begin, callbacks, come_to
from tests.unit.rehearsal import Rehearsal


def answer_to(rehearsal: Rehearsal, request: str) -> tuple[str | None, bool, str | None]:
    kept = rehearsal.world.callbacks.requests[request]
    return kept.callback, kept.existing, kept.refusal


def test_a_request_is_taken_once_and_the_same_request_gets_the_same_answer() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    for _ in range(2):
        ask_for(asterisk, request="w")
    assert len(callbacks(rehearsal)) == 1
    assert answer_to(rehearsal, "w") == ("cb-w", False, None)
    assert rehearsal.names() == ["callback.accepted", "sms.queued"]


def test_a_request_for_a_number_that_has_a_callback_gets_that_callback() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    first = ask_for(asterisk)
    ask_for(asterisk, "0401112222", request="again")
    assert answer_to(rehearsal, "again") == (first, True, None)
    assert len(callbacks(rehearsal)) == 1


@pytest.mark.parametrize(
    ("number", "service", "refusal"),
    [("112", "support", "emergency"), ("+46701234567", "support", "foreign"), (MATTI, "unheard-of", "service")],
)
def test_a_request_that_may_not_be_met_is_refused_with_the_reason(number: str, service: str, refusal: str) -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    ask_for(asterisk, number, service=service, request="w")
    assert answer_to(rehearsal, "w") == (None, False, refusal)
    assert callbacks(rehearsal) == []


def test_no_more_requests_are_taken_than_may_be_open() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE", offer={"max_open": "1"})
    ask_for(asterisk)
    ask_for(asterisk, AINO, request="w")
    assert answer_to(rehearsal, "w") == (None, False, "full")


def test_a_name_used_already_takes_nothing_from_the_customer_who_has_it() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    call = asterisk.enters(MATTI)
    asterisk.key(call, "1")
    ask_for(asterisk, AINO, request=call)
    assert [callback.number for callback in callbacks(rehearsal)] == [MATTI]
    assert answer_to(rehearsal, call) == (None, False, "request")


def test_a_request_is_remembered_as_long_as_its_callback_is_open_and_a_day_at_least() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    ask_for(asterisk, MATTI, request="open")
    ask_for(asterisk, "112", request="refused")
    rehearsal.later(23 * 3600)
    ask_for(asterisk, AINO, request="later")
    assert set(rehearsal.world.callbacks.requests) == {"open", "refused", "later"}
    rehearsal.later(2 * 3600)
    rehearsal.tell(Tick(at=rehearsal.at))
    assert set(rehearsal.world.callbacks.requests) == {"open", "later"}


def test_withdrawing_ends_the_call_on_which_it_is_being_promised() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    call = asterisk.enters()
    asterisk.key(call, "1")
    (taken,) = callbacks(rehearsal)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=taken.callback, by="staff"))
    asterisk.perform()
    assert (callbacks(rehearsal), asterisk.channels) == ([], {})


@pytest.mark.parametrize("phase", [Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED])
def test_withdrawing_ends_our_call(phase: Phase) -> None:
    rehearsal, asterisk, call = come_to(phase)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callbacks(rehearsal)[0].callback, by="api"))
    asterisk.perform()
    assert call not in asterisk.channels
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in rehearsal.facts if fact.name == "callback.cancelled"] == ["api"]


@pytest.mark.parametrize("phase", [Phase.CONNECTED, Phase.RETURNED])
def test_withdrawing_ends_no_conversation_and_no_call_of_theirs(phase: Phase) -> None:
    rehearsal, asterisk, call = come_to(phase)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callbacks(rehearsal)[0].callback, by="staff"))
    asterisk.perform()
    assert call in asterisk.channels
    assert callbacks(rehearsal) == []
