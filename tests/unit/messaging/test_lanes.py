"""Which text goes to the gateway next when more wait than it may get."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.kernel.event import TimerDue
from callcentre.messaging.effects import MOST_AT_ONCE, SendText
from callcentre.messaging.events import Accepted, Delivery, Refused
from callcentre.messaging.model import Lane, State, Text, TextTurn, TextWanted
from callcentre.messaging.outbound import LEFT_FREE, OVERTAKING, next_in_line
from tests.cast import MATTI
from tests.unit.messaging.desk import begin, handed, refusals, reported, says, wanted
from tests.unit.rehearsal import NOON, Rehearsal

FULL = MOST_AT_ONCE
NEARLY_FULL = MOST_AT_ONCE - LEFT_FREE


def line(*waiting: tuple[Lane, str, int]) -> list[tuple[Lane, Text]]:
    """Texts in line: the lane, the name, and the second at which each was requested."""
    return [
        (
            lane,
            Text(
                message=name, kind=name, number=MATTI, sender="N", body="Hei", parts=1, state=State.QUEUED,
                wanted_at=NOON + timedelta(seconds=second), in_line=True,
            ),
        )
        for lane, name, second in waiting
    ]  # fmt: skip


PROMISED, OFFERED = (Lane.PROMISED, "promised", 5), (Lane.OFFERED, "offered", 0)
LATER, YOUNGER = (Lane.PROMISED, "later", 6), (Lane.OFFERED, "younger", 9)


@pytest.mark.parametrize(
    ("waiting", "overtaken", "promised", "others", "expected"),
    [
        ([], 3, 0, 0, (None, 3)),
        ([OFFERED], 3, 0, 0, ("offered", 0)),
        ([OFFERED, PROMISED], 3, 0, 0, ("promised", 4)),
        ([PROMISED, OFFERED], OVERTAKING - 1, 0, 0, ("promised", OVERTAKING)),
        ([PROMISED, OFFERED], OVERTAKING, 0, 0, ("offered", 0)),
        ([PROMISED, YOUNGER], OVERTAKING, 0, 0, ("promised", 0)),
        ([LATER, PROMISED], 0, 0, 0, ("promised", 0)),
        ([YOUNGER, OFFERED], 0, 0, 0, ("offered", 0)),
        ([OFFERED, PROMISED], OVERTAKING, 0, NEARLY_FULL - 1, ("offered", 0)),
        ([OFFERED, PROMISED], OVERTAKING, 0, NEARLY_FULL, ("promised", 0)),
        ([OFFERED], 0, 0, NEARLY_FULL, (None, 0)),
        ([OFFERED, PROMISED], 0, LEFT_FREE - 1, NEARLY_FULL, ("promised", 0)),
        ([OFFERED, PROMISED], 0, LEFT_FREE, NEARLY_FULL, (None, 0)),
        ([OFFERED, PROMISED], OVERTAKING, FULL - 1, 0, ("offered", 0)),
        ([OFFERED, PROMISED], OVERTAKING, FULL, 0, (None, OVERTAKING)),
    ],
)
def test_what_is_promised_goes_first_and_the_oldest_now_and_then(
    waiting: list[tuple[Lane, str, int]],
    overtaken: int,
    promised: int,
    others: int,
    expected: tuple[str | None, int],
) -> None:
    text, after = next_in_line(line(*waiting), overtaken, promised, others)
    assert (text.message if text else None, after) == expected


def offered(rehearsal: Rehearsal, message: str, number: str = MATTI, *, answers: bool = False) -> None:
    """A text that nobody was promised."""
    request = TextWanted(
        at=rehearsal.at, message=message, kind="survey", number=number, sender="N", body="Hei", answers=answers
    )
    rehearsal.command(request)


def many(rehearsal: Rehearsal, count: int) -> None:
    for number in range(count):
        offered(rehearsal, f"offered-{number:03}", f"+{358401000000 + number}")


def taken(rehearsal: Rehearsal) -> list[str]:
    return [text.message for text in rehearsal.take(SendText)]


def answered(rehearsal: Rehearsal) -> list[str]:
    """The texts that were handed over and are accepted now. A second passes."""
    sent = rehearsal.take(SendText)
    for text in sent:
        handed(rehearsal, text, Accepted())
    rehearsal.later(1)
    return [text.message for text in sent]


def test_a_promised_text_and_an_answer_go_before_a_thousand_that_wait() -> None:
    rehearsal, _ = begin(sms={"per_second": "10"})
    many(rehearsal, 1000)
    assert taken(rehearsal) == ["offered-000"]
    rehearsal.later(0.05)
    wanted(rehearsal, "promised")
    rehearsal.later(0.01)
    offered(rehearsal, "answer", answers=True)
    assert taken(rehearsal) == []
    rehearsal.later(0.25)
    assert taken(rehearsal) == ["promised", "answer", "offered-001"]


def test_texts_that_wait_have_one_timer_which_is_set_once() -> None:
    rehearsal, _ = begin()
    before = len(rehearsal.timer_changes)
    many(rehearsal, 100)
    assert len(rehearsal.timer_changes) == before + 1
    assert TextTurn().key in rehearsal.timers


def test_a_text_of_a_slow_request_goes_out_although_the_last_turn_came_meanwhile() -> None:
    rehearsal, _ = begin(sms={"per_second": "1"})
    many(rehearsal, 2)
    began = rehearsal.at
    rehearsal.later(1)
    assert answered(rehearsal) == ["offered-000", "offered-001"]
    # A request over HTTP has the time of its first byte, and is decided when all of it is there.
    rehearsal.command(
        TextWanted(at=began, message="promised", kind="callback_confirmation", number=MATTI, sender="N", body="Hei")
    )
    rehearsal.later(1)
    assert taken(rehearsal) == ["promised"]


def test_lanes_and_their_order_survive_a_restart() -> None:
    rehearsal, _ = begin(sms={"per_second": "1"})
    many(rehearsal, 3)
    rehearsal.later(0.5)
    wanted(rehearsal, "promised")
    again = rehearsal.restarted()
    again.later(0.5)
    assert taken(again) == ["promised"]
    again.later(2)
    assert taken(again) == ["offered-001", "offered-002"]


def test_a_gateway_that_does_not_answer_keeps_connections_for_what_is_promised() -> None:
    rehearsal, _ = begin(sms={"per_second": "100"})
    many(rehearsal, FULL + 10)
    rehearsal.later(10)
    sent = rehearsal.take(SendText)
    assert len(sent) == NEARLY_FULL
    wanted(rehearsal, "promised")
    assert taken(rehearsal) == ["promised"]
    for text in sent[:2]:
        handed(rehearsal, text, Accepted())
    rehearsal.later(1)
    assert taken(rehearsal) == [f"offered-{NEARLY_FULL:03}", f"offered-{NEARLY_FULL + 1:03}"]
    reported(rehearsal, sent[2].message, Delivery.DELIVERED)
    rehearsal.later(1)
    assert taken(rehearsal) == [f"offered-{NEARLY_FULL + 2:03}"]


def test_a_slow_gateway_gets_an_offered_text_too_while_promised_ones_keep_coming() -> None:
    rehearsal, _ = begin(sms={"per_second": "100"})
    for number in range(FULL):
        wanted(rehearsal, f"promised-{number}", number=f"+{358401000000 + number}")
    rehearsal.later(1)
    under_way = rehearsal.take(SendText)
    assert len(under_way) == FULL
    offered(rehearsal, "offered")
    rehearsal.later(0.01)
    for number in range(FULL):
        wanted(rehearsal, f"later-{number:02}", number=f"+{358402000000 + number}")
    for text in under_way[: OVERTAKING + 1]:
        handed(rehearsal, text, Accepted())
        rehearsal.later(0.1)
    assert taken(rehearsal) == [*(f"later-{number:02}" for number in range(OVERTAKING)), "offered"]


def test_after_an_idle_time_no_more_go_out_at_once() -> None:
    rehearsal, _ = begin(sms={"per_second": "100"})
    many(rehearsal, 1)
    rehearsal.later(3600)
    assert taken(rehearsal) == ["offered-000"]
    for number in range(5):
        wanted(rehearsal, f"promised-{number}")
    assert taken(rehearsal) == ["promised-0"]


@pytest.mark.parametrize(("late", "count"), [(0.0, 1), (0.05, 6), (0.1, 11), (30.0, 11)])
def test_turns_that_come_late_are_made_up_for_but_not_a_long_halt(late: float, count: int) -> None:
    rehearsal, _ = begin(sms={"per_second": "100"})
    many(rehearsal, 40)
    taken(rehearsal)
    key = TextTurn().key
    due = rehearsal.timers.pop(key)
    rehearsal.tell(TimerDue(at=due + timedelta(seconds=late), key=key, due=due))
    assert len(taken(rehearsal)) == count


def test_texts_in_line_when_quiet_hours_begin_wait_until_they_end() -> None:
    rehearsal, _ = begin(sms={"per_second": "1", "quiet_hours": "12:01-14:00"})
    many(rehearsal, 70)
    begun = [answered(rehearsal) for _ in range(3600)]
    assert [len(each) for each in begun] == [1] * 60 + [0] * 3540
    assert not rehearsal.world.texts.line.groups()
    after = [answered(rehearsal) for _ in range(3600 + 10)]
    assert [each for each in after if each] == [[f"offered-{number:03}"] for number in range(60, 70)]


def test_a_text_in_line_that_is_no_longer_wanted_costs_no_turn() -> None:
    rehearsal, _ = begin(sms={"per_second": "1"})
    many(rehearsal, 4)
    taken(rehearsal)
    for number in (1, 2):
        says(rehearsal, "STOP", f"+{358401000000 + number}", str(number))
    rehearsal.later(1)
    assert taken(rehearsal) == ["offered-003"]
    assert refusals(rehearsal) == ["opted_out", "opted_out"]


def test_a_welcome_in_line_ends_when_its_caller_leaves() -> None:
    rehearsal, asterisk = begin(sms={"per_second": "1"})
    calls = [asterisk.calls_in(f"+{358402000000 + number}") for number in range(3)]
    taken(rehearsal)
    asterisk.hangs_up(calls[1])
    assert refusals(rehearsal) == ["left"]
    rehearsal.later(1)
    (text,) = rehearsal.take(SendText)
    assert text.number == "+358402000002"


def test_two_texts_to_one_person_go_in_their_order_also_after_a_refusal_for_now() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal, "second-in-the-alphabet")
    (first,) = rehearsal.take(SendText)
    handed(rehearsal, first, Refused("503"))
    rehearsal.later(1)
    wanted(rehearsal, "a")
    assert taken(rehearsal) == ["second-in-the-alphabet"]
    rehearsal.later(0.05)
    assert taken(rehearsal) == ["a"]
