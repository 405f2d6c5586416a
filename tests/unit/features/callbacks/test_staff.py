"""What staff does with an open callback: later, first, for another service, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.events import (
    CallbackDeferred,
    CallbackMovedUp,
    CallbackWithdrawn,
    OtherServiceWanted,
)
from callcentre.features.callbacks.model import Phase, WhyNot
from callcentre.features.callbacks.open_callbacks import listed
from callcentre.features.callbacks.staff import LATEST, Staff
from callcentre.kernel.event import Event
from callcentre.messaging.effects import SendText
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.desk import SALES, ask_for, begin, callbacks, numbers_dialled, ring
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

MINUTE = timedelta(minutes=1)
OTHER = {"sales": {**SALES, "queue": "sales"}, "info": {"queue": "info", "name": {"fi": "Neuvonta"}, "language": "fi"}}


def desk(*agents: str, **callback: Any) -> tuple[Rehearsal, Asterisk]:
    return begin(*(agents or ("UNAVAILABLE",)), services=OTHER, **callback)


def staff_of(rehearsal: Rehearsal) -> Staff:
    return rehearsal.world.staff


# --- later ---------------------------------------------------------------------------------------


def test_a_deferred_callback_is_dialled_at_its_time_and_not_before() -> None:
    rehearsal, asterisk = desk("INUSE")
    callback = ask_for(asterisk)
    until = rehearsal.at + 30 * MINUTE
    (fact,) = rehearsal.tell(CallbackDeferred(at=rehearsal.at, callback=callback, until=until))
    assert (fact.name, fact.reason, fact.callback) == ("callback.postponed", "staff", callback)
    assert callbacks(rehearsal)[0].attempts == 0, "it is no attempt"
    rehearsal.later(29 * 60)
    asterisk.ticks()
    assert not asterisk.ringing
    rehearsal.later(60)
    asterisk.ticks()
    assert ring(asterisk)


def test_a_deferred_callback_says_so_in_the_list() -> None:
    rehearsal, asterisk = desk()
    callback = ask_for(asterisk)
    rehearsal.tell(CallbackDeferred(at=rehearsal.at, callback=callback, until=rehearsal.at + 30 * MINUTE))
    (one,) = listed(rehearsal.world.for_callbacks, None, rehearsal.at)
    assert (one.why, one.says) == ("staff", "again at 2026-06-03T12:30+03:00 as staff decided")


def test_its_time_is_one_of_the_wall_clock() -> None:
    rehearsal, asterisk = desk()
    callback = ask_for(asterisk)
    until = rehearsal.at + 30 * MINUTE
    rehearsal.tell(CallbackDeferred(at=rehearsal.at, callback=callback, until=until))
    rehearsal.step(600)
    assert callbacks(rehearsal)[0].state.until == until  # type: ignore[union-attr]


@pytest.mark.parametrize("length", [timedelta(0), -MINUTE, LATEST + MINUTE])
def test_a_time_that_has_passed_or_is_far_away_defers_nothing(length: timedelta) -> None:
    rehearsal, asterisk = desk()
    callback = ask_for(asterisk)
    until = rehearsal.at + length
    assert staff_of(rehearsal).why_not_defer(callback, until, rehearsal.at) is WhyNot.PASSED
    assert rehearsal.tell(CallbackDeferred(at=rehearsal.at, callback=callback, until=until)) == []


# --- first ---------------------------------------------------------------------------------------


def test_a_callback_that_is_moved_up_is_before_callers_and_callbacks() -> None:
    rehearsal, asterisk = desk()
    asterisk.calls_in(LIISA)
    ask_for(asterisk, AINO)
    callback = ask_for(asterisk, MATTI)
    (fact,) = rehearsal.tell(CallbackMovedUp(at=rehearsal.at, callback=callback))
    assert (fact.name, fact.position, fact.by) == ("callback.moved", 1, "staff")
    moved = rehearsal.world.callbacks[callback]
    assert rehearsal.world.for_callbacks.place(moved) == 1
    assert [one.number for one in callbacks(rehearsal)] == [MATTI, AINO]
    rehearsal.later(1)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_it_is_also_before_those_of_a_higher_priority() -> None:
    rehearsal, asterisk = desk()
    asterisk.calls_in(LIISA, QUEUE_PRIO="5")
    callback = ask_for(asterisk, MATTI)
    rehearsal.tell(CallbackMovedUp(at=rehearsal.at, callback=callback))
    assert rehearsal.world.for_callbacks.place(rehearsal.world.callbacks[callback]) == 1


def test_a_postponed_callback_that_is_moved_up_waits_no_longer() -> None:
    rehearsal, asterisk = desk("INUSE")
    callback = ask_for(asterisk)
    rehearsal.tell(CallbackDeferred(at=rehearsal.at, callback=callback, until=rehearsal.at + 30 * MINUTE))
    rehearsal.tell(CallbackMovedUp(at=rehearsal.at, callback=callback))
    asterisk.ticks()
    assert ring(asterisk)
    asterisk.ticks(2)
    assert not [key for key in rehearsal.timers if "callback_waits" in key]


# --- another service -----------------------------------------------------------------------------


def test_a_callback_for_another_service_waits_there_in_the_order_of_its_joining() -> None:
    rehearsal, asterisk = desk()
    callback = ask_for(asterisk, MATTI)
    ask_for(asterisk, PEKKA, service="sales")
    (fact,) = rehearsal.tell(OtherServiceWanted(at=rehearsal.at, callback=callback, service="sales"))
    assert (fact.name, fact.service, fact.queue, fact.before) == ("callback.reassigned", "sales", "sales", "support")
    assert [(one.number, one.service, one.queue) for one in callbacks(rehearsal)] == [
        (MATTI, "sales", "sales"), (PEKKA, "sales", "sales"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "why"),
    [("support", WhyNot.SERVICE), ("info", WhyNot.SERVICE), ("nothing", WhyNot.SERVICE), ("sales", WhyNot.EXISTING)],
)
def test_a_service_that_cannot_have_it_does_not_get_it(service: str, why: WhyNot) -> None:
    rehearsal, asterisk = desk()
    callback = ask_for(asterisk, MATTI)
    ask_for(asterisk, MATTI, service="sales")
    assert staff_of(rehearsal).why_not_reassign(callback, service) is why
    assert rehearsal.tell(OtherServiceWanted(at=rehearsal.at, callback=callback, service=service)) == []


# --- when nothing can be done --------------------------------------------------------------------


def everything(rehearsal: Rehearsal, callback: str) -> list[Event]:
    at = rehearsal.at
    return [
        CallbackDeferred(at=at, callback=callback, until=at + MINUTE),
        CallbackMovedUp(at=at, callback=callback),
        OtherServiceWanted(at=at, callback=callback, service="sales"),
    ]


def test_nothing_is_done_while_the_customer_is_called_and_when_it_is_over() -> None:
    rehearsal, asterisk = desk("INUSE")
    callback = ask_for(asterisk)
    asterisk.ticks()
    assert callbacks(rehearsal)[0].phase is Phase.DIALLING
    assert staff_of(rehearsal).why_not(callback) is WhyNot.ON_A_CALL
    assert staff_of(rehearsal).service_of(callback) == "support"
    for event in everything(rehearsal, callback):
        assert rehearsal.tell(event) == []
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback, by="staff"))
    assert staff_of(rehearsal).why_not(callback) is WhyNot.OVER
    assert staff_of(rehearsal).why_not_reassign(callback, "sales") is WhyNot.OVER
    assert staff_of(rehearsal).service_of(callback) is None
    for event in everything(rehearsal, callback):
        assert rehearsal.tell(event) == []


# --- cancelled -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "texted"), [("staff", True), ("api", False)])
def test_the_customer_gets_a_text_when_staff_cancels(by: str, texted: bool) -> None:
    rehearsal, asterisk = desk(cancelled_text="{{ service }} peruu soiton numeroon {{ number }}", confirm_by_sms=None)
    callback = ask_for(asterisk)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback, by=by))
    asterisk.ticks()
    texts = [text.body for text in rehearsal.take(SendText)]
    assert texts == ([f"Asiakaspalvelu peruu soiton numeroon {MATTI}"] if texted else [])
