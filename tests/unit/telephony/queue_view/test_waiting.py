"""The callers who wait in a queue: in what order, and at which place each is."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.model import Call, Order, Stage
from tests.unit.rehearsal import NOON


def call(name: int, position: int, stage: Stage = Stage.WAITING) -> Call:
    return Call(
        call=str(name), channel="", queue="support", service="support", number="", caller_name="", language="",
        stage=stage, joined_at=NOON + timedelta(seconds=name), entered=NOON, position=position,
    )  # fmt: skip


STEPS = st.lists(st.one_of(st.tuples(st.just("joins"), st.integers(1, 9)), st.tuples(st.just("leaves"), st.integers())))


def check(calls: Calls, expected: list[str]) -> None:
    assert list(calls.waiting("support")) == expected
    assert [calls.position(name) for name in expected] == list(range(1, len(expected) + 1))
    assert calls.waiting_in("support") == len(expected)


@given(STEPS)
def test_each_caller_is_at_the_place_that_a_plain_list_has_for_the_caller(steps: list[tuple[str, int]]) -> None:
    calls, waiting = Calls(), list[str]()
    for name, (kind, number) in enumerate(steps):
        if kind == "joins":
            waiting.insert(number - 1, str(name))
            calls.put(call(name, number))
        elif waiting:
            gone = waiting.pop(number % len(waiting))
            calls.put(call(int(gone), 1, Stage.LEFT))
            assert calls.position(gone) is None
        check(calls, waiting)


def test_any_number_of_callers_may_come_in_at_one_place() -> None:
    calls = Calls()
    for name in range(300):
        calls.put(call(name, 1 if name < 2 else 2))
    check(calls, ["1", *(str(name) for name in range(299, 1, -1)), "0"])


def test_the_order_that_app_queue_lists_counts() -> None:
    calls = Calls()
    for name in range(3):
        calls.put(call(name, name + 1))
    calls.put(Order(queue="support", calls=("2", "0", "1")))
    check(calls, ["2", "0", "1"])
    calls.put(call(0, 2, Stage.LEFT))
    check(calls, ["2", "1"])
