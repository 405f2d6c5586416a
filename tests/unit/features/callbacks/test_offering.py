"""Offering a callback on the way into the queue, and taking it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackDeclined,
    CallbackOffered,
    CallbackRefused,
)
from callcentre.features.callbacks.model import Phase
from callcentre.features.callbacks.offers import Offered
from callcentre.messaging.effects import SendText
from callcentre.telephony.dialling.outgoing import Dialled
from callcentre.telephony.effects import ContinueCall, Play
from callcentre.telephony.events import KeyPressed, StasisStarted
from callcentre.telephony.facts import QueueJoined
from tests.cast import AINO, KALLE, MATTI
from tests.unit.features.callbacks.offer_desk import begin, callbacks, committed, only, place_of
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk


def test_on_entering_the_wait_and_the_choice_are_said_once() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"]
    assert asterisk.playing[call].language == "fi"
    (offered,) = only(rehearsal, CallbackOffered)
    assert (offered.position, offered.call, offered.number) == (3, call, "+35840•••22")
    asterisk.silence(call, 6)
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"]
    assert call not in asterisk.held


def test_with_nobody_on_duty_the_wait_is_unknown_and_a_callback_is_offered() -> None:
    _, asterisk = begin()
    asterisk.on_duty("UNAVAILABLE")
    call = asterisk.enters()
    assert asterisk.heard[call] == ["offer-wait-unknown", "offer-callback"]


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ({"offer": {"min_wait": "6m"}}, "short_wait"),
        ({"dial": {"at_position": "3"}}, "next_in_turn"),
        ({"offer": {"until_closing": "4h"}}, "closing_soon"),
    ],
)
def test_a_caller_without_an_offer_goes_on_at_once_and_the_reason_is_a_fact(
    callback: dict[str, Any], reason: str
) -> None:
    rehearsal, asterisk = begin(**callback)
    call = asterisk.enters()
    assert call not in asterisk.heard
    assert place_of(asterisk, call) == 3
    assert [(fact.reason, fact.position) for fact in only(rehearsal, CallbackRefused)] == [(reason, 3)]


def test_without_callbacks_in_the_configuration_nothing_is_said_or_reported() -> None:
    rehearsal = Rehearsal({"services": {"support": {"welcome": None, "callback": None}}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    call = asterisk.enters()
    assert asterisk.queues["support"] == [call]
    assert rehearsal.names() == ["queue.joined"]


def test_one_takes_it_and_it_is_committed_before_anything_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    rehearsal.take(Play)
    spoken_after: list[list[str]] = []
    perform = asterisk._do

    def look(effect: Any) -> None:
        if isinstance(effect, Play):
            spoken_after.append(committed(rehearsal))
        perform(effect)

    monkeypatch.setattr(asterisk, "_do", look)
    asterisk.key(call, "1")
    assert spoken_after == [[MATTI]]
    assert asterisk.heard[call][-2:] == ["callback-confirmed", "numbers/3"]
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [(c.number, c.phase, c.attempts) for c in callbacks(rehearsal)] == [(MATTI, Phase.WAITING, 0)]
    (accepted,) = only(rehearsal, CallbackAccepted)
    assert (accepted.by, accepted.position, accepted.callback) == ("customer", 3, callbacks(rehearsal)[0].callback)


def test_a_confirmation_is_texted_where_one_is_configured() -> None:
    rehearsal, asterisk = begin(confirm_by_sms="Paikkasi on {{ position }}, {{ service }}")
    asterisk.key(asterisk.enters(), "1")
    assert [(text.number, text.body) for text in rehearsal.take(SendText)] == [(MATTI, "Paikkasi on 3, Asiakaspalvelu")]
    assert [fact.callback for fact in rehearsal.facts if fact.name == "sms.queued"] == [
        callbacks(rehearsal)[0].callback
    ]


@pytest.mark.parametrize(("name", "body"), [("Matti", "Hei Matti!"), ("0401112222", "Hei!"), ("Anonymous", "Hei!")])
def test_a_confirmation_names_the_caller_where_the_network_tells_a_name(name: str, body: str) -> None:
    rehearsal, asterisk = begin(confirm_by_sms="Hei {{ name }}!")
    asterisk.key(asterisk.enters(name=name), "1")
    assert [text.body for text in rehearsal.take(SendText)] == [body]


def test_nothing_is_texted_where_no_confirmation_is_configured() -> None:
    rehearsal, asterisk = begin(confirm_by_sms=None)
    asterisk.key(asterisk.enters(), "1")
    assert rehearsal.take(SendText) == []


@pytest.mark.parametrize(("pressed", "reason"), [("3", "key"), ("#", "key"), ("", "no_key")])
def test_any_other_way_they_go_on_waiting_behind_those_who_joined_earlier(pressed: str, reason: str) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    rehearsal.later(2)
    later = asterisk.calls_in(AINO)
    if pressed:
        asterisk.key(call, pressed)
    else:
        asterisk.silence(call, 6)
    assert (place_of(asterisk, call), place_of(asterisk, later)) == (3, 4)
    assert asterisk.channels[call].app_data.endswith(",3")
    assert [fact.reason for fact in only(rehearsal, CallbackDeclined)] == [reason]
    assert callbacks(rehearsal) == []


def test_callers_who_decline_at_the_same_time_keep_the_order_of_joining() -> None:
    rehearsal, asterisk = begin()
    first = asterisk.enters(MATTI)
    rehearsal.later(1)
    second = asterisk.enters(AINO)
    rehearsal.later(1)
    third = asterisk.calls_in(KALLE)
    asterisk.key(second, "9")
    asterisk.key(first, "9")
    assert asterisk.queues["support"][2:] == [first, second, third]


def test_callers_who_hear_the_offer_have_their_place_among_those_who_wait() -> None:
    rehearsal, asterisk = begin()
    first = asterisk.enters(MATTI)
    rehearsal.later(1)
    second = asterisk.enters(AINO)
    rehearsal.later(1)
    third = asterisk.enters(KALLE)
    assert [fact.position for fact in only(rehearsal, CallbackOffered)] == [3, 4, 5]
    asterisk.key(second, "1")
    assert [fact.position for fact in only(rehearsal, CallbackAccepted)] == [4]
    assert asterisk.heard[second][-1] == "numbers/4"
    (taken,) = callbacks(rehearsal)
    asterisk.key(first, "9")
    assert rehearsal.world.place(taken) == 4
    asterisk.key(third, "9")
    assert asterisk.queues["support"][2:] == [first, third]
    asterisk.hangs_up(first)
    assert rehearsal.world.place(taken) == 3


def test_the_wait_that_is_estimated_at_joining_is_the_one_that_was_spoken() -> None:
    rehearsal, asterisk = begin()
    asterisk.key(asterisk.enters(MATTI), "1")
    rehearsal.later(1)
    listening = asterisk.enters(AINO)
    rehearsal.later(1)
    last = asterisk.enters(KALLE)
    assert "minutes/10" in asterisk.heard[last]
    asterisk.key(last, "9")
    assert [fact.estimated_wait for fact in only(rehearsal, QueueJoined) if fact.call == last] == [600.0]
    asterisk.key(listening, "9")
    assert [fact.estimated_wait for fact in only(rehearsal, QueueJoined) if fact.call == listening] == [480.0]


def test_hanging_up_midway_declines_and_leaves_nothing() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.hangs_up(call)
    assert [fact.reason for fact in only(rehearsal, CallbackDeclined)] == ["hung_up"]
    assert callbacks(rehearsal) == []
    rehearsal.later(100)
    asterisk.perform()
    assert rehearsal.names().count("callback.declined") == 1


# --- looked at once more when it is taken ------------------------------------------------------------


def test_of_two_callers_who_hear_the_last_offer_one_gets_it_and_the_other_keeps_the_place() -> None:
    rehearsal, asterisk = begin(offer={"max_open": "1"})
    call = asterisk.enters(MATTI)
    rehearsal.later(1)
    quicker = asterisk.enters(AINO)
    asterisk.key(quicker, "1")
    rehearsal.later(1)
    behind = asterisk.calls_in(KALLE)
    asterisk.key(call, "1")
    assert asterisk.heard[call][-2:] == ["no-callback-full", "back-in-queue"]
    assert [c.number for c in callbacks(rehearsal)] == [AINO]
    asterisk.says_all(call)
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)
    assert [(fact.call, fact.reason) for fact in only(rehearsal, CallbackRefused)] == [(call, "full")]
    assert only(rehearsal, CallbackDeclined) == []


@pytest.mark.parametrize(
    ("closes", "meanwhile", "heard", "reason"),
    [
        ("12:01", "the service closes", "no-callback-closing", "closed"),
        ("12:10", "an agent goes home", "no-callback-closing", "not_servable"),
        ("16:00", "the calls of the day are used up", "no-callback-now", "no_dialling"),
    ],
)
@pytest.mark.parametrize("keys", [("1",), ("2", *"0402223333#", "1")], ids=["own number", "another number"])
def test_what_cannot_be_kept_any_more_is_not_promised(
    keys: tuple[str, ...], closes: str, meanwhile: str, heard: str, reason: str
) -> None:
    rehearsal, asterisk = begin(closes, offer={"until_closing": "0s"})
    if closes == "12:01":
        asterisk.on_duty("UNAVAILABLE")
        rehearsal.later(50)
    call = asterisk.enters()
    asterisk.key(call, *keys[:-1])
    match meanwhile:
        case "the service closes":
            rehearsal.later(9)
        case "an agent goes home":
            asterisk.on_duty("INUSE", "UNAVAILABLE")
        case _:
            rehearsal.world.outgoing.put(Dialled(day="2026-06-03", total=2000))
    asterisk.key(call, keys[-1])
    assert asterisk.heard[call][-2:] == [heard, "back-in-queue"]
    assert (callbacks(rehearsal), [fact.reason for fact in only(rehearsal, CallbackRefused)]) == ([], [reason])
    asterisk.says_all(call)
    assert place_of(asterisk, call) == 3


@pytest.mark.parametrize("meanwhile", ["closing comes near", "the wait gets short", "they are the next"])
def test_what_breaks_no_promise_does_not_keep_from_taking_it(meanwhile: str) -> None:
    rehearsal, asterisk = begin("12:30", offer={"until_closing": "29m"})
    call = asterisk.enters()
    match meanwhile:
        case "closing comes near":
            rehearsal.later(59)
        case "the wait gets short":
            asterisk.on_duty("INUSE", "INUSE", "INUSE")
        case _:
            for waiting in tuple(asterisk.queues["support"]):
                asterisk.hangs_up(waiting)
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(rehearsal)] == [MATTI]


# --- one call is offered once ------------------------------------------------------------------------


def comes_again(asterisk: Asterisk, call: str) -> None:
    """The dialplan sends a call through `callcentre-queue` once more."""
    asterisk.passes(30)
    asterisk._hands_over(call, "enter", "support")


@pytest.mark.parametrize("end", ["TIMEOUT", "JOINEMPTY"])
def test_a_call_sent_into_the_queue_again_is_not_offered_again_and_has_the_place_of_its_first_joining(end: str) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    if end == "JOINEMPTY":
        rehearsal.tell(KeyPressed(at=rehearsal.at, call=call, key="9"))
        assert rehearsal.take(ContinueCall)
        asterisk.held.pop(call)
        asterisk.runs(call, "Queue", "support")
        asterisk.variable(call, "QUEUESTATUS", end)
        assert call not in rehearsal.world.calls.calls
    else:
        asterisk.silence(call, 6)
        asterisk.gives_up(call, end)
    heard = list(asterisk.heard[call])
    behind = asterisk.calls_in(AINO)
    comes_again(asterisk, call)
    assert asterisk.heard[call] == heard
    assert [fact.reason for fact in only(rehearsal, CallbackRefused)] == ["offered_before"]
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)


def test_a_call_that_was_not_offered_one_on_its_first_way_may_be_on_its_second() -> None:
    _rehearsal, asterisk = begin()
    asterisk.on_duty("INUSE", "INUSE", "INUSE")
    call = asterisk.enters()
    assert call not in asterisk.heard
    asterisk.gives_up(call, "TIMEOUT")
    asterisk.on_duty("INUSE", "INUSE")
    comes_again(asterisk, call)
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"]


def test_the_exit_key_offers_again_also_on_the_second_way() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    asterisk.gives_up(call, "TIMEOUT")
    comes_again(asterisk, call)
    asterisk.asks(call)
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(rehearsal)] == [MATTI]


def test_a_call_that_was_in_a_queue_before_we_came_is_not_offered_on_entering_again() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    heard = list(asterisk.heard[call])
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE", "INUSE")
    asterisk.gives_up(call, "TIMEOUT")
    comes_again(asterisk, call)
    assert asterisk.heard[call] == heard


def test_a_caller_in_the_middle_of_the_offer_hears_it_anew_when_only_the_connection_was_lost() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.restarts_us(rehearsal)
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"] * 2
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(rehearsal)] == [MATTI]


@pytest.mark.parametrize("away", [False, True])
def test_a_caller_who_was_offered_one_is_forgotten_with_the_call(away: bool) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    (offered,) = (kept for kept in rehearsal._dispatcher.collections if kept.record is Offered)
    assert [one.call for one in offered.values()] == [call]
    asterisk.silence(call, 6)
    if away:
        asterisk.channels.pop(call)
        asterisk.queues["support"].remove(call)
        asterisk.connect()
    else:
        asterisk.hangs_up(call)
    assert call not in [one.call for one in offered.values()]


# --- after a restart ---------------------------------------------------------------------------------


def test_a_caller_caught_in_the_offer_is_offered_anew_after_a_restart() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.restarts_us(rehearsal.restarted())
    assert asterisk.heard[call][-3:] == asterisk.heard[call][:3]
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(asterisk.rehearsal)] == [MATTI]


def test_a_customer_who_was_promised_one_hears_so_after_a_restart_and_is_not_taken_for_calling_again() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223333#", "1")
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    assert asterisk.heard[call][-1] == "callback-taken"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [(c.number, c.phase) for c in callbacks(after)] == [(AINO, Phase.WAITING)]


def test_a_second_callback_of_one_call_after_a_restart_is_not_the_first_one_again() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "1")
    other = asterisk.calls_in()
    (first,) = callbacks(rehearsal)
    after = rehearsal.restarted()
    asterisk.rehearsal = after
    # The agent whom they have on another line is seen before the call that is still held.
    asterisk.connect()
    asterisk.answered(other)
    assert not callbacks(after)
    after.tell(StasisStarted(at=after.at, channel=asterisk.channels[call], arguments=asterisk.held[call]))
    asterisk.perform()
    asterisk.key(call, "1")
    (second,) = callbacks(after)
    assert second.callback != first.callback
    again = after.restarted()
    asterisk.restarts_us(again)
    assert "callback-confirmed" in asterisk.heard[call][-2:]
    asterisk.says_all(call)
    assert [one.callback for one in callbacks(again)] == [second.callback]


def test_a_caller_who_was_waiting_and_asked_is_back_at_the_place_after_a_restart() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    rehearsal.later(10)
    asterisk.calls_in(AINO)
    asterisk.asks(call)
    asterisk.restarts_us(rehearsal.restarted())
    asterisk.on_duty("INUSE", "INUSE")
    asterisk.silence(call, 6)
    assert place_of(asterisk, call) == 3


@pytest.mark.parametrize("arguments", [("enter", "unheard-of"), ("exit", "unheard-of"), ()])
def test_a_call_with_arguments_we_do_not_know_goes_on(arguments: tuple[str, ...]) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.arrives()
    rehearsal.tell(StasisStarted(at=rehearsal.at + timedelta(0), channel=asterisk.channels[call], arguments=arguments))
    assert rehearsal.take(ContinueCall) == [ContinueCall(call=call, at_once=True)]
