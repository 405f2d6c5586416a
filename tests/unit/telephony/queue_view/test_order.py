"""The order of a queue: higher priorities first, as app_queue has them, and among equals who joined earlier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies._internal.random import ArtificialRandom

from callcentre.features.callbacks.facts import CallbackAccepted, CallbackOffered
from callcentre.features.callbacks.model import Callback
from callcentre.telephony.effects import ContinueCall, Originate
from callcentre.telephony.facts import QueueJoined
from callcentre.telephony.queue_view.order import rank
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

VIP = {"QUEUE_PRIO": "5"}


def a_desk(**dial: str) -> Asterisk:
    """A desk that offers callbacks, where nobody is on duty yet."""
    asterisk = Asterisk(Rehearsal({"services": {"support": {"welcome": None, "callback": {"dial": dial}}}}))
    asterisk.connect()
    return asterisk


def keeps_waiting(asterisk: Asterisk, number: str, **variables: str) -> str:
    """A caller comes through us and declines the offer; the call's id."""
    asterisk.rehearsal.later(1)
    call = asterisk.enters(number, **variables)
    asterisk.key(call, "9")
    return call


def takes_a_callback(asterisk: Asterisk, number: str, **variables: str) -> Callback:
    """A caller comes through us and takes the offer."""
    asterisk.rehearsal.later(1)
    call = asterisk.enters(number, **variables)
    asterisk.key(call, "1")
    asterisk.says_all(call)
    return asterisk.rehearsal.world.callbacks[f"cb-{call}"]


def positions(asterisk: Asterisk, kind: type[Any]) -> list[int]:
    """The places that the facts of one kind reported, in order."""
    return [fact.position for fact in asterisk.rehearsal.facts if isinstance(fact, kind)]


def test_a_higher_priority_is_before_a_lower_one_whoever_joined_earlier() -> None:
    later = NOON + timedelta(minutes=5)
    assert sorted([rank(NOON), rank(later, 5), rank(later), rank(NOON, -1), rank(NOON, 5)]) == [
        rank(NOON, 5), rank(later, 5), rank(NOON), rank(later), rank(NOON, -1),
    ]  # fmt: skip


def test_a_caller_with_a_priority_hears_the_place_that_app_queue_gives() -> None:
    asterisk = a_desk()
    calls = [keeps_waiting(asterisk, number) for number in (MATTI, LIISA)]
    vip = keeps_waiting(asterisk, PEKKA, **VIP)
    assert asterisk.queues["support"] == [vip, *calls]
    assert positions(asterisk, CallbackOffered) == [1, 2, 1]
    assert positions(asterisk, QueueJoined) == [1, 2, 1]
    second = keeps_waiting(asterisk, AINO, **VIP)
    assert asterisk.queues["support"] == [vip, second, *calls]
    assert positions(asterisk, CallbackOffered)[-1] == 2


def test_the_estimate_counts_only_those_who_are_served_before() -> None:
    asterisk = a_desk()
    asterisk.on_duty("INUSE")
    for number in (MATTI, LIISA):
        keeps_waiting(asterisk, number)
    keeps_waiting(asterisk, PEKKA, **VIP)
    *_, vip = (fact for fact in asterisk.rehearsal.facts if isinstance(fact, QueueJoined))
    assert vip.estimated_wait == asterisk.rehearsal.world.handle_time("support")


def test_a_callback_keeps_the_priority_of_its_owner_and_is_dialled_in_that_order() -> None:
    asterisk = a_desk()
    takes_a_callback(asterisk, MATTI)
    vip = takes_a_callback(asterisk, LIISA, **VIP)
    assert positions(asterisk, CallbackAccepted) == [1, 1]
    assert vip.priority == 5
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert [one.endpoint for one in asterisk.dialled] == [f"PJSIP/{LIISA}@trunk"]


def test_a_live_caller_with_a_priority_is_served_before_a_callback_that_waits_longer() -> None:
    asterisk = a_desk()
    callback = takes_a_callback(asterisk, MATTI)
    keeps_waiting(asterisk, LIISA, **VIP)
    assert asterisk.rehearsal.world.place(callback) == 2
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert asterisk.dialled == []


def test_the_customer_who_is_called_back_enters_the_queue_with_the_priority_and_at_the_place() -> None:
    asterisk = a_desk()
    callback = takes_a_callback(asterisk, MATTI, RGPREFIX="VIP:", **VIP)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    waiting = [keeps_waiting(asterisk, number) for number in (LIISA, PEKKA)]
    call = asterisk.rehearsal.world.callbacks[callback.callback].call
    assert call is not None
    asterisk.picks_up(call)
    reported = asterisk.rehearsal.effects
    asterisk.key(call, "1")
    (entered,) = (effect for effect in reported if isinstance(effect, ContinueCall) and effect.call == call)
    assert {("QUEUE_PRIO", "5"), ("_RGPREFIX", "VIP:"), ("CALLCENTRE_POSITION", "1")} <= set(entered.variables)
    assert asterisk.queues["support"] == [call, *waiting]


def test_the_channel_in_the_place_of_a_customer_has_the_priority_too() -> None:
    asterisk = a_desk(order="agent_first")
    takes_a_callback(asterisk, MATTI, **VIP)
    asterisk.on_duty("NOT_INUSE")
    asterisk.rehearsal.take(Originate)
    asterisk.ticks()
    (near,) = asterisk.reserving
    assert ("QUEUE_PRIO", "5") in asterisk.variables[near].items()


def test_a_customer_who_calls_again_waits_with_the_priority_of_the_callback() -> None:
    asterisk = a_desk()
    waiting = keeps_waiting(asterisk, LIISA)
    takes_a_callback(asterisk, MATTI, **VIP)
    asterisk.rehearsal.later(1)
    again = asterisk.enters(MATTI)
    asterisk.key(again, "1")
    assert asterisk.queues["support"] == [again, waiting]


def test_the_exit_key_costs_no_place_and_no_priority() -> None:
    asterisk = a_desk()
    waiting = [keeps_waiting(asterisk, number) for number in (MATTI, LIISA)]
    vip = keeps_waiting(asterisk, PEKKA, **VIP)
    asterisk.rehearsal.later(1)
    asterisk.asks(vip)
    assert positions(asterisk, CallbackOffered)[-1] == 1
    asterisk.key(vip, "9")
    assert asterisk.queues["support"] == [vip, *waiting]
    asterisk.asks(waiting[0])
    assert positions(asterisk, CallbackOffered)[-1] == 2
    asterisk.key(waiting[0], "9")
    assert asterisk.queues["support"] == [vip, *waiting]


def test_a_priority_that_is_taken_back_after_the_queue_moves_no_waiting_caller() -> None:
    asterisk = a_desk()
    keeps_waiting(asterisk, MATTI)
    vip = keeps_waiting(asterisk, LIISA, **VIP)
    asterisk.variable(vip, "QUEUE_PRIO", "0")
    assert asterisk.rehearsal.world.calls.calls[vip].priority == 5
    assert asterisk.rehearsal.world.live_before("support", rank(asterisk.rehearsal.at, 1)) == 1


@pytest.mark.parametrize("moment", ["waiting", "listening"])
def test_after_a_restart_the_priority_is_known_again(moment: str) -> None:
    asterisk = a_desk()
    keeps_waiting(asterisk, MATTI)
    asterisk.rehearsal.later(1)
    vip = asterisk.enters(LIISA, **VIP)
    if moment == "waiting":
        asterisk.key(vip, "9")
    asterisk.restarts_us(Rehearsal(asterisk.rehearsal._changes))
    assert asterisk.rehearsal.world.calls.live[vip].priority == 5
    assert asterisk.rehearsal.world.live_before("support", rank(NOON + timedelta(hours=1))) == 2
    if moment == "listening":
        assert positions(asterisk, CallbackOffered)[-1] == 1


def test_a_caller_who_is_on_the_way_in_and_not_seen_yet_counts_by_priority_too() -> None:
    asterisk = a_desk()
    call = asterisk.arrives(PEKKA)
    asterisk.variable(call, "QUEUE_PRIO", "5")
    asterisk.runs(call, "Queue", "support")
    world = asterisk.rehearsal.world
    earlier = NOON - timedelta(minutes=5)
    assert world.position_for("support", rank(earlier)) == 2
    assert world.position_for("support", rank(earlier, 9)) == 1


Comer = st.tuples(st.sampled_from([0, 0, 5, 9, -1]), st.booleans())


@given(comers=st.lists(Comer, min_size=1, max_size=8), declining=st.randoms(use_true_random=False))
def test_callers_in_any_order_are_counted_by_app_queue_as_by_us(
    comers: list[tuple[int, ...]], declining: ArtificialRandom
) -> None:
    """Some listen to the offer for longer than others, and some come past us: each has the place they were reported."""
    asterisk = a_desk()
    listening, priorities = [], {}
    for number, (priority, past_us) in enumerate(comers):
        asterisk.rehearsal.later(1)
        variables = {"QUEUE_PRIO": str(priority)} if priority else {}
        come = asterisk.calls_in if past_us else asterisk.enters
        call = come(f"+3584011122{number:02d}", **variables)
        priorities[call] = (-priority, number)
        if not past_us:
            listening.append(call)
            reported = next(fact for fact in reversed(asterisk.rehearsal.facts) if isinstance(fact, CallbackOffered))
            assert reported.position == sorted(priorities, key=priorities.__getitem__).index(call) + 1
    declining.shuffle(listening)
    for call in listening:
        asterisk.rehearsal.later(0.1)
        asterisk.key(call, "9")
    assert asterisk.queues["support"] == sorted(priorities, key=priorities.__getitem__)
    world = asterisk.rehearsal.world
    for place, call in enumerate(asterisk.queues["support"]):
        known = world.calls.calls[call]
        assert world.live_before("support", rank(known.joined_at, known.priority)) == place
