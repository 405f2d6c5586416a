"""Calls of the ledger as entries of a queue_log."""

from __future__ import annotations

import phonenumbers
import pytest

from callcentre.values.numbers import HIDDEN, caller_hash, mask
from callcentre.what_if.replay import Arrival, Conversation, Departure, Replay
from callcentre.what_if.staffing import Signs, Staffing
from callcentre.what_if.visits import PastVisit, entries_of, substitute
from tests.cast import ANNA, MATTI
from tests.unit.config.files import settings

MINUTE = 60_000


def visit(call: str, joined: int, outcome: str | None = "answered", **more: object) -> PastVisit:
    fields = {
        "call": call, "service": "support", "queue": "support", "number": mask(MATTI), "caller": "ab12",
        "joined": joined, "outcome": outcome, "left_at": joined + MINUTE, "wait": MINUTE, "agent": ANNA,
        "talk": 2 * MINUTE,
    }  # fmt: skip
    return PastVisit(**{**fields, **more})  # type: ignore[arg-type]


def moments(*visits: PastVisit) -> list[object]:
    entries = entries_of(visits, {"support": "+358912345678"})
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    return list(Replay(Staffing(signs)).moments(entries))


def test_an_answered_call_arrives_and_talks() -> None:
    arrival, conversation = moments(visit("1", 0))
    assert isinstance(arrival, Arrival)
    assert isinstance(conversation, Conversation)
    assert (arrival.ahead, arrival.dialled, arrival.again) == (0, "+358912345678", False)
    assert (conversation.talk, conversation.number) == (120.0, arrival.number)


def test_callers_wait_behind_those_who_wait_and_not_behind_those_who_left() -> None:
    found = moments(visit("1", 0), visit("2", 1_000, "abandoned", left_at=30_000), visit("3", 40_000))
    assert [each.ahead for each in found if isinstance(each, Arrival)] == [0, 1, 1]
    assert [each.call for each in found if isinstance(each, Departure)] == ["2"]


def test_agents_are_on_duty_around_their_calls() -> None:
    found = moments(visit("1", 0), visit("2", 10 * MINUTE))
    assert [(each.duty.on_duty, each.duty.ready) for each in found if isinstance(each, Arrival)] == [(1, 1), (1, 1)]


def test_a_transfer_into_another_queue_is_the_same_call() -> None:
    found = moments(visit("1", 0), visit("1", 5 * MINUTE, queue="sales", service="sales"))
    assert [each.again for each in found if isinstance(each, Arrival)] == [False, True]


def test_a_caller_who_waits_still_does_not_leave() -> None:
    assert len(moments(visit("1", 0, None, left_at=None, talk=None, agent=None))) == 1


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [MATTI, "+358912345678", "+358201234567", "+46701234567", "+491701234567", "+447400123456", "+3725123456"]
)
def test_a_masked_number_is_judged_as_the_whole_one(number: str) -> None:
    policy = settings().number_policy
    made = substitute(mask(number), caller_hash(b"key", number))
    kinds = [phonenumbers.number_type(phonenumbers.parse(each)) for each in (number, made)]
    assert kinds[0] == kinds[1]
    assert type(policy.may_text(made)) is type(policy.may_text(number))
    assert type(policy.may_dial(made)) is type(policy.may_dial(number))


def test_callers_have_numbers_of_their_own_and_keep_them() -> None:
    numbers = [f"+35840{number:05}22" for number in range(500)]
    made = [substitute(mask(each), caller_hash(b"key", each)) for each in numbers]
    assert made == [substitute(mask(each), caller_hash(b"key", each)) for each in numbers]
    assert len(set(made)) > 490
    assert len({substitute(mask(MATTI), f"{number:016x}") for number in range(500)}) == 500


@pytest.mark.parametrize(("masked", "number"), [(None, ""), (HIDDEN, ""), (f"20{HIDDEN}", "20")])
def test_a_withheld_or_inner_number_stays_one(masked: str | None, number: str) -> None:
    assert substitute(masked, None) == number
