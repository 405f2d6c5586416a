"""The alarm about the gateway for texts: tries fail for minutes, and none is accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.alarms.gateway_fails import LASTS, SETTLES, TRIES, counted, says_that_it_fails
from callcentre.features.alarms.model import GatewayFails
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, Unclear
from tests.unit.messaging.desk import alarms, begin, handed, wanted
from tests.unit.rehearsal import NOON, Rehearsal

RAISED, CLEARED = ("alarm.raised", "sms_gateway"), ("alarm.cleared", "sms_gateway")
FOR_NOW = Refused("503")
LONG = int(LASTS.total_seconds())


@pytest.mark.parametrize(
    ("outcome", "fails"),
    [
        (Accepted(), False),
        (Refused("no connection"), True),
        (Refused("403: wrong password", permanent=True), True),
        # These say nothing about the gateway, or have another alarm.
        (Unclear("504"), False),
        (Refused("21610", permanent=True, opted_out=True), False),
        (Refused("left", permanent=True, not_asked=True), False),
        (Refused("the database cannot be read", not_asked=True), False),
    ],
)
def test_what_speaks_against_the_gateway(outcome: Handover, fails: bool) -> None:
    assert says_that_it_fails(outcome) is fails


@pytest.mark.parametrize(
    ("seconds", "raised_at"),
    [
        ((0, 1, 3, 7, LONG - 1), None),
        ((0, 1, 3, 7, LONG), LONG),
        # Two tries are too few, however long they are apart.
        ((0, LONG), None),
        ((0, LONG, LONG + 1), LONG + 1),
        # Many tries within a short time are a restart of the gateway.
        (tuple(range(100)), None),
        (tuple(range(2 * LONG)), LONG),
    ],
)
def test_the_alarm_needs_time_and_tries(seconds: tuple[int, ...], raised_at: int | None) -> None:
    failing: GatewayFails | None = None
    raised = []
    for second in seconds:
        was = failing is not None and failing.raised
        failing = counted(failing, NOON + timedelta(seconds=second))
        if failing.raised and not was:
            raised.append(second)
    assert raised == ([] if raised_at is None else [raised_at])


def refuses(rehearsal: Rehearsal, seconds: float, outcome: Handover = FOR_NOW) -> None:
    """The gateway answers each try so, for so long."""
    ends = rehearsal.at + timedelta(seconds=seconds)
    while rehearsal.at < ends:
        for text in rehearsal.take(SendText):
            handed(rehearsal, text, outcome)
        rehearsal.later(1)


def test_a_gateway_that_refuses_one_text_for_long_raises_it_and_the_first_accepted_one_clears_it() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    refuses(rehearsal, LONG)
    assert alarms(rehearsal) == []
    refuses(rehearsal, LONG + 60)
    assert alarms(rehearsal) == [RAISED]
    # It goes on for hours: the alarm comes once, and stays.
    refuses(rehearsal, 2 * 3600)
    assert alarms(rehearsal) == [RAISED]
    refuses(rehearsal, LONG + 60, Accepted())
    assert alarms(rehearsal) == [RAISED, CLEARED]
    rehearsal.later(2 * SETTLES.total_seconds())
    assert alarms(rehearsal) == [RAISED, CLEARED]


def test_one_accepted_text_in_between_makes_no_alarm() -> None:
    rehearsal, _ = begin()
    for number in range(TRIES * 2):
        for message, outcome in ((f"bad{number}", Refused("no", permanent=True)), (f"good{number}", Accepted())):
            wanted(rehearsal, message)
            (text,) = rehearsal.take(SendText)
            handed(rehearsal, text, outcome)
            rehearsal.later(LONG / 2)
    assert alarms(rehearsal) == []


def test_a_wrong_password_raises_it_although_no_text_waits_and_it_ends_without_further_texts() -> None:
    rehearsal, _ = begin()
    for number in range(TRIES):
        wanted(rehearsal, f"m{number}")
        refuses(rehearsal, LONG / 2 + 1, Refused("403", permanent=True))
    assert alarms(rehearsal) == [RAISED]
    rehearsal.later(SETTLES.total_seconds())
    assert alarms(rehearsal) == [RAISED, CLEARED]
    wanted(rehearsal, "later")
    refuses(rehearsal, 2, Refused("403", permanent=True))
    assert alarms(rehearsal) == [RAISED, CLEARED], "it is counted anew"


def test_after_a_restart_it_ends_too() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    refuses(rehearsal, 2 * LONG)
    again = rehearsal.restarted()
    refuses(again, SETTLES.total_seconds(), Accepted())
    assert alarms(again) == [RAISED, CLEARED]
