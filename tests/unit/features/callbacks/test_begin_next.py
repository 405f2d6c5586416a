"""A look begins one call, and sends itself a command for the next."""

from __future__ import annotations

from msgspec.structs import replace

from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.closing import Closing, ExpireNext
from callcentre.features.callbacks.facts import CallbackExpired
from callcentre.features.callbacks.turn import BeginNext, DialledNow, Turn
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import Originate
from callcentre.telephony.queue_view.model import Duty
from tests.cast import AINO, MATTI, PEKKA
from tests.unit.features.callbacks.desk import ask_for, begin, numbers_dialled
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

THREE = (MATTI, AINO, PEKKA)


def three_waiting() -> tuple[Rehearsal, Asterisk]:
    """Three callbacks of customers who wait, and as many agents who are ready."""
    rehearsal, asterisk = begin("UNAVAILABLE")
    for number in THREE:
        ask_for(asterisk, number)
    rehearsal.world.calls.put(Duty(queue="support", on_duty=3, ready=3))
    return rehearsal, asterisk


def test_one_look_begins_one_call_and_asks_for_the_next() -> None:
    rehearsal, _ = three_waiting()
    views = rehearsal.world.for_callbacks
    turn = Turn(views, Attempts(views), DialledNow(views))
    decision = turn.tick(Tick(at=rehearsal.at), rehearsal.at)
    (originate,) = decision.effects
    assert isinstance(originate, Originate)
    (on,) = decision.commands
    assert isinstance(on, BeginNext)
    first = rehearsal.world.callbacks.first("support")
    assert first is not None
    assert (originate.call, on.after) == (f"{first.callback}-1", first.order)


def test_all_whose_turn_it_is_are_dialled_in_one_tick_in_the_order_of_the_queue() -> None:
    rehearsal, asterisk = three_waiting()
    rehearsal.tell(Tick(at=rehearsal.at))
    asterisk.perform()
    assert numbers_dialled(asterisk) == list(THREE)


def test_a_callback_that_may_not_be_dialled_now_is_before_nobody() -> None:
    rehearsal, asterisk = three_waiting()
    first = rehearsal.world.callbacks.first("support")
    assert first is not None
    rehearsal.world.callbacks.put(replace(first, service="another one of the queue"))
    rehearsal.tell(Tick(at=rehearsal.at))
    asterisk.perform()
    assert numbers_dialled(asterisk) == [AINO, PEKKA]


def test_closing_time_ends_one_callback_at_a_time() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE", at_closing="expire")
    for number in THREE:
        ask_for(asterisk, number)
    rehearsal.later(5 * 3600)
    closing = Closing(rehearsal.world.for_callbacks, Attempts(rehearsal.world.for_callbacks))
    (command,) = closing.tick(Tick(at=rehearsal.at), rehearsal.at).commands
    assert command == ExpireNext(at=rehearsal.at, service="support")
    decision = closing.expire_next(ExpireNext(at=rehearsal.at, service="support"), rehearsal.at)
    assert [type(fact) for fact in decision.facts] == [CallbackExpired]
    assert command in decision.commands
    rehearsal.tell(Tick(at=rehearsal.at))
    assert rehearsal.names().count("callback.expired") == 3
