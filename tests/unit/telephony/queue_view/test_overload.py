"""The alarm `overload`: what is left out while Asterisk's events are late, and that it comes back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.kernel.event import Tick
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.telephony.effects import AskTime, LookAt, ReadQueue, ReadQueues, RenewLease, Synchronise
from callcentre.telephony.events import EventsLate, QueueReading, QueuesRead
from callcentre.telephony.facts import OverloadEnded, QueueJoined
from callcentre.telephony.queue_view.overload import CALM
from tests.cast import LIISA
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

NO_CALLBACKS = {"services": {"support": {"callback": None, "notify": None}}}


@pytest.fixture
def asterisk() -> Asterisk:
    rehearsal = Rehearsal()
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    rehearsal.later(60)
    rehearsal.effects.clear()
    rehearsal.facts.clear()
    return asterisk


def late(rehearsal: Rehearsal) -> list[Any]:
    return rehearsal.tell(EventsLate(at=rehearsal.at, seconds=1.5))


def unread(asterisk: Asterisk) -> str:
    """A caller in the queue whose place nobody has read; the call's id."""
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support,,,,600")
    asterisk.queues.setdefault("support", []).append(call)
    return call


def tick(rehearsal: Rehearsal, seconds: int = 1) -> None:
    for _ in range(seconds):
        rehearsal.later(1)
        rehearsal.tell(Tick(at=rehearsal.at))


def test_the_alarm_is_raised_once_and_cleared_when_no_event_was_late_for_some_seconds(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    assert late(rehearsal) == [AlarmRaised(reason="overload")]
    for _ in range(10):
        rehearsal.later(CALM.total_seconds() - 1)
        assert late(rehearsal) == []
    rehearsal.later(CALM.total_seconds())
    ended = OverloadEnded(seconds=45.0, readings=0, offers=0)
    assert rehearsal.facts[1:] == [ended, AlarmCleared(reason="overload")]


def test_an_alarm_from_before_a_restart_is_cleared(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    late(rehearsal)
    after = rehearsal.restarted()
    after.later(CALM.total_seconds())
    assert after.facts[1:] == [AlarmCleared(reason="overload")]


def test_no_caller_is_sent_through_us_until_it_is_over(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    late(rehearsal)
    tick(rehearsal, 4)
    assert rehearsal.take(RenewLease) == []
    assert len(rehearsal.take(AskTime)) == 4
    tick(rehearsal, 2)
    assert len(rehearsal.take(RenewLease)) > 0


def test_a_caller_in_our_hands_goes_on_at_once_without_an_offer() -> None:
    rehearsal = Rehearsal()
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    offered = asterisk.enters()
    asterisk.answer_readings()
    asterisk.perform()
    assert asterisk.heard[offered]
    late(rehearsal)
    straight_on = asterisk.enters(LIISA)
    assert straight_on in asterisk.queues["support"]
    assert straight_on not in asterisk.heard
    assert [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"] == ["overload"]


def test_a_place_is_not_read_for_each_caller_but_by_the_poll(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    late(rehearsal)
    callers = [unread(asterisk) for _ in range(3)]
    assert rehearsal.take(ReadQueue) == []
    tick(rehearsal, 2)
    asterisk.answer_readings()
    assert [fact.call for fact in rehearsal.facts if isinstance(fact, QueueJoined)] == callers
    rehearsal.later(CALM.total_seconds())
    (ended,) = [fact for fact in rehearsal.facts if isinstance(fact, OverloadEnded)]
    assert (ended.readings, ended.offers) == (3, 3)


def test_no_caller_is_looked_at_whom_the_events_have_not_named_yet(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    late(rehearsal)
    call = asterisk.arrives()
    asterisk.queues.setdefault("support", []).append(call)
    reading = asterisk.reading("support")
    rehearsal.tell(QueuesRead(at=rehearsal.at, asked=rehearsal.at, readings=(reading,)))
    assert rehearsal.take(LookAt) == []
    rehearsal.later(CALM.total_seconds())
    rehearsal.tell(QueuesRead(at=rehearsal.at, asked=rehearsal.at, readings=(reading,)))
    assert [effect.call for effect in rehearsal.take(LookAt)] == [call]


def test_nothing_is_counted_as_an_offer_left_out_where_none_is_made() -> None:
    rehearsal = Rehearsal(NO_CALLBACKS)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    late(rehearsal)
    unread(asterisk)
    tick(rehearsal, 2)
    asterisk.answer_readings()
    rehearsal.later(CALM.total_seconds())
    (ended,) = [fact for fact in rehearsal.facts if isinstance(fact, OverloadEnded)]
    assert (ended.readings, ended.offers) == (1, 0)


@pytest.mark.parametrize("overloaded", [True, False])
def test_a_count_that_differs_says_nothing_while_events_are_late(asterisk: Asterisk, overloaded: bool) -> None:
    """app_queue is ahead of the events."""
    rehearsal = asterisk.rehearsal
    for _ in range(5):
        if overloaded:
            late(rehearsal)
        rehearsal.later(2)
        ahead = QueueReading(queue="support", waiting=7, places={}, complete=False)
        rehearsal.tell(QueuesRead(at=rehearsal.at, asked=rehearsal.at, readings=(ahead,)))
    assert bool(rehearsal.take(Synchronise)) is not overloaded


def test_a_queue_is_still_read_every_two_seconds(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    asterisk.calls_in()
    rehearsal.take(ReadQueues)
    for _ in range(4):
        late(rehearsal)
        tick(rehearsal)
    assert len(rehearsal.take(ReadQueues)) == 2
