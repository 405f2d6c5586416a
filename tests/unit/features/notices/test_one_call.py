"""At most one call of ours to a person, and all calls within their limits."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from tests.cast import AINO, KERTTU
from tests.unit.features.callbacks.desk import SALES, ask_for
from tests.unit.features.notices.desk import begin, notice_facts, numbers_dialled


def test_the_callback_is_dialled_only_after_the_auto_agent_has_hung_up() -> None:
    rehearsal, asterisk = begin()
    callback, behind = ask_for(asterisk, KERTTU), ask_for(asterisk, AINO)
    asterisk.ticks()
    asterisk.on_duty("INUSE")
    asterisk.ticks(3)
    assert numbers_dialled(asterisk) == [KERTTU, AINO]
    assert rehearsal.world.callbacks[callback].phase is Phase.WAITING
    assert rehearsal.world.callbacks[behind].phase is Phase.DIALLING
    asterisk.on_duty("INUSE", "NOT_INUSE")
    asterisk.rings_in_vain(f"{callback}-notice-1", 16)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [KERTTU, AINO, KERTTU]
    assert rehearsal.world.callbacks[callback].phase is Phase.DIALLING


def test_a_customer_who_is_called_for_one_service_is_not_called_for_another() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "x", "by": "voice"}}
    rehearsal, asterisk = begin(services={"sales": sales}, by="voice")
    one = ask_for(asterisk, KERTTU)
    ask_for(asterisk, KERTTU, service="sales")
    asterisk.ticks(3)
    assert numbers_dialled(asterisk) == [KERTTU]
    asterisk.rings_in_vain(f"{one}-notice-1", 1)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [KERTTU, KERTTU]
    assert rehearsal.world.in_flight() == 1


def test_a_customer_who_talks_with_an_agent_is_not_called_for_another_service() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "x", "by": "voice"}}
    _, asterisk = begin("INUSE", services={"sales": sales})
    ask_for(asterisk, KERTTU)
    asterisk.ticks()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.answered(call)
    ask_for(asterisk, KERTTU, service="sales")
    asterisk.ticks(3)
    assert len(asterisk.dialled) == 1
    asterisk.hangs_up(call)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [KERTTU, KERTTU]


def test_a_customer_who_calls_again_is_not_rung_any_more() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    asterisk.enters(KERTTU)
    asterisk.ticks()
    assert asterisk.ringing == {}
    assert rehearsal.world.callbacks[callback].phase is Phase.RETURNED
    asterisk.passes(1000)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 1


def test_calls_of_every_kind_share_the_limit_of_calls_in_flight() -> None:
    _, asterisk = begin("INUSE", changes={"dialling": {"in_flight": "1"}}, by="voice")
    asterisk.on_duty("UNAVAILABLE")
    ask_for(asterisk, KERTTU)
    ask_for(asterisk, AINO)
    asterisk.ticks(2)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [KERTTU]


def test_the_last_call_of_a_day_to_a_number_is_left_to_the_callback() -> None:
    rehearsal, asterisk = begin(changes={"dialling": {"per_number_per_day": "1"}})
    ask_for(asterisk, KERTTU)
    asterisk.ticks(2)
    assert asterisk.dialled == []
    assert notice_facts(rehearsal) == [("failed", "voice", "per_number")]
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [KERTTU]


def test_two_calls_of_one_tick_are_both_counted() -> None:
    rehearsal, asterisk = begin()
    for number in (KERTTU, "+358912340045"):
        ask_for(asterisk, number)
    asterisk.ticks()
    assert rehearsal.world.outgoing.total("2026-06-03") == len(asterisk.dialled) == 2


@pytest.mark.parametrize("on_the_line", [False, True])
def test_staff_who_cancel_the_callback_end_the_call_too(on_the_line: bool) -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    if on_the_line:
        asterisk.picks_up(f"{callback}-notice-1")
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback, by="staff"))
    asterisk.perform()
    assert asterisk.channels == {}
    asterisk.passes(2000)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 1
    assert not rehearsal.world.notices
