"""Offering a callback: on the way into the queue, by the exit key, and to whoever calls again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackDeclined,
    CallbackOffered,
    CallbackRefused,
)
from callcentre.features.callbacks.model import Callback, Phase, Postponed
from callcentre.features.callbacks.offers import Offered
from callcentre.features.callbacks.situation import Situations
from callcentre.messaging.effects import SendText
from callcentre.telephony.dialling.outgoing import Dialled
from callcentre.telephony.dialling.reservations import in_queue
from callcentre.telephony.effects import ContinueCall, Play
from callcentre.telephony.events import KeyPressed, StasisStarted
from callcentre.telephony.facts import QueueJoined
from callcentre.telephony.queue_view.model import Call, Stage
from callcentre.telephony.queue_view.order import rank
from callcentre.world import World
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON, Rehearsal, settings
from tests.unit.telephone import MATTI, Asterisk

MAIJA, PEKKA, LIISA = "+358402223333", "+358403334444", "+358404445555"


def begin(closes: str = "16:00", **callback: Any) -> tuple[Rehearsal, Asterisk]:
    """Two agents talk, and two callers of four minutes each wait: the third waits six. It is noon."""
    hours = {"weekdays": {"wed": f"08:00-{closes}"}}
    support = {"welcome": None, "callback": callback, "hours": hours, "notify": None}
    house = Rehearsal({"services": {"support": support}})
    asterisk = Asterisk(house)
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in (PEKKA, LIISA):
        asterisk.calls_in(number)
        house.later(1)
    return house, asterisk


def only(house: Rehearsal, kind: type) -> list[Any]:
    return [fact for fact in house.facts if isinstance(fact, kind)]


def callbacks(house: Rehearsal) -> list[Callback]:
    return sorted(house.world.callbacks.open.values(), key=lambda callback: callback.order)


def committed(house: Rehearsal) -> list[str]:
    """The numbers of the callbacks that a crash now would leave."""
    return sorted(record.number for (kind, _), record in house.disk.items() if kind is Callback)


def place_of(asterisk: Asterisk, call: str, queue: str = "support") -> int:
    return asterisk.queues[queue].index(call) + 1


def test_on_entering_the_wait_and_the_choice_are_said_once() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"]
    assert asterisk.playing[call].language == "fi"
    (offered,) = only(house, CallbackOffered)
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
def test_whoever_may_not_have_one_goes_on_at_once_and_the_reason_is_told(
    callback: dict[str, dict[str, str]], reason: str
) -> None:
    house, asterisk = begin(**callback)
    call = asterisk.enters()
    assert call not in asterisk.heard
    assert place_of(asterisk, call) == 3
    assert [(fact.reason, fact.position) for fact in only(house, CallbackRefused)] == [(reason, 3)]


def test_without_callbacks_in_the_configuration_nothing_is_said_or_told() -> None:
    house = Rehearsal({"services": {"support": {"welcome": None, "callback": None}}})
    asterisk = Asterisk(house)
    asterisk.connect()
    call = asterisk.enters()
    assert asterisk.queues["support"] == [call]
    assert house.names() == ["queue.joined"]


def test_one_takes_it_and_it_is_committed_before_anything_is_spoken() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    house.take(Play)
    spoken_after: list[list[str]] = []
    perform = asterisk._do

    def look(effect: Any) -> None:
        if isinstance(effect, Play):
            spoken_after.append(committed(house))
        perform(effect)

    asterisk._do = look  # type: ignore[method-assign]
    asterisk.key(call, "1")
    assert spoken_after == [[MATTI]]
    assert asterisk.heard[call][-2:] == ["callback-confirmed", "numbers/3"]
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [(c.number, c.phase, c.attempts) for c in callbacks(house)] == [(MATTI, Phase.WAITING, 0)]
    (accepted,) = only(house, CallbackAccepted)
    assert (accepted.by, accepted.position, accepted.callback) == ("customer", 3, callbacks(house)[0].callback)


def test_a_confirmation_is_texted_where_one_is_configured() -> None:
    house, asterisk = begin(confirm_by_sms="Paikkasi on {{ position }}, {{ service }}")
    asterisk.key(asterisk.enters(), "1")
    assert [(text.number, text.body) for text in house.take(SendText)] == [(MATTI, "Paikkasi on 3, Asiakaspalvelu")]
    assert [fact.callback for fact in house.facts if fact.name == "sms.queued"] == [callbacks(house)[0].callback]


@pytest.mark.parametrize(("name", "body"), [("Matti", "Hei Matti!"), ("0401112222", "Hei!"), ("Anonymous", "Hei!")])
def test_a_confirmation_names_the_caller_where_the_network_tells_a_name(name: str, body: str) -> None:
    house, asterisk = begin(confirm_by_sms="Hei {{ name }}!")
    asterisk.key(asterisk.enters(name=name), "1")
    assert [text.body for text in house.take(SendText)] == [body]


def test_nothing_is_texted_where_no_confirmation_is_configured() -> None:
    house, asterisk = begin(confirm_by_sms=None)
    asterisk.key(asterisk.enters(), "1")
    assert house.take(SendText) == []


@pytest.mark.parametrize(("pressed", "reason"), [("3", "key"), ("#", "key"), ("", "no_key")])
def test_any_other_way_they_go_on_waiting_behind_those_who_joined_earlier(pressed: str, reason: str) -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    house.later(2)
    later = asterisk.calls_in(MAIJA)
    if pressed:
        asterisk.key(call, pressed)
    else:
        asterisk.silence(call, 6)
    assert (place_of(asterisk, call), place_of(asterisk, later)) == (3, 4)
    assert asterisk.channels[call].app_data.endswith(",3")
    assert [fact.reason for fact in only(house, CallbackDeclined)] == [reason]
    assert callbacks(house) == []


def test_those_who_decline_at_the_same_time_stand_in_the_order_of_joining() -> None:
    house, asterisk = begin()
    first = asterisk.enters(MATTI)
    house.later(1)
    second = asterisk.enters(MAIJA)
    house.later(1)
    third = asterisk.calls_in("+358405556666")
    asterisk.key(second, "9")
    asterisk.key(first, "9")
    assert asterisk.queues["support"][2:] == [first, second, third]


def test_those_who_hear_the_offer_have_their_place_among_those_who_wait() -> None:
    house, asterisk = begin()
    first = asterisk.enters(MATTI)
    house.later(1)
    second = asterisk.enters(MAIJA)
    house.later(1)
    third = asterisk.enters("+358405556666")
    assert [fact.position for fact in only(house, CallbackOffered)] == [3, 4, 5]
    asterisk.key(second, "1")
    assert [fact.position for fact in only(house, CallbackAccepted)] == [4]
    assert asterisk.heard[second][-1] == "numbers/4"
    (taken,) = callbacks(house)
    asterisk.key(first, "9")
    assert house.world.place(taken) == 4
    asterisk.key(third, "9")
    assert asterisk.queues["support"][2:] == [first, third]
    asterisk.hangs_up(first)
    assert house.world.place(taken) == 3


def test_the_wait_that_is_estimated_at_joining_is_the_one_that_was_spoken() -> None:
    house, asterisk = begin()
    asterisk.key(asterisk.enters(MATTI), "1")
    house.later(1)
    listening = asterisk.enters(MAIJA)
    house.later(1)
    last = asterisk.enters("+358405556666")
    assert "minutes/10" in asterisk.heard[last]
    asterisk.key(last, "9")
    assert [fact.estimated_wait for fact in only(house, QueueJoined) if fact.call == last] == [600.0]
    asterisk.key(listening, "9")
    assert [fact.estimated_wait for fact in only(house, QueueJoined) if fact.call == listening] == [480.0]


def test_hanging_up_midway_declines_and_leaves_nothing() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.hangs_up(call)
    assert [fact.reason for fact in only(house, CallbackDeclined)] == ["hung_up"]
    assert callbacks(house) == []
    house.later(100)
    asterisk.perform()
    assert house.names().count("callback.declined") == 1


# --- looked at once more when it is taken ----------------------------------------------------------


def test_of_two_who_hear_the_last_offer_one_gets_it_and_the_other_hears_why_and_keeps_the_place() -> None:
    house, asterisk = begin(offer={"max_open": "1"})
    call = asterisk.enters(MATTI)
    house.later(1)
    quicker = asterisk.enters(MAIJA)
    asterisk.key(quicker, "1")
    house.later(1)
    behind = asterisk.calls_in("+358405556666")
    asterisk.key(call, "1")
    assert asterisk.heard[call][-2:] == ["no-callback-full", "back-in-queue"]
    assert [c.number for c in callbacks(house)] == [MAIJA]
    asterisk.says_all(call)
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)
    assert [(fact.call, fact.reason) for fact in only(house, CallbackRefused)] == [(call, "full")]
    assert only(house, CallbackDeclined) == []


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
    house, asterisk = begin(closes, offer={"until_closing": "0s"})
    if closes == "12:01":
        asterisk.on_duty("UNAVAILABLE")
        house.later(50)
    call = asterisk.enters()
    asterisk.key(call, *keys[:-1])
    match meanwhile:
        case "the service closes":
            house.later(9)
        case "an agent goes home":
            asterisk.on_duty("INUSE", "UNAVAILABLE")
        case _:
            house.world.outgoing.put(Dialled(day="2026-06-03", total=2000, numbers={}))
    asterisk.key(call, keys[-1])
    assert asterisk.heard[call][-2:] == [heard, "back-in-queue"]
    assert (callbacks(house), [fact.reason for fact in only(house, CallbackRefused)]) == ([], [reason])
    asterisk.says_all(call)
    assert place_of(asterisk, call) == 3


@pytest.mark.parametrize("meanwhile", ["closing comes near", "the wait gets short", "they are the next"])
def test_what_breaks_no_promise_does_not_keep_from_taking_it(meanwhile: str) -> None:
    house, asterisk = begin("12:30", offer={"until_closing": "29m"})
    call = asterisk.enters()
    match meanwhile:
        case "closing comes near":
            house.later(59)
        case "the wait gets short":
            asterisk.on_duty("INUSE", "INUSE", "INUSE")
        case _:
            for waiting in tuple(asterisk.queues["support"]):
                asterisk.hangs_up(waiting)
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(house)] == [MATTI]


# --- who is to be served before --------------------------------------------------------------------

LATER = Postponed(until=NOON + timedelta(minutes=3), why="busy")


def of(phase: Phase = Phase.WAITING, call: str = "c", **more: Any) -> Callback:
    """A callback of somebody who joined a minute before noon."""
    about: dict[str, Any] = {
        "callback": "cb-1", "service": "support", "queue": "support", "number": MATTI, "caller_name": "",
        "language": "fi", "joined_at": NOON - timedelta(minutes=1), "taken_at": NOON, "state": in_phase(phase, call),
    }  # fmt: skip
    return Callback(**(about | more))


def on_the_line(call: str, stage: Stage = Stage.WAITING) -> Call:
    """A call of somebody who joined a minute before noon."""
    joined_at = NOON - timedelta(minutes=1)
    return Call(
        call=call, channel=f"PJSIP/{call}", queue="support", service="support", number="", caller_name="",
        language="fi", stage=stage, joined_at=joined_at, entered=joined_at, position=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("callback", "caller", "ahead"),
    [
        (None, None, 0),
        (None, on_the_line("1.1"), 1),
        (of(), None, 1),
        (of(), on_the_line("1.1"), 2),
        (of(joined_at=NOON + timedelta(seconds=1)), None, 0),
        (of(queue="sales"), None, 0),
        (of(state=LATER), None, 1),
        (
            of(state=Postponed(until=NOON + timedelta(minutes=15), why="busy"), joined_at=NOON + timedelta(seconds=1)),
            None,
            0,
        ),
        (of(state=LATER, queue="sales"), None, 0),
        (of(Phase.RESERVING, call="a"), None, 1),
        (of(Phase.RESERVING, call="a"), on_the_line(in_queue("a")), 1),
        (of(Phase.DIALLING, call="c"), None, 1),
        (of(Phase.ASKING, call="c"), None, 1),
        (of(Phase.ACCEPTED, call="c"), None, 1),
        (of(Phase.ACCEPTED, call="c"), on_the_line("c"), 1),
        (of(Phase.RETURNED, call="c"), None, 1),
        (of(Phase.RETURNED, call="c"), on_the_line("c"), 1),
        (of(Phase.RETURNED, call="c"), on_the_line("c", stage=Stage.LEFT), 1),
        (of(Phase.CONNECTED, call="c"), on_the_line("c", stage=Stage.TALKING), 0),
    ],
)
def test_all_who_joined_earlier_are_to_be_served_before_each_counted_once(
    callback: Callback | None, caller: Call | None, ahead: int
) -> None:
    world = World(settings=settings(), key=b"k" * 32)
    if callback is not None:
        world.callbacks.put(callback)
    if caller is not None:
        world.calls.put(caller)
    assert Situations(world).of("support", "support", rank(NOON), NOON).ahead == ahead


@pytest.mark.parametrize(("phase", "waiting"), [(Phase.WAITING, 1), (Phase.ACCEPTED, 1), (Phase.CONNECTED, 0)])
def test_a_customer_who_talks_already_takes_none_of_the_callbacks_that_may_wait(phase: Phase, waiting: int) -> None:
    world = World(settings=settings(), key=b"k" * 32)
    world.callbacks.put(of(phase))
    assert Situations(world).of("support", "support", rank(NOON), NOON).open_callbacks == waiting


@pytest.mark.parametrize(("closes", "offered"), [("12:14", False), ("12:15", True)])
def test_those_who_were_not_reached_yet_must_be_served_before_closing_as_well(closes: str, offered: bool) -> None:
    _, asterisk = begin(closes, offer={"until_closing": "0s"})
    for number in range(4):
        later = {"number": f"+35840111333{number}", "state": LATER}
        asterisk.house.world.callbacks.put(of(callback=f"cb-{number}", **later))
    # Two callers, four callbacks and this one: seven times four minutes with two agents.
    assert bool(asterisk.heard.get(asterisk.enters())) is offered


# --- another number --------------------------------------------------------------------------------


def test_another_number_is_keyed_in_read_back_and_confirmed() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2")
    assert asterisk.heard[call][-1] == "enter-number"
    asterisk.key(call, *"0402223333#")
    digits = [f"digits/{digit}" for digit in "0402223333"]
    assert asterisk.heard[call][-12:] == ["number-heard", *digits, "number-confirm"]
    assert callbacks(house) == []
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(house)] == [MAIJA]


def test_a_number_not_confirmed_is_keyed_in_again() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223334#", "2")
    assert asterisk.heard[call][-1] == "enter-number"
    asterisk.key(call, *"0402223333#", "1")
    assert [c.number for c in callbacks(house)] == [MAIJA]


@pytest.mark.parametrize("keyed", ["112", "0600123456", "00467012345678", "", "12*34"])
def test_a_number_that_may_not_be_dialled_is_refused_and_after_three_tries_they_wait_on(keyed: str) -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2")
    for _ in range(2):
        asterisk.key(call, *keyed, "#")
        assert asterisk.heard[call][-2:] == ["number-refused", "enter-number"]
    asterisk.key(call, *keyed, "#")
    assert place_of(asterisk, call) == 3
    assert [fact.reason for fact in only(house, CallbackDeclined)] == ["number"]
    assert callbacks(house) == []


def test_a_number_is_over_when_no_more_keys_come() -> None:
    _house, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223333")
    asterisk.silence(call, 6)
    assert asterisk.heard[call][-1] == "number-confirm"


@pytest.mark.parametrize("number", ["", "anonymous", "+46701234567", "+358600123456"])
def test_with_a_number_that_cannot_be_dialled_only_another_is_offered(number: str) -> None:
    house, asterisk = begin()
    call = asterisk.enters(number)
    assert asterisk.heard[call][-1] == "offer-callback-other"
    asterisk.key(call, "1")
    assert callbacks(house) == []
    assert place_of(asterisk, call) == 3
    other = asterisk.enters(number)
    asterisk.key(other, "2", *"0402223333#", "1")
    assert [c.number for c in callbacks(house)] == [MAIJA]


def test_where_no_other_number_is_taken_two_keeps_waiting() -> None:
    house, asterisk = begin(offer={"other_number": False})
    call = asterisk.enters()
    assert asterisk.heard[call][-1] == "offer-callback-same"
    asterisk.key(call, "2")
    assert place_of(asterisk, call) == 3
    assert callbacks(house) == []


def test_where_no_other_number_is_taken_a_withheld_one_is_offered_nothing() -> None:
    house, asterisk = begin(offer={"other_number": False})
    call = asterisk.enters("")
    assert call not in asterisk.heard
    assert [fact.reason for fact in only(house, CallbackRefused)] == ["number"]


# --- the exit key ----------------------------------------------------------------------------------


def test_the_exit_key_offers_again_at_the_place_of_the_first_joining() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    house.later(20)
    behind = asterisk.calls_in(MAIJA)
    asterisk.asks(call)
    assert asterisk.heard[call][-3:] == ["offer-wait-before", "minutes/6", "offer-callback"]
    assert asterisk.queues["support"][-1] == behind
    asterisk.silence(call, 6)
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)


def test_a_callback_taken_by_the_exit_key_keeps_the_joining_time() -> None:
    house, asterisk = begin()
    call = asterisk.calls_in()
    joined = house.at
    house.later(30)
    asterisk.asks(call)
    asterisk.key(call, "1")
    assert callbacks(house)[0].joined_at == joined
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
def test_at_the_exit_key_whoever_may_not_have_one_hears_why_and_is_back_at_the_place(
    callback: dict[str, dict[str, str]], why: str
) -> None:
    house, asterisk = begin(**callback)
    call = asterisk.calls_in()
    house.later(1)
    if "max_open" in callback.get("offer", {}):
        asterisk.key(asterisk.enters(MAIJA), "1")
    asterisk.calls_in("+358405556666")
    asterisk.asks(call)
    assert asterisk.heard[call] == [why, "back-in-queue"]
    asterisk.key(call, "1")
    asterisk.says_all(call)
    assert place_of(asterisk, call) == 3
    assert call not in {fact.call for fact in only(house, CallbackAccepted)}


# --- one call is offered once ----------------------------------------------------------------------


def comes_again(asterisk: Asterisk, call: str) -> None:
    """The dialplan sends a call through `callcentre-queue` once more."""
    asterisk.passes(30)
    asterisk._hands_over(call, "enter", "support")


@pytest.mark.parametrize("end", ["TIMEOUT", "JOINEMPTY"])
def test_a_call_sent_into_the_queue_again_is_not_offered_again_and_has_the_place_of_its_first_joining(end: str) -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    if end == "JOINEMPTY":
        house.tell(KeyPressed(at=house.at, call=call, key="9"))
        assert house.take(ContinueCall)
        asterisk.held.pop(call)
        asterisk.runs(call, "Queue", "support")
        asterisk.variable(call, "QUEUESTATUS", end)
        assert call not in house.world.calls.calls
    else:
        asterisk.silence(call, 6)
        asterisk.gives_up(call, end)
    heard = list(asterisk.heard[call])
    behind = asterisk.calls_in(MAIJA)
    comes_again(asterisk, call)
    assert asterisk.heard[call] == heard
    assert [fact.reason for fact in only(house, CallbackRefused)] == ["offered_before"]
    assert (place_of(asterisk, call), place_of(asterisk, behind)) == (3, 4)


def test_a_call_that_was_not_offered_one_on_its_first_way_may_be_on_its_second() -> None:
    _house, asterisk = begin()
    asterisk.on_duty("INUSE", "INUSE", "INUSE")
    call = asterisk.enters()
    assert call not in asterisk.heard
    asterisk.gives_up(call, "TIMEOUT")
    asterisk.on_duty("INUSE", "INUSE")
    comes_again(asterisk, call)
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"]


def test_the_exit_key_offers_again_also_on_the_second_way() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    asterisk.gives_up(call, "TIMEOUT")
    comes_again(asterisk, call)
    asterisk.asks(call)
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(house)] == [MATTI]


def test_a_call_that_was_in_a_queue_before_we_came_is_not_offered_on_entering_again() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.silence(call, 6)
    heard = list(asterisk.heard[call])
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE", "INUSE")
    asterisk.gives_up(call, "TIMEOUT")
    comes_again(asterisk, call)
    assert asterisk.heard[call] == heard


def test_a_caller_in_the_middle_of_the_offer_hears_it_anew_when_only_the_connection_was_lost() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.restarts_us(house)
    assert asterisk.heard[call] == ["offer-wait-before", "minutes/6", "offer-callback"] * 2
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(house)] == [MATTI]


@pytest.mark.parametrize("away", [False, True])
def test_who_was_offered_one_is_forgotten_with_the_call(away: bool) -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    (offered,) = (kept for kept in house._dispatcher.kept if kept.record is Offered)
    assert [one.call for one in offered.values()] == [call]
    asterisk.silence(call, 6)
    if away:
        asterisk.channels.pop(call)
        asterisk.queues["support"].remove(call)
        asterisk.connect()
    else:
        asterisk.hangs_up(call)
    assert call not in offered


# --- one per number and service --------------------------------------------------------------------


def taken(asterisk: Asterisk, number: str = MATTI) -> None:
    call = asterisk.enters(number)
    asterisk.key(call, "1")
    asterisk.says_all(call)


def test_asking_for_their_own_number_that_has_one_tells_its_place() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.house.tell(
        CallbackRequested(at=house.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.key(call, "2", *"0401112222#", "1")
    assert asterisk.heard[call][-3:] == ["callback-exists", "numbers/3", "goodbye"]
    assert len(callbacks(house)) == 1


def test_who_calls_again_hears_so_and_stands_at_the_place_held() -> None:
    house, asterisk = begin()
    taken(asterisk)
    house.later(5)
    between = asterisk.calls_in(MAIJA)
    again = asterisk.enters()
    assert asterisk.heard[again] == ["returned"]
    assert callbacks(house)[0].phase is Phase.RETURNED
    asterisk.silence(again, 6)
    assert (place_of(asterisk, again), place_of(asterisk, between)) == (3, 4)


def test_who_calls_again_may_cancel_it_all() -> None:
    house, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "2")
    assert asterisk.heard[again] == ["returned", "returned-cancelled"]
    asterisk.says_all(again)
    assert callbacks(house) == []
    assert [(fact.name, fact.by) for fact in house.facts[-1:]] == [("callback.cancelled", "customer")]
    assert again not in asterisk.channels


@pytest.mark.parametrize("way", ["entry", "queue"])
def test_it_is_closed_when_an_agent_answers_who_called_again(way: str) -> None:
    house, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters() if way == "entry" else asterisk.calls_in()
    if way == "entry":
        asterisk.key(again, "1")
    asterisk.answered(again)
    assert callbacks(house) == []
    assert [fact.by for fact in house.facts if fact.name == "callback.cancelled"] == ["caller_returned"]


@pytest.mark.parametrize("way", ["prompt", "waiting", "timeout"])
def test_it_stays_open_when_who_called_again_leaves_before(way: str) -> None:
    house, asterisk = begin()
    taken(asterisk)
    joined = callbacks(house)[0].joined_at
    again = asterisk.enters()
    if way != "prompt":
        asterisk.key(again, "1")
    if way == "timeout":
        asterisk.gives_up(again, "TIMEOUT")
    asterisk.hangs_up(again)
    (kept,) = callbacks(house)
    assert (kept.phase, kept.call, kept.joined_at) == (Phase.WAITING, None, joined)


def test_asking_again_by_the_exit_key_tells_the_place_one_has_and_leads_back_to_it() -> None:
    house, asterisk = begin()
    taken(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "1")
    asterisk.asks(again)
    assert callbacks(house)[0].phase is Phase.RETURNED
    assert asterisk.heard[again] == ["returned", "callback-exists", "numbers/3", "back-in-queue"]
    asterisk.says_all(again)
    assert place_of(asterisk, again) == 3


def test_a_second_caller_with_the_same_number_does_not_cost_the_first_the_line() -> None:
    house, asterisk = begin()
    taken(asterisk)
    first = asterisk.enters()
    asterisk.key(first, "1")
    second = asterisk.enters()
    assert first in asterisk.channels
    assert place_of(asterisk, first) == 3
    assert place_of(asterisk, second) == 4
    assert callbacks(house)[0].call == first


@pytest.mark.parametrize("answered", ["first", "second"])
def test_who_called_again_twice_is_served_when_an_agent_answers_either_call(answered: str) -> None:
    house, asterisk = begin()
    taken(asterisk)
    first = asterisk.enters()
    asterisk.key(first, "1")
    second = asterisk.enters()
    asterisk.answered(first if answered == "first" else second)
    assert callbacks(house) == []
    assert [fact.by for fact in only(house, CallbackCancelled)] == ["caller_returned"]


@pytest.mark.parametrize("away", [False, True])
def test_who_called_again_twice_is_not_dialled_while_either_call_waits(away: bool) -> None:
    house, asterisk = begin()
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
    (held,) = callbacks(house)
    assert (held.phase, held.call) == (Phase.RETURNED, second)
    asterisk.hangs_up(second)
    (held,) = callbacks(house)
    assert (held.phase, held.call) == (Phase.WAITING, None)


def test_a_callback_taken_down_for_who_waits_on_the_line_is_closed_when_an_agent_answers_them() -> None:
    house, asterisk = begin()
    waiting = asterisk.calls_in(MATTI)
    house.tell(
        CallbackRequested(at=house.at, request="wish", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.answered(waiting)
    assert callbacks(house) == []
    assert [fact.by for fact in only(house, CallbackCancelled)] == ["caller_returned"]


def test_the_same_number_may_have_one_for_each_service() -> None:
    sales = {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi", "callback": {}}
    house = Rehearsal({"services": {"support": {"welcome": None}, "sales": sales}})
    asterisk = Asterisk(house)
    asterisk.connect()
    for service in ("support", "sales"):
        asterisk.key(asterisk.enters(service=service), "1")
    assert [c.service for c in callbacks(house)] == ["support", "sales"]


# --- after a restart -------------------------------------------------------------------------------


def test_a_caller_caught_in_the_offer_is_offered_anew_after_a_restart() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.restarts_us(house.restarted())
    assert asterisk.heard[call][-3:] == asterisk.heard[call][:3]
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(asterisk.house)] == [MATTI]


def test_who_was_promised_one_hears_so_after_a_restart_and_is_not_taken_for_calling_again() -> None:
    house, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223333#", "1")
    after = house.restarted()
    asterisk.restarts_us(after)
    assert asterisk.heard[call][-1] == "callback-taken"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [(c.number, c.phase) for c in callbacks(after)] == [(MAIJA, Phase.WAITING)]


def test_a_caller_who_was_waiting_and_asked_is_back_at_the_place_after_a_restart() -> None:
    house, asterisk = begin()
    call = asterisk.calls_in()
    house.later(10)
    asterisk.calls_in(MAIJA)
    asterisk.asks(call)
    asterisk.restarts_us(house.restarted())
    asterisk.on_duty("INUSE", "INUSE")
    asterisk.silence(call, 6)
    assert place_of(asterisk, call) == 3


@pytest.mark.parametrize("arguments", [("enter", "unheard-of"), ("exit", "unheard-of"), ()])
def test_whoever_comes_with_words_we_do_not_know_goes_on(arguments: tuple[str, ...]) -> None:
    house, asterisk = begin()
    call = asterisk.arrives()
    house.tell(StasisStarted(at=house.at + timedelta(0), channel=asterisk.channels[call], arguments=arguments))
    assert house.take(ContinueCall) == [ContinueCall(call=call)]
