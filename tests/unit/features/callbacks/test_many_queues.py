"""With many queues, some of them are looked at in a second: what changes is seen at once, the rest in its turn."""

from __future__ import annotations

from datetime import timedelta

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.telephony.queue_view.interface import LOOKED_AT
from tests.cast import LIISA, MATTI
from tests.unit.crowd import BusyAsterisk, Crowd, crowded
from tests.unit.features.callbacks.desk import numbers_dialled
from tests.unit.rehearsal import NOON

MANY = Crowd(queues=3 * LOOKED_AT)
LAST = MANY.names[-1]


def begin() -> BusyAsterisk:
    return crowded(MANY, {"services": {"support": {"notify": None}}})


def request(asterisk: BusyAsterisk, number: str) -> None:
    at = asterisk.rehearsal.at
    wanted = CallbackRequested(at=at, request=number[1:], service=LAST, number=number, caller_name="", by="staff")
    asterisk.rehearsal.tell(wanted)


def test_every_queue_has_its_turn_and_few_have_it_in_one_second() -> None:
    view = begin().rehearsal.world.queue_view
    seconds = [view.looked_at(NOON + timedelta(seconds=second)) for second in range(3)]
    assert max(map(len, seconds)) <= LOOKED_AT
    assert sorted(queue for second in seconds for queue in second) == sorted(MANY.names)


def test_few_queues_are_all_looked_at_each_second() -> None:
    few = Crowd(queues=LOOKED_AT)
    view = crowded(few).rehearsal.world.queue_view
    assert list(view.looked_at(NOON)) == few.names == list(view.looked_at(NOON + timedelta(seconds=1)))


def test_a_callback_is_dialled_within_a_second_whosever_turn_it_is() -> None:
    for waits in range(3):
        asterisk = begin()
        asterisk.ticks(waits)
        asterisk.on_duty("NOT_INUSE", queue=LAST)
        request(asterisk, MATTI)
        asterisk.ticks()
        assert numbers_dialled(asterisk) == [MATTI]


def test_the_next_one_is_dialled_within_a_second_after_an_attempt_in_vain() -> None:
    asterisk = begin()
    asterisk.on_duty("INUSE", queue=LAST)
    request(asterisk, MATTI)
    request(asterisk, LIISA)
    asterisk.ticks()
    (call,) = asterisk.ringing
    asterisk.rings_in_vain(call, 17)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI, LIISA]


def test_agents_who_come_on_duty_are_seen_within_a_second() -> None:
    asterisk = begin()
    asterisk.on_duty("UNAVAILABLE", queue=LAST)
    request(asterisk, MATTI)
    asterisk.ticks()
    assert not asterisk.dialled
    asterisk.on_duty("INUSE", queue=LAST)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]
