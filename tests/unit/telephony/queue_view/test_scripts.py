"""A queue that a script starts, callers who are found late, and what is read of the agents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.kernel.event import Tick
from callcentre.kernel.fact import Fact
from callcentre.telephony.effects import ContinueCall, LookAt, ReadQueue, RenewLease, Synchronise
from callcentre.telephony.events import (
    AgentDialled,
    AsteriskLost,
    ChannelSeen,
    Member,
    QueueRead,
    StasisStarted,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from tests.cast import ANNA, BO
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.heard import only

# --- a queue that a script starts ------------------------------------------------------------------


AGI = "queue.sh"


def runs_script(asterisk: Asterisk) -> str:
    """A channel whose AGI script has started Queue(): Asterisk knows, and no event reported."""
    call = asterisk.arrives()
    asterisk.runs(call, "AGI", AGI)
    asterisk.channels[call] = replace(asterisk.channels[call], app="Queue", app_data="support,,,,600")
    asterisk.queues.setdefault("support", []).append(call)
    return call


def answer_looks(asterisk: Asterisk) -> list[Fact]:
    """Asterisk says what the channels run that it was asked for."""
    facts: list[Fact] = []
    for look in asterisk.rehearsal.take(LookAt):
        channel = asterisk.channels[look.call]
        facts += asterisk.rehearsal.tell(ChannelSeen(at=asterisk.rehearsal.at, channel=channel))
    return facts + asterisk.answer_readings()


def begins(asterisk: Asterisk, call: str) -> None:
    asterisk.variable(call, "QUEUEWAIT", "")


def rings(asterisk: Asterisk, call: str) -> None:
    asterisk.rehearsal.tell(AgentDialled(at=asterisk.rehearsal.at, call=call, peer="p", rings=False))


def is_read(asterisk: Asterisk, _call: str) -> None:
    asterisk.rehearsal.tell(
        QueueRead(at=asterisk.rehearsal.at, asked=asterisk.rehearsal.at, reading=asterisk.reading("support"))
    )


@pytest.mark.parametrize("sign", [begins, rings, is_read])
def test_a_queue_that_a_script_starts_is_found_without_a_reconnect(
    asterisk: Asterisk, rehearsal: Rehearsal, sign: Callable[..., Any]
) -> None:
    call = runs_script(asterisk)
    rehearsal.take(ReadQueue)
    sign(asterisk, call)
    rehearsal.later(0.01)
    (joined,) = only(answer_looks(asterisk), QueueJoined)
    assert (joined.call, joined.position) == (call, 1)
    rehearsal.later(2)
    answered, _ = asterisk.answered(call)
    assert answered.wait == pytest.approx(2.01)
    assert rehearsal.take(Synchronise) == []


@pytest.mark.parametrize("sign", [begins, rings, None])
def test_a_queue_that_a_script_starts_and_an_agent_answers_at_once_is_reported(
    asterisk: Asterisk, rehearsal: Rehearsal, sign: Callable[..., Any] | None
) -> None:
    call = runs_script(asterisk)
    if sign is not None:
        sign(asterisk, call)
    assert asterisk.answered(call, name="Anna") == []
    rehearsal.later(0.01)
    facts = answer_looks(asterisk)
    assert [type(fact) for fact in facts] == [QueueJoined, QueueAnswered, QueueLeft]
    assert (facts[1].agent, facts[1].agent_name) == (ANNA, "Anna")
    rehearsal.later(5)
    (ended,) = only(asterisk.hangs_up(call), CallEnded)
    assert ended.talk == 5.01


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda asterisk, call: asterisk.gives_up(call, "TIMEOUT"), "timeout"),
        (lambda asterisk, call: asterisk.variable(call, "QUEUESTATUS", "JOINEMPTY"), "join_empty"),
    ],
)
def test_a_caller_whom_the_queue_of_a_script_gives_up_at_once_is_reported(
    asterisk: Asterisk, happens: Callable[..., Any], reason: str
) -> None:
    call = runs_script(asterisk)
    begins(asterisk, call)
    assert happens(asterisk, call) == []
    facts = answer_looks(asterisk)
    assert [fact.reason for fact in only(facts, QueueLeft)] == [reason]


def test_a_script_that_starts_no_queue_of_ours_is_let_be(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.arrives()
    rings(asterisk, call)
    begins(asterisk, call)
    assert rehearsal.take(LookAt) == [], "no script runs"
    asterisk.runs(call, "AGI", AGI)
    rings(asterisk, call)
    asterisk.channels[call] = replace(asterisk.channels[call], app="Dial", app_data=ANNA)
    assert answer_looks(asterisk) == []
    assert not len(rehearsal.world.calls.entering)
    asterisk.runs(call, "NoOp")
    begins(asterisk, call)
    assert rehearsal.take(LookAt) == []


@pytest.mark.parametrize("placed", [True, False])
def test_the_wait_of_a_caller_who_was_found_late_is_what_app_queue_says(
    asterisk: Asterisk, rehearsal: Rehearsal, placed: bool
) -> None:
    call = runs_script(asterisk)
    rehearsal.later(30)
    is_read(asterisk, call)
    if placed:
        answer_looks(asterisk)
    rehearsal.later(5)
    asterisk.agent_answers(call)
    asterisk.variable(call, "QEHOLDTIME", "35")
    asterisk.let_go(call)
    facts = asterisk.bridged(call) + answer_looks(asterisk)
    assert [fact.wait for fact in only(facts, QueueAnswered)] == [35.0]


def test_app_queues_whole_seconds_do_not_change_a_wait_that_was_seen(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    rehearsal.later(5.2)
    asterisk.agent_answers(call)
    asterisk.variable(call, "QEHOLDTIME", "6")
    asterisk.let_go(call)
    answered, _ = asterisk.bridged(call)
    assert answered.wait == 5.2


def test_the_staffing_is_what_was_read_last(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    asterisk.members["support"] = (
        Member(ANNA, paused=False, state="NOT_INUSE"),
        Member(BO, paused=True, state="NOT_INUSE"),
        Member("PJSIP/agent3", paused=False, state="INUSE"),
        Member("PJSIP/agent4", paused=False, state="UNAVAILABLE"),
        Member("PJSIP/agent5", paused=False, state="INVALID"),
    )
    rehearsal.tell(QueueRead(at=rehearsal.at, asked=rehearsal.at, reading=asterisk.reading("support")))
    duty = rehearsal.world.calls.duty["support"]
    assert (duty.on_duty, duty.ready) == (2, 1)
    asterisk.hangs_up(call)
    assert rehearsal.world.calls.duty["support"] == duty


def test_the_lease_is_renewed_only_while_we_hear_asterisk(rehearsal: Rehearsal) -> None:
    rehearsal.tell(Tick(at=rehearsal.at))
    assert rehearsal.take(RenewLease) == []
    Asterisk(rehearsal).connect()
    rehearsal.tell(Tick(at=rehearsal.at + timedelta(seconds=1)))
    assert len(rehearsal.take(RenewLease)) == 2
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    rehearsal.tell(Tick(at=rehearsal.at + timedelta(seconds=2)))
    assert rehearsal.take(RenewLease) == []


def test_a_call_without_arguments_goes_on_too(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.arrives()
    rehearsal.tell(StasisStarted(at=rehearsal.at, channel=asterisk.channels[call], arguments=()))
    assert rehearsal.take(ContinueCall) == [ContinueCall(call=call, at_once=True)]
