"""When app_queue is asked: while somebody needs the answer, and before a rule decides about a caller."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ContinueCall, Play, ReadQueue, ReadQueues
from callcentre.telephony.events import (
    AsteriskLost,
    ChannelDestroyed,
    QueueNotRead,
    QueueReading,
    QueuesRead,
    StasisStarted,
)
from callcentre.telephony.facts import QueueJoined
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import MATTI, Asterisk

SALES = {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}}}}
NO_CALLBACKS = {"services": {"support": {"callback": None, "notify": None}}}


def begin(*agents: str, changes: dict | None = None) -> tuple[Rehearsal, Asterisk]:
    """A daemon that has just connected, with nobody on the line; `agents` are members and have not been read."""
    house = Rehearsal(SALES if changes is None else changes)
    asterisk = Asterisk(house)
    asterisk.connect()
    asterisk.members["support"] = ()
    if agents:
        asterisk.on_duty(*agents)
    house.later(60)
    house.tell(Tick(at=house.at))
    house.effects.clear()
    return house, asterisk


def ticks(house: Rehearsal, seconds: int) -> list[ReadQueues]:
    """What is asked for in so many seconds, unanswered."""
    for _ in range(seconds):
        house.later(1)
        house.tell(Tick(at=house.at))
    return house.take(ReadQueues)


def wish(house: Rehearsal) -> None:
    house.tell(CallbackRequested(at=house.at, request="r", service="support", number=MATTI, caller_name="", by="staff"))


# --- polling ---------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_anything_while_nobody_needs_the_answer() -> None:
    house, _ = begin("NOT_INUSE")
    assert ticks(house, 60) == []
    assert house.take(ReadQueue) == []


def test_a_queue_is_read_every_two_seconds_while_somebody_waits_in_it_and_the_others_are_counted() -> None:
    house, asterisk = begin()
    call = asterisk.calls_in()
    house.take(ReadQueue)
    assert ticks(house, 4) == [ReadQueues(queues=("support",), counted=("sales",))] * 2
    asterisk.answered(call)
    assert ticks(house, 4) == [ReadQueues(queues=(), counted=("support", "sales"))] * 2
    asterisk.hangs_up(call)
    assert ticks(house, 10) == []


def test_whoever_comes_into_a_queue_in_a_way_that_shows_in_no_event_is_found_by_the_count() -> None:
    house, asterisk = begin()
    asterisk.arrives()
    assert ticks(house, 2) == [ReadQueues(queues=(), counted=("support", "sales"))]


def test_whoever_a_count_has_too_many_is_looked_for_at_once() -> None:
    house, _ = begin()
    reading = QueueReading(queue="support", waiting=1, places={}, complete=False)
    house.tell(QueuesRead(at=house.at, asked=house.at, readings=(reading,)))
    assert house.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    house.tell(QueuesRead(at=house.at, asked=house.at, readings=(reading,)))
    assert house.take(ReadQueue) == []


def test_nothing_is_counted_while_everybody_on_the_line_is_in_our_hands() -> None:
    house, asterisk = begin(changes=NO_CALLBACKS)
    call = asterisk.arrives()
    asterisk.held[call] = ("enter", "support")
    house.tell(StasisStarted(at=house.at, channel=asterisk.channels[call], arguments=("enter", "support")))
    assert ticks(house, 4) == []


def test_a_queue_is_read_while_we_speak_with_somebody_on_the_way_into_it() -> None:
    house, asterisk = begin("INUSE", "INUSE")
    for _ in range(4):
        asterisk.calls_in()
    house.later(1)
    call = asterisk.enters()
    assert call in house.world.coming.by_call
    for waiting in tuple(house.world.calls.waiting("support")):
        asterisk.hangs_up(waiting)
    house.effects.clear()
    assert ticks(house, 2) == [ReadQueues(queues=("support",))]


def test_a_queue_is_read_while_callbacks_of_it_may_be_dialled_and_at_once_when_the_first_is_taken() -> None:
    house, _ = begin("INUSE")
    if int(house.at.timestamp()) % 2 == 1:
        house.later(1)
    wish(house)
    # At the next second, though it is not the turn of the poll.
    assert ticks(house, 1) == [ReadQueues(queues=("support",))]
    assert ticks(house, 1) == [ReadQueues(queues=("support",))]


def test_nothing_is_read_for_callbacks_of_a_service_that_is_closed() -> None:
    house, _ = begin("INUSE")
    wish(house)
    house.later((NOON + timedelta(hours=12) - house.at).total_seconds())
    house.tell(Tick(at=house.at))
    house.effects.clear()
    assert ticks(house, 10) == []


def test_nothing_is_read_while_asterisk_is_not_heard() -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    house.tell(AsteriskLost(at=house.at, reason="test"))
    assert ticks(house, 10) == []


@pytest.mark.parametrize(("seconds", "known"), [(5, True), (6, False)])
def test_who_is_on_duty_is_forgotten_some_seconds_after_the_last_reading(seconds: int, known: bool) -> None:
    house, asterisk = begin()
    asterisk.on_duty("NOT_INUSE")
    ticks(house, seconds)
    assert ("support" in house.world.calls.duty) is known


def test_nobody_is_dialled_by_an_old_reading_and_at_once_when_there_is_a_new_one() -> None:
    house, asterisk = begin("NOT_INUSE")
    wish(house)
    house.later(1)
    house.tell(Tick(at=house.at))
    assert asterisk.dialled == []
    asterisk.perform()
    assert len(asterisk.dialled) == 1


# --- before a caller is decided about --------------------------------------------------------------------------------


def hands_over(house: Rehearsal, asterisk: Asterisk) -> str:
    """A caller comes to us; nothing that was decided is done yet."""
    call = asterisk.arrives()
    asterisk.variables[call] = {"CALLCENTRE_SERVICE": "support"}
    asterisk.held[call] = ("enter", "support")
    house.tell(StasisStarted(at=house.at, channel=asterisk.channels[call], arguments=("enter", "support")))
    return call


def test_the_first_caller_to_an_idle_agent_is_offered_nothing() -> None:
    house, asterisk = begin("NOT_INUSE")
    call = hands_over(house, asterisk)
    # Through the caller's own channel: nothing is said to them yet.
    assert house.effects == [ReadQueue(queue="support", members=True, through=call)]
    asterisk.perform()
    assert "callback.offered" not in house.names()
    assert call in house.world.calls.calls


def test_an_agent_who_logged_off_since_the_last_reading_is_noticed_before_the_offer() -> None:
    house, asterisk = begin("NOT_INUSE")
    asterisk.members["support"] = ()
    asterisk.enters()
    assert "callback.offered" in house.names()


@pytest.mark.parametrize(("seconds", "reads"), [(2, 0), (3, 1)])
def test_a_reading_is_good_enough_for_two_seconds(seconds: int, reads: int) -> None:
    house, asterisk = begin()
    asterisk.on_duty("NOT_INUSE")
    house.later(seconds)
    call = hands_over(house, asterisk)
    assert len(house.take(ReadQueue)) == reads
    assert house.take(ContinueCall) == ([] if reads else [ContinueCall(call=call)])


def test_who_come_together_wait_for_one_reading() -> None:
    house, asterisk = begin("NOT_INUSE")
    first, second = hands_over(house, asterisk), hands_over(house, asterisk)
    assert len(house.effects) == 1
    asterisk.perform()
    assert {first, second} <= set(house.world.calls.calls)


def test_when_the_queue_cannot_be_read_a_caller_goes_on_with_what_is_known() -> None:
    house, asterisk = begin("NOT_INUSE")
    hands_over(house, asterisk)
    house.effects.clear()
    house.tell(QueueNotRead(at=house.at, queue="support"))
    # Nobody is known to be on duty, which counts as a long wait.
    assert "callback.offered" in house.names()
    assert len(house.take(Play)) == 1


def test_nobody_is_kept_waiting_for_a_reading_that_does_not_come() -> None:
    house, asterisk = begin("NOT_INUSE")
    hands_over(house, asterisk)
    house.effects.clear()
    for _ in range(2):
        assert "callback.offered" not in house.names()
        house.later(1)
        house.tell(Tick(at=house.at))
    assert "callback.offered" in house.names()


def test_who_hangs_up_meanwhile_is_decided_about_no_more() -> None:
    house, asterisk = begin("NOT_INUSE")
    call = hands_over(house, asterisk)
    house.tell(ChannelDestroyed(at=house.at, call=call, cause=16, when=house.at))
    house.tell(QueueNotRead(at=house.at, queue="support"))
    assert house.names() == []


def test_where_nobody_is_offered_anything_a_caller_goes_on_at_once() -> None:
    house, asterisk = begin("NOT_INUSE", changes=NO_CALLBACKS)
    call = hands_over(house, asterisk)
    assert house.effects == [ContinueCall(call=call)]


def test_who_runs_queue_without_us_gets_an_estimate_by_a_new_reading() -> None:
    house, asterisk = begin("NOT_INUSE")
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    assert house.take(ReadQueue) == [ReadQueue(queue="support", members=True)]
    asterisk.queues["support"] = [call]
    asterisk.on_duty("NOT_INUSE")
    joined = house.facts[0]
    assert isinstance(joined, QueueJoined)
    assert joined.estimated_wait == 0.0
