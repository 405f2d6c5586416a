"""A callback is offered at the exit key."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.features.callbacks.facts import (
    CallbackAccepted,
)
from callcentre.features.callbacks.offers import Offered
from callcentre.telephony.events import EventsLate
from tests.cast import AINO, KALLE
from tests.unit.features.callbacks.offer_desk import begin, callbacks, only, place_of


def test_the_exit_key_offers_again_at_the_place_of_the_first_joining() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    rehearsal.later(20)
    behind = asterisk.calls_in(AINO)
    asterisk.asks(call)
    assert asterisk.heard[call][-3:] == ["offer-wait-before", "minutes/6", "offer-callback"]
    assert asterisk.queues["support"][-1] == behind
    asterisk.silence(call, 6)
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)


def test_a_callback_taken_by_the_exit_key_keeps_the_joining_time() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    joined = rehearsal.at
    rehearsal.later(30)
    asterisk.asks(call)
    asterisk.key(call, "1")
    assert callbacks(rehearsal)[0].joined_at == joined
    assert asterisk.heard[call][-2:] == ["callback-confirmed", "numbers/3"]


@pytest.mark.parametrize(
    ("callback", "why"),
    [
        ({"offer": {"min_wait": "6m"}}, "no-callback-short"),
        ({"offer": {"until_closing": "4h"}}, "no-callback-closing"),
        ({"dial": {"at_position": "3"}}, "no-callback-short"),
        ({"offer": {"max_open": "1"}}, "no-callback-full"),
    ],
)
def test_a_caller_without_an_offer_hears_why_at_the_exit_key_and_is_back_at_the_place(
    callback: dict[str, Any], why: str
) -> None:
    rehearsal, asterisk = begin(**callback)
    call = asterisk.calls_in()
    rehearsal.later(1)
    if "max_open" in callback.get("offer", {}):
        asterisk.key(asterisk.enters(AINO), "1")
    asterisk.calls_in(KALLE)
    asterisk.asks(call)
    assert asterisk.heard[call] == [why, "back-in-queue"]
    asterisk.key(call, "1")
    asterisk.says_all(call)
    assert place_of(asterisk, call) == 3
    assert call not in {fact.call for fact in only(rehearsal, CallbackAccepted)}


def test_a_caller_is_back_at_the_place_at_once_while_events_are_late() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    rehearsal.later(1)
    behind = asterisk.calls_in(KALLE)
    rehearsal.tell(EventsLate(at=rehearsal.at, seconds=1.5))
    asterisk.asks(call)
    assert not asterisk.heard.get(call)
    assert [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"] == ["overload"]
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)


def test_a_second_callback_of_one_call_has_an_id_of_its_own() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    rehearsal.later(1)
    # The caller accepted a callback, was not hung up in time, and is in the queue again.
    rehearsal._dispatcher.put(Offered(call=call, promised=True))
    asterisk.asks(call)
    asterisk.key(call, "1")
    (second,) = callbacks(rehearsal)
    assert second.callback == f"cb-{call}~{int(second.taken_at.timestamp())}"


def test_a_call_on_which_a_callback_was_accepted_is_remembered() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    rehearsal.later(1)
    asterisk.asks(call)
    asterisk.key(call, "1")
    (first,) = callbacks(rehearsal)
    assert first.callback == f"cb-{call}"
    assert rehearsal._dispatcher._kept[Offered].get(call) == Offered(call=call, promised=True)
