"""The owner of a callback calls us, while we dial them or before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.callbacks.model import Phase
from tests.cast import LIISA
from tests.unit.features.callbacks.desk import answering, ask_for, begin, callbacks, reasons, ring
from tests.unit.features.callbacks.states import until, why


@pytest.mark.parametrize(("minutes", "dialled"), [(5, 1), (20, 2)])
def test_a_customer_who_wants_it_later_and_calls_in_between_is_not_dialled_earlier_than_agreed(
    minutes: int, dialled: int
) -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "3")
    asterisk.says_all(call)
    rehearsal.later(60)
    again = asterisk.enters()
    asterisk.key(again, "1")
    rehearsal.later(minutes * 60)
    asterisk.hangs_up(again)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == dialled
    asterisk.passes(max(0, 15 - minutes) * 60)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 2


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("way", ["entry", "queue"])
def test_a_customer_who_calls_while_we_dial_them_is_not_dialled_any_more(answered: bool, way: str) -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    asterisk.ticks()
    ours = ring(asterisk)
    if answered:
        asterisk.picks_up(ours)
    began = rehearsal.at
    theirs = asterisk.enters() if way == "entry" else asterisk.calls_in()
    asterisk.perform()
    assert ours not in asterisk.channels
    assert (callbacks(rehearsal)[0].phase, callbacks(rehearsal)[0].call) == (Phase.RETURNED, theirs)
    asterisk.ticks(5)
    assert len(asterisk.dialled) == 1
    asterisk.hangs_up(theirs)
    asterisk.ticks(5)
    assert len(asterisk.dialled) == 1
    (kept,) = callbacks(rehearsal)
    assert (kept.attempts, why(kept), until(kept)) == (0, "caller_returned", began + timedelta(minutes=10))
    assert reasons(rehearsal, "postponed") == ["caller_returned"]
    asterisk.passes(600)
    asterisk.ticks()
    assert len(asterisk.dialled) == 2
    assert callbacks(rehearsal)[0].attempts == 1


@pytest.mark.parametrize("way", ["entry", "queue"])
def test_six_calls_with_the_number_of_a_callback_move_nothing_forward(way: str) -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    asterisk.ticks()
    ours = ring(asterisk)
    asterisk.picks_up(ours)
    asterisk.hangs_up(ours)
    (before,) = callbacks(rehearsal)
    assert (before.attempts, why(before)) == (1, "no_answer")
    for _ in range(6):
        asterisk.hangs_up(asterisk.enters() if way == "entry" else asterisk.calls_in())
        asterisk.ticks(2)
        assert callbacks(rehearsal) == [before]
    assert len(asterisk.dialled) == 1


def test_calls_with_the_number_during_every_ring_use_up_no_attempt_and_ring_no_more_than_per_number_per_day() -> None:
    rehearsal, asterisk = begin("INUSE", changes={"dialling": {"per_number_per_day": "4"}})
    ask_for(asterisk)
    for _ in range(6):
        asterisk.ticks()
        if asterisk.ringing:
            asterisk.hangs_up(asterisk.enters())
        asterisk.passes(600)
    assert len(asterisk.dialled) == 4
    (kept,) = callbacks(rehearsal)
    assert (kept.attempts, why(kept)) == (0, "per_number")


def test_a_customer_who_calls_again_is_not_dialled_while_on_the_line() -> None:
    rehearsal, asterisk = begin("INUSE")
    asterisk.calls_in(LIISA)
    ask_for(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "1")
    asterisk.hangs_up(asterisk.queues["support"][0])
    asterisk.ticks(3)
    assert asterisk.dialled == []
    asterisk.answered(again)
    assert callbacks(rehearsal) == []
