"""How callers join a queue and leave it, from ARI events alone."""

from __future__ import annotations

import pytest

from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ContinueCall
from callcentre.telephony.events import (
    StasisStarted,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.values.endpoints import device_of
from tests.cast import AINO, ANNA, BO
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.heard import only

TWO_OF_ONE_QUEUE = {
    "services": {
        "support": {"numbers": ["+358912345678"]},
        "sales": {
            "queue": "support",
            "numbers": ["+358912345679"],
            "name": {"fi": "Myynti"},
            "language": "fi",
        },
    }
}


@pytest.mark.parametrize(
    ("channel", "device"),
    [
        ("PJSIP/agent1-0000002a", "PJSIP/agent1"),
        ("PJSIP/front-desk-0000002a", "PJSIP/front-desk"),
        ("Local/100@agents-00000001;1", "Local/100@agents"),
        ("PJSIP/agent1", "PJSIP/agent1"),
    ],
)
def test_the_device_behind_a_channel_is_its_name_without_the_serial(channel: str, device: str) -> None:
    assert device_of(channel) == device


def test_callers_join_at_their_places(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    first, second = asterisk.calls_in(), asterisk.calls_in(AINO)
    joined = only(rehearsal.facts, QueueJoined)
    assert [(fact.call, fact.position, fact.waiting) for fact in joined] == [(first, 1, 1), (second, 2, 2)]
    assert list(rehearsal.world.calls.waiting("support")) == [first, second]


def test_an_answered_call_tells_agent_wait_and_talk(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    rehearsal.later(12.5)
    facts = asterisk.answered(call, name="Anna")
    answered, left = facts
    assert isinstance(answered, QueueAnswered)
    assert (answered.agent, answered.agent_name, answered.wait) == (ANNA, "Anna", 12.5)
    assert isinstance(left, QueueLeft)
    assert (left.reason, left.wait) == ("answered", 12.5)
    rehearsal.later(30)
    (ended,) = asterisk.hangs_up(call)
    assert isinstance(ended, CallEnded)
    assert (ended.wait, ended.talk) == (12.5, 30.0)


def test_a_transfer_goes_on_talking_and_is_no_second_joining(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    asterisk.answered(call)
    rehearsal.later(10)
    # On a blind transfer Asterisk tells of Queue once more for a caller who is in no queue.
    asterisk.runs(call, "Queue", "support,,,,600")
    asterisk.answer_readings()
    asterisk.bridge_left(call)
    asterisk.runs(call, "Dial", BO)
    rehearsal.later(5)
    asterisk.bridge_entered(call)
    rehearsal.later(20)
    (ended,) = asterisk.hangs_up(call)
    assert ended.talk == 35.0
    assert len(only(rehearsal.facts, QueueJoined)) == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [("TIMEOUT", "timeout"), ("LEAVEEMPTY", "leave_empty"), ("LEAVEUNAVAIL", "leave_unavailable"), ("NEW", "unknown")],
)
def test_a_caller_given_up_on_left_for_the_reason_that_app_queue_names(
    asterisk: Asterisk, rehearsal: Rehearsal, status: str, reason: str
) -> None:
    call = asterisk.calls_in()
    rehearsal.later(60)
    (left,) = asterisk.gives_up(call, status)
    assert (left.reason, left.wait, left.position) == (reason, 60.0, 1)
    (ended,) = asterisk.destroyed(call)
    assert (ended.wait, ended.talk) == (60.0, 0.0)


@pytest.mark.parametrize(("status", "reason"), [("FULL", "full"), ("JOINEMPTY", "join_empty")])
def test_a_caller_whom_the_queue_refuses_never_joined(
    asterisk: Asterisk, rehearsal: Rehearsal, status: str, reason: str
) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    (left,) = asterisk.variable(call, "QUEUESTATUS", status)
    assert (left.reason, left.wait) == (reason, 0.0)
    asterisk.answer_readings()
    asterisk.destroyed(call)
    assert rehearsal.names() == ["queue.left"]


def test_a_caller_who_hangs_up_abandoned(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    rehearsal.later(7)
    left, ended = asterisk.hangs_up(call)
    assert (left.reason, left.wait) == ("abandoned", 7.0)
    assert isinstance(ended, CallEnded)
    assert not rehearsal.world.calls.waiting("support")


def test_a_caller_who_hangs_up_before_the_place_was_read_still_joined(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    asterisk.queues["support"] = [call]
    asterisk.hangs_up(call)
    assert rehearsal.names() == ["queue.joined", "queue.left", "call.ended"]


def test_the_exit_key_and_the_way_back_are_a_leaving_and_a_second_joining(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    rehearsal.later(5)
    assert asterisk.presses(call) == []
    (left,) = asterisk.runs(call, "NoOp")
    assert (left.reason, left.wait) == ("key", 5.0)
    rehearsal.later(2)
    (joined,) = asterisk.joins(call)
    assert isinstance(joined, QueueJoined)
    rehearsal.later(3)
    _, ended = asterisk.hangs_up(call)
    assert ended.wait == 8.0


def test_a_caller_back_in_the_queue_and_answered_before_the_place_was_read_is_answered(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    asterisk.presses(call)
    asterisk.runs(call, "NoOp")
    rehearsal.facts.clear()
    asterisk.runs(call, "Queue", "support")
    asterisk.queues["support"] = [call]
    asterisk.answered(call)
    assert rehearsal.names() == ["queue.joined", "queue.answered", "queue.left"]
    asterisk.hangs_up(call)
    assert "call.ended" in rehearsal.names()


def test_a_call_not_seen_yet_is_asked_for_again(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "ExecIf", "1?Queue(support)")
    assert asterisk.answer_readings() == []
    asterisk.queues["support"] = [call]
    rehearsal.tell(Tick(at=rehearsal.at))
    (joined,) = asterisk.answer_readings()
    assert isinstance(joined, QueueJoined)


def test_a_queue_of_no_service_is_none_of_our_business(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.joins(call, "warehouse")
    asterisk.hangs_up(call)
    assert rehearsal.facts == []


@pytest.mark.parametrize(
    ("entered_as", "dialled", "service"),
    [
        ("sales", "+358912345678", "sales"),
        ("", "+358912345679", "sales"),
        ("", "0912345679", "sales"),
        ("", "0912345678", "support"),
        ("", "100", "support"),
        ("unheard-of", "0912345679", "sales"),
    ],
)
def test_the_service_of_a_shared_queue_is_known_by_the_entry_then_by_the_number_dialled(
    entered_as: str, dialled: str, service: str
) -> None:
    rehearsal = Rehearsal(TWO_OF_ONE_QUEUE)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    call = asterisk.arrives(dialled=dialled)
    if entered_as:
        asterisk.variable(call, "CALLCENTRE_SERVICE", entered_as)
    (joined,) = only(asterisk.joins(call), QueueJoined)
    assert joined.service == service


def test_the_entry_into_stasis_names_the_service_too() -> None:
    rehearsal = Rehearsal(TWO_OF_ONE_QUEUE)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    call = asterisk.arrives()
    rehearsal.tell(StasisStarted(at=rehearsal.at, channel=asterisk.channels[call], arguments=("enter", "sales")))
    assert rehearsal.take(ContinueCall) == [ContinueCall(call=call, at_once=True)]
    (joined,) = only(asterisk.joins(call), QueueJoined)
    assert joined.service == "sales"
