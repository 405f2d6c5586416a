"""When app_queue is asked: while somebody needs the answer, and before a rule decides about a caller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

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
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

SALES = {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}}}}
NO_CALLBACKS = {"services": {"support": {"callback": None, "notify": None}}}


def begin(*agents: str, changes: dict[str, Any] | None = None) -> tuple[Rehearsal, Asterisk]:
    """A daemon that has just connected, with nobody on the line; `agents` are members and have not been read."""
    rehearsal = Rehearsal(SALES if changes is None else changes)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.members["support"] = ()
    if agents:
        asterisk.on_duty(*agents)
    rehearsal.later(60)
    rehearsal.tell(Tick(at=rehearsal.at))
    rehearsal.effects.clear()
    return rehearsal, asterisk


def ticks(rehearsal: Rehearsal, seconds: int) -> list[ReadQueues]:
    """What is asked for in so many seconds, unanswered."""
    for _ in range(seconds):
        rehearsal.later(1)
        rehearsal.tell(Tick(at=rehearsal.at))
    return rehearsal.take(ReadQueues)


def request_callback(rehearsal: Rehearsal) -> None:
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )


# --- polling ---------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_anything_while_nobody_needs_the_answer() -> None:
    rehearsal, _ = begin("NOT_INUSE")
    assert ticks(rehearsal, 60) == []
    assert rehearsal.take(ReadQueue) == []


def test_a_queue_is_read_every_two_seconds_while_somebody_waits_in_it_and_the_others_are_counted() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    rehearsal.take(ReadQueue)
    assert ticks(rehearsal, 4) == [ReadQueues(queues=("support",), counted=("sales",))] * 2
    asterisk.answered(call)
    assert ticks(rehearsal, 4) == [ReadQueues(queues=(), counted=("support", "sales"))] * 2
    asterisk.hangs_up(call)
    assert ticks(rehearsal, 10) == []


def test_a_caller_who_comes_into_a_queue_in_a_way_that_shows_in_no_event_is_found_by_the_count() -> None:
    rehearsal, asterisk = begin()
    asterisk.arrives()
    assert ticks(rehearsal, 2) == [ReadQueues(queues=(), counted=("support", "sales"))]


def test_a_caller_whom_a_count_has_too_many_is_looked_for_at_once() -> None:
    rehearsal, _ = begin()
    reading = QueueReading(queue="support", waiting=1, places={}, complete=False)
    rehearsal.tell(QueuesRead(at=rehearsal.at, asked=rehearsal.at, readings=(reading,)))
    assert rehearsal.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    rehearsal.tell(QueuesRead(at=rehearsal.at, asked=rehearsal.at, readings=(reading,)))
    assert rehearsal.take(ReadQueue) == []


def test_nothing_is_counted_while_everybody_on_the_line_is_in_our_hands() -> None:
    rehearsal, asterisk = begin(changes=NO_CALLBACKS)
    call = asterisk.arrives()
    asterisk.held[call] = ("enter", "support")
    rehearsal.tell(StasisStarted(at=rehearsal.at, channel=asterisk.channels[call], arguments=("enter", "support")))
    assert ticks(rehearsal, 4) == []


def test_a_queue_is_read_while_we_speak_with_somebody_on_the_way_into_it() -> None:
    rehearsal, asterisk = begin("INUSE", "INUSE")
    for _ in range(4):
        asterisk.calls_in()
    rehearsal.later(1)
    call = asterisk.enters()
    assert call in rehearsal.world.coming.by_call
    for waiting in tuple(rehearsal.world.calls.waiting("support")):
        asterisk.hangs_up(waiting)
    rehearsal.effects.clear()
    assert ticks(rehearsal, 2) == [ReadQueues(queues=("support",))]


def test_a_queue_is_read_while_callbacks_of_it_may_be_dialled_and_at_once_when_the_first_is_taken() -> None:
    rehearsal, _ = begin("INUSE")
    if int(rehearsal.at.timestamp()) % 2 == 1:
        rehearsal.later(1)
    request_callback(rehearsal)
    # At the next second, though it is not the turn of the poll.
    assert ticks(rehearsal, 1) == [ReadQueues(queues=("support",))]
    assert ticks(rehearsal, 1) == [ReadQueues(queues=("support",))]


def test_nothing_is_read_for_callbacks_of_a_service_that_is_closed() -> None:
    rehearsal, _ = begin("INUSE")
    request_callback(rehearsal)
    rehearsal.later((NOON + timedelta(hours=12) - rehearsal.at).total_seconds())
    rehearsal.tell(Tick(at=rehearsal.at))
    rehearsal.effects.clear()
    assert ticks(rehearsal, 10) == []


def test_nothing_is_read_while_asterisk_is_not_heard() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    assert ticks(rehearsal, 10) == []


@pytest.mark.parametrize(("seconds", "known"), [(5, True), (6, False)])
def test_the_staffing_is_forgotten_some_seconds_after_the_last_reading(seconds: int, known: bool) -> None:
    rehearsal, asterisk = begin()
    asterisk.on_duty("NOT_INUSE")
    ticks(rehearsal, seconds)
    assert ("support" in rehearsal.world.calls.duty) is known


def test_nobody_is_dialled_by_an_old_reading_and_at_once_when_there_is_a_new_one() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    request_callback(rehearsal)
    rehearsal.later(1)
    rehearsal.tell(Tick(at=rehearsal.at))
    assert asterisk.dialled == []
    asterisk.perform()
    assert len(asterisk.dialled) == 1


# --- before a caller is decided about --------------------------------------------------------------------------------


def hands_over(rehearsal: Rehearsal, asterisk: Asterisk) -> str:
    """A caller comes to us; nothing that was decided is done yet."""
    call = asterisk.arrives()
    asterisk.variables[call] = {"CALLCENTRE_SERVICE": "support"}
    asterisk.held[call] = ("enter", "support")
    rehearsal.tell(StasisStarted(at=rehearsal.at, channel=asterisk.channels[call], arguments=("enter", "support")))
    return call


def test_the_first_caller_to_an_idle_agent_is_offered_nothing() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    call = hands_over(rehearsal, asterisk)
    # Through the caller's own channel: nothing is said to them yet.
    assert rehearsal.effects == [ReadQueue(queue="support", members=True, through=call)]
    asterisk.perform()
    assert "callback.offered" not in rehearsal.names()
    assert call in rehearsal.world.calls.calls


def test_an_agent_who_logged_off_since_the_last_reading_is_noticed_before_the_offer() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    asterisk.members["support"] = ()
    asterisk.enters()
    assert "callback.offered" in rehearsal.names()


@pytest.mark.parametrize(("seconds", "reads"), [(2, 0), (3, 1)])
def test_a_reading_is_good_enough_for_two_seconds(seconds: int, reads: int) -> None:
    rehearsal, asterisk = begin()
    asterisk.on_duty("NOT_INUSE")
    rehearsal.later(seconds)
    call = hands_over(rehearsal, asterisk)
    assert len(rehearsal.take(ReadQueue)) == reads
    assert rehearsal.take(ContinueCall) == ([] if reads else [ContinueCall(call=call, at_once=True)])


def test_callers_who_come_together_wait_for_one_reading() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    first, second = hands_over(rehearsal, asterisk), hands_over(rehearsal, asterisk)
    assert len(rehearsal.effects) == 1
    asterisk.perform()
    assert {first, second} <= set(rehearsal.world.calls.calls)


def test_when_the_queue_cannot_be_read_a_caller_goes_on_with_what_is_known() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    hands_over(rehearsal, asterisk)
    rehearsal.effects.clear()
    rehearsal.tell(QueueNotRead(at=rehearsal.at, queue="support"))
    # Nobody is known to be on duty, which counts as a long wait.
    assert "callback.offered" in rehearsal.names()
    assert len(rehearsal.take(Play)) == 1


def test_nobody_is_kept_waiting_for_a_reading_that_does_not_come() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    hands_over(rehearsal, asterisk)
    rehearsal.effects.clear()
    for _ in range(2):
        assert "callback.offered" not in rehearsal.names()
        rehearsal.later(1)
        rehearsal.tell(Tick(at=rehearsal.at))
    assert "callback.offered" in rehearsal.names()


def test_a_caller_who_hangs_up_meanwhile_is_decided_about_no_more() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    call = hands_over(rehearsal, asterisk)
    rehearsal.tell(ChannelDestroyed(at=rehearsal.at, call=call, cause=16, when=rehearsal.at))
    rehearsal.tell(QueueNotRead(at=rehearsal.at, queue="support"))
    assert rehearsal.names() == []


def test_where_nobody_is_offered_anything_a_caller_goes_on_at_once() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", changes=NO_CALLBACKS)
    call = hands_over(rehearsal, asterisk)
    assert rehearsal.effects == [ContinueCall(call=call, at_once=True)]


def test_a_caller_who_runs_queue_without_us_gets_an_estimate_by_a_new_reading() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    assert rehearsal.take(ReadQueue) == [ReadQueue(queue="support", members=True)]
    asterisk.queues["support"] = [call]
    asterisk.on_duty("NOT_INUSE")
    joined = rehearsal.facts[0]
    assert isinstance(joined, QueueJoined)
    assert joined.estimated_wait == 0.0
