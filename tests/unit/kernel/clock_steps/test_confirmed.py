"""A clock that goes forward by days deletes nothing and asks nobody again before its time is confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.kernel.clock_steps.model import CONFIRMED_AFTER
from callcentre.kernel.event import Tick, WasOff
from callcentre.messaging.events import TextReceived
from tests.cast import MATTI
from tests.unit.features.surveys.people import People
from tests.unit.rehearsal import Rehearsal

DAY = 24 * 3600.0
HOUR = CONFIRMED_AFTER.total_seconds()


def received(rehearsal: Rehearsal) -> bool:
    """Whether it is still known that the text came."""
    return "kannel a" in rehearsal.world.texts.received


def with_a_text() -> Rehearsal:
    rehearsal = Rehearsal()
    rehearsal.tell(
        TextReceived(at=rehearsal.at, gateway="kannel", gateway_id="a", sender=MATTI, recipient="1", body="Hei")
    )
    return rehearsal


def ticks(rehearsal: Rehearsal, seconds: float) -> None:
    rehearsal.later(seconds)
    rehearsal.tell(Tick(at=rehearsal.at))


@pytest.mark.parametrize("how", ["set", "off"])
def test_rows_are_deleted_once_the_new_time_is_confirmed(how: str) -> None:
    rehearsal = with_a_text()
    if how == "set":
        rehearsal.step(30 * DAY)
    else:
        rehearsal.at += timedelta(days=30)
        rehearsal.tell(WasOff(at=rehearsal.at, length=timedelta(days=30)))
    ticks(rehearsal, 1)
    ticks(rehearsal, HOUR - 2)
    assert received(rehearsal)
    ticks(rehearsal, 2)
    assert not received(rehearsal)


def test_a_clock_that_is_corrected_within_the_hour_has_deleted_nothing() -> None:
    rehearsal = with_a_text()
    rehearsal.step(30 * DAY)
    ticks(rehearsal, 600)
    rehearsal.step(-30 * DAY)
    ticks(rehearsal, 2 * DAY)
    assert received(rehearsal)
    ticks(rehearsal, 1.1 * DAY)
    assert not received(rehearsal)


def test_several_steps_count_together_until_the_last_is_confirmed() -> None:
    rehearsal = with_a_text()
    for _ in range(2):
        rehearsal.step(2 * DAY)
        ticks(rehearsal, HOUR - 10)
    assert received(rehearsal)
    ticks(rehearsal, 20)
    assert not received(rehearsal)


def test_a_step_of_an_hour_keeps_what_is_new_and_deletes_what_is_old() -> None:
    rehearsal = with_a_text()
    ticks(rehearsal, 2.99 * DAY)
    rehearsal.step(3600)
    ticks(rehearsal, 1)
    assert received(rehearsal)
    ticks(rehearsal, HOUR)
    assert not received(rehearsal)


def test_nobody_is_asked_again_before_a_new_time_is_confirmed() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(120)
    assert len(people.texts()) == 1
    people.rehearsal.later(3 * DAY)
    people.rehearsal.step(30 * DAY)
    people.talks()
    people.rehearsal.later(120)
    assert people.texts() == []
    assert people.skipped() == ["quarantine"]
    people.rehearsal.later(HOUR)
    people.talks()
    people.rehearsal.later(120)
    assert len(people.texts()) == 1


def test_who_is_asked_in_a_time_that_is_not_confirmed_is_not_asked_twice() -> None:
    people = People()
    people.rehearsal.step(30 * DAY)
    for texts in (1, 0):
        people.talks()
        people.rehearsal.later(120)
        assert len(people.texts()) == texts
    assert people.skipped() == ["quarantine"]
