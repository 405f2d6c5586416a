"""How much one caller may have us do in a day: callbacks, numbers of others, moves, and what is open at once."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.limits import caller
from callcentre.features.callbacks.model import Callback, Counted
from callcentre.features.callbacks.rules import withheld_share
from callcentre.features.notices.answers import MOVES
from callcentre.kernel.limits.model import WITHHELD, person
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from tests.cast import AINO, MATTI, REPLY_NUMBER
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

MAIJA = AINO


def begin(limits: dict[str, Any] | None = None, notify: Any = None, **offer: Any) -> tuple[Rehearsal, Asterisk]:
    """Nobody is on duty, so everybody is offered a callback."""
    callback = {"offer": offer, "confirm_by_sms": None}
    support = {"welcome": None, "callback": callback, "notify": notify, "hours": None}
    rehearsal = Rehearsal({"limits": limits or {}, "services": {"support": support}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("UNAVAILABLE")
    return rehearsal, asterisk


def number(place: int) -> str:
    return f"+3584044400{place:02d}"


def keys_in(asterisk: Asterisk, call: str, other: str) -> None:
    """Another number than the caller's own: keyed in, and confirmed where it is read back."""
    asterisk.key(call, "2", *f"0{other.removeprefix('+358')}#", "1")


def promised(rehearsal: Rehearsal) -> list[Callback]:
    return sorted(rehearsal.world.callbacks.values(), key=lambda callback: callback.order)


def refusals(rehearsal: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"]


def withdraw_all(rehearsal: Rehearsal) -> None:
    for callback in promised(rehearsal):
        rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback.callback, by="staff"))


@pytest.mark.parametrize(("max_open", "share"), [(1, 1), (4, 1), (5, 1), (9, 1), (10, 2), (50, 10)])
def test_withheld_callers_share_a_fifth_of_what_may_be_open_and_at_least_one(max_open: int, share: int) -> None:
    assert withheld_share(max_open) == share


@pytest.mark.parametrize(
    ("shown", "who"),
    [
        (MATTI, MATTI), ("0401112222", MATTI), ("00358401112222", MATTI), ("+46701234567", "+46701234567"),
        ("", None), ("Anonymous", None), ("anything", None), ("200", None),
    ],
)  # fmt: skip
def test_a_caller_is_the_number_in_one_form_and_what_is_no_number_is_withheld(shown: str, who: str | None) -> None:
    rehearsal, _ = begin()
    assert caller(rehearsal.world.for_callbacks, shown) == person(rehearsal.world.key, who)


def test_one_number_takes_so_many_callbacks_a_day_and_keeps_those_that_it_has() -> None:
    rehearsal, asterisk = begin({"callbacks_per_caller_per_day": "2"})
    for _ in range(2):
        withdraw_all(rehearsal)
        asterisk.key(asterisk.enters(), "1")
        rehearsal.later(1)
    assert len(promised(rehearsal)) == 1
    withdraw_all(rehearsal)
    past = asterisk.enters()
    assert refusals(rehearsal) == ["per_caller"]
    assert past not in asterisk.heard
    assert past in asterisk.queues["support"]
    other = asterisk.enters(MAIJA)
    asterisk.key(other, "1")
    assert [one.number for one in promised(rehearsal)] == [MAIJA]
    asterisk.hangs_up(past)
    rehearsal.later(24 * 3600)
    asterisk.key(asterisk.enters(), "1")
    assert [one.number for one in promised(rehearsal)] == [MAIJA, MATTI]


def test_a_bound_counts_with_the_promise_and_outlives_a_restart() -> None:
    rehearsal, asterisk = begin({"callbacks_per_caller_per_day": "1"})
    call = asterisk.enters()
    asterisk.key(call, "1")
    asterisk.says_all(call)
    withdraw_all(rehearsal)
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.enters()
    assert refusals(after) == ["per_caller"]


def test_a_caller_past_a_bound_hears_so_at_the_exit_key_and_is_back_at_the_same_place() -> None:
    rehearsal, asterisk = begin({"callbacks_per_caller_per_day": "1"})
    asterisk.key(asterisk.enters(), "1")
    withdraw_all(rehearsal)
    past = asterisk.enters()
    asterisk.asks(past)
    assert asterisk.heard[past] == ["no-callback-now", "back-in-queue"]
    asterisk.says_all(past)
    assert asterisk.queues["support"] == [past]


def test_a_caller_who_has_keyed_in_enough_numbers_is_offered_the_own_number_alone() -> None:
    rehearsal, asterisk = begin({"other_numbers_per_caller_per_day": "2"})
    for place in range(2):
        keys_in(asterisk, asterisk.enters(), number(place))
    assert [one.number for one in promised(rehearsal)] == [number(0), number(1)]
    call = asterisk.enters()
    assert asterisk.heard[call][-1] == "offer-callback-same"
    asterisk.key(call, "2")
    assert len(promised(rehearsal)) == 2
    assert call in asterisk.queues["support"]


def test_a_number_of_their_own_that_is_keyed_in_is_no_other_number() -> None:
    rehearsal, asterisk = begin({"other_numbers_per_caller_per_day": "1", "by_others_per_number_per_day": "1"})
    keys_in(asterisk, asterisk.enters(), MATTI)
    assert [(one.number, one.withheld) for one in promised(rehearsal)] == [(MATTI, False)]
    assert asterisk.heard[asterisk.enters(MAIJA)][-1] == "offer-callback"
    day = "2026-06-03"
    who = person(rehearsal.world.key, MATTI)
    used = {kind: rehearsal.world.bounds.used(kind, who, day) for kind in Counted}
    assert used == {Counted.OFFERS_TAKEN: 1, Counted.OTHER_NUMBERS: 0, Counted.BY_OTHERS: 0}


def test_five_withheld_calls_with_keyed_numbers_take_a_fifth() -> None:
    rehearsal, asterisk = begin(max_open="5")
    for place in range(5):
        call = asterisk.enters("")
        if call in asterisk.heard:
            keys_in(asterisk, call, number(place))
    assert [(one.number, one.withheld) for one in promised(rehearsal)] == [(number(0), True)]
    assert refusals(rehearsal) == ["withheld_full"] * 4
    asterisk.key(asterisk.enters(), "1")
    assert len(promised(rehearsal)) == 2


def test_withheld_callers_share_one_bound() -> None:
    rehearsal, asterisk = begin()
    for place in range(5):
        call = asterisk.enters("")
        if call in asterisk.heard:
            keys_in(asterisk, call, number(place))
    assert len(promised(rehearsal)) == 3
    assert refusals(rehearsal) == ["per_caller"] * 2
    assert rehearsal.world.bounds.used(Counted.OTHER_NUMBERS, WITHHELD, "2026-06-03") == 3


def test_of_two_callers_who_listen_at_once_the_second_hears_why_not() -> None:
    rehearsal, asterisk = begin(max_open="5")
    calls = [asterisk.enters(""), asterisk.enters("")]
    for place, call in enumerate(calls):
        keys_in(asterisk, call, number(place))
    assert len(promised(rehearsal)) == 1
    assert refusals(rehearsal) == ["withheld_full"]
    assert asterisk.heard[calls[1]][-2:] == ["no-callback-now", "back-in-queue"]


def test_twenty_forged_numbers_key_in_one_number_three_times() -> None:
    rehearsal, asterisk = begin()
    heard = []
    for place in range(20):
        withdraw_all(rehearsal)
        call = asterisk.enters(number(place))
        keys_in(asterisk, call, MAIJA)
        heard.append(asterisk.heard[call][3:])
    assert [one for one in rehearsal.names() if one == "callback.accepted"] == ["callback.accepted"] * 3
    assert refusals(rehearsal) == ["per_number"] * 17
    assert all(words[:2] == ["number-refused", "enter-number"] for words in heard[3:])


def test_a_number_that_has_a_callback_already_counts_all_the_same() -> None:
    rehearsal, asterisk = begin({"other_numbers_per_caller_per_day": "1"})
    asterisk.key(asterisk.enters(MAIJA), "1")
    keys_in(asterisk, asterisk.enters(), MAIJA)
    assert len(promised(rehearsal)) == 1
    assert asterisk.heard[asterisk.enters()][-1] == "offer-callback-same"


@pytest.mark.parametrize("has_one", [False, True])
def test_the_share_of_withheld_callers_tells_nobody_whether_a_number_has_a_callback(has_one: bool) -> None:
    rehearsal, asterisk = begin(max_open="5")
    if has_one:
        asterisk.key(asterisk.enters(MAIJA), "1")
    keys_in(asterisk, asterisk.enters(""), MAIJA)
    next_one = asterisk.enters("")
    assert len(promised(rehearsal)) == 1
    assert next_one not in asterisk.heard
    assert refusals(rehearsal) == ["withheld_full"]


def test_staff_and_other_systems_are_no_callers() -> None:
    rehearsal, asterisk = begin({"callbacks_per_caller_per_day": "1", "by_others_per_number_per_day": "1"})
    asterisk.key(asterisk.enters(), "1")
    for requested in range(5):
        withdraw_all(rehearsal)
        rehearsal.tell(
            CallbackRequested(
                at=rehearsal.at, request=f"r{requested}", service="support", number=MATTI, caller_name="", by="api"
            )
        )
        assert len(promised(rehearsal)) == 1


# --- by text ---------------------------------------------------------------------------------------

TWO_WAY = {"at_position": "3", "by": "sms", "two_way": "true", "text": "Hei {{ name }}, soitamme pian."}


def reported_of_a_callback() -> tuple[Rehearsal, Asterisk, str]:
    rehearsal, asterisk = begin(notify=TWO_WAY)
    rehearsal.tell(
        CallbackRequested(
            at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="Matti Meikäläinen", by="staff"
        )
    )
    asterisk.ticks(1)
    return rehearsal, asterisk, "cb-r"


def texts_in(rehearsal: Rehearsal, body: str, sender: str = MATTI) -> list[str]:
    """What is texted in return."""
    rehearsal.take(SendText)
    rehearsal.later(60)
    source = f"{rehearsal.at} {body}"
    rehearsal.tell(
        TextReceived(
            at=rehearsal.at,
            gateway="kannel",
            gateway_id=source,
            sender=sender,
            recipient=REPLY_NUMBER,
            body=body,
        )
    )
    return [text.body for text in rehearsal.take(SendText)]


def test_a_callback_moves_by_text_three_times_a_day_and_home_again_at_any_time() -> None:
    rehearsal, _, callback = reported_of_a_callback()
    for place in range(12):
        texts_in(rehearsal, number(place))
    assert rehearsal.world.callbacks[callback].number == number(2)
    answered = [fact.reason for fact in rehearsal.facts if fact.name == "notice.answered"]
    assert answered == ["number"] * 3 + ["refused"] * 9
    texts_in(rehearsal, MATTI)
    assert rehearsal.world.callbacks[callback].number == MATTI
    assert rehearsal.world.bounds.used(MOVES, person(rehearsal.world.key, MATTI), "2026-06-03") == 3


def test_a_callback_does_not_move_to_a_number_that_others_have_named_often_enough() -> None:
    rehearsal, asterisk, callback = reported_of_a_callback()
    for place in range(3):
        call = asterisk.enters(number(place))
        keys_in(asterisk, call, MAIJA)
    (reply,) = texts_in(rehearsal, MAIJA)
    assert reply.startswith("Asiakaspalvelu: emme voi soittaa antamaasi numeroon.")
    assert rehearsal.world.callbacks[callback].number == MATTI


def test_the_number_that_a_callback_moves_to_hears_nothing_of_the_name() -> None:
    rehearsal, _, callback = reported_of_a_callback()
    texts_in(rehearsal, MAIJA)
    moved = rehearsal.world.callbacks[callback]
    assert (moved.number, moved.caller_name) == (MAIJA, "")


@pytest.mark.parametrize("body", ["EI", "kyllä", "040 222 3333", "banaani", "START"])
def test_a_text_from_a_number_without_an_open_notice_changes_nothing(body: str) -> None:
    rehearsal, _, _ = reported_of_a_callback()
    before = {one.key: one for one in rehearsal.world.callbacks.values()}, list(rehearsal.world.notices.values())
    assert texts_in(rehearsal, body, sender=MAIJA) == []
    assert (
        {one.key: one for one in rehearsal.world.callbacks.values()},
        list(rehearsal.world.notices.values()),
    ) == before
    assert rehearsal.names()[-1] == "sms.received"


@pytest.mark.parametrize("body", ["EI", "kyllä", "040 222 3333"])
def test_a_text_before_any_notice_went_out_changes_nothing(body: str) -> None:
    rehearsal, _ = begin()
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    before = {one.key: one for one in rehearsal.world.callbacks.values()}
    assert texts_in(rehearsal, body) == []
    assert {one.key: one for one in rehearsal.world.callbacks.values()} == before
