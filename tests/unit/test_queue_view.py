"""The queue view: what it concludes from events in the order in which Asterisk tells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callcentre.kernel.event import Tick
from callcentre.kernel.fact import Fact
from callcentre.telephony.dialling.reservations import in_queue
from callcentre.telephony.effects import ContinueCall, LookAt, ReadQueue, RenewLease, Synchronise
from callcentre.telephony.events import (
    AgentDialled,
    AsteriskLost,
    BridgeEntered,
    Channel,
    ChannelCreated,
    ChannelSeen,
    HangupRequested,
    Member,
    QueueRead,
    QueueReading,
    StasisStarted,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.following import device_of
from callcentre.telephony.queue_view.model import ReservationAnswered, ReservationLeft
from callcentre.telephony.queue_view.queue_application import queue_run_by
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

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


NO_WELCOME = {"services": {"support": {"welcome": None}}}


@pytest.fixture
def house() -> Rehearsal:
    return Rehearsal(NO_WELCOME)


@pytest.fixture
def asterisk(house: Rehearsal) -> Asterisk:
    asterisk = Asterisk(house)
    asterisk.connect()
    return asterisk


def only(facts: list[Fact], kind: type) -> list:
    return [fact for fact in facts if isinstance(fact, kind)]


@pytest.mark.parametrize(
    ("app", "data", "queue"),
    [
        ("Queue", "support,,,,60", "support"),
        ("Queue", "support", "support"),
        ("queue", " support ,t", "support"),
        ("ExecIf", "1?Queue(support,,,,60)", "support"),
        ("ExecIf", "1?Queue(support)", "support"),
        ("TryExec", "Queue(support,t)", "support"),
        ("ExecIf", "1?Playback(queue-thanks)", None),
        ("Playback", "Queue(support)", None),
        ("AppQueue", "(Outgoing Line)", None),
        ("Hangup", "", None),
    ],
)
def test_a_queue_is_recognised_however_the_dialplan_runs_it(app: str, data: str, queue: str | None) -> None:
    assert queue_run_by(app, data) == queue


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


def test_callers_join_at_their_places(asterisk: Asterisk, house: Rehearsal) -> None:
    first, second = asterisk.calls_in(), asterisk.calls_in("+358402223333")
    joined = only(house.facts, QueueJoined)
    assert [(fact.call, fact.position, fact.waiting) for fact in joined] == [(first, 1, 1), (second, 2, 2)]
    assert list(house.world.calls.waiting("support")) == [first, second]


def test_an_answered_call_tells_agent_wait_and_talk(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    house.later(12.5)
    facts = asterisk.answered(call, name="Anna")
    answered, left = facts
    assert isinstance(answered, QueueAnswered)
    assert (answered.agent, answered.agent_name, answered.wait) == ("PJSIP/agent1", "Anna", 12.5)
    assert isinstance(left, QueueLeft)
    assert (left.reason, left.wait) == ("answered", 12.5)
    house.later(30)
    (ended,) = asterisk.hangs_up(call)
    assert isinstance(ended, CallEnded)
    assert (ended.wait, ended.talk) == (12.5, 30.0)


# --- an agent who answers is not with the caller yet -----------------------------------------------


def hangs_up_in_the_announcement(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.hangs_up(call)


def times_out(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.gives_up(call, "TIMEOUT")


def uses_the_exit_key(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.presses(call) + asterisk.runs(call, "NoOp")


def hangs_up_in_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.hangs_up(call)


def loses_the_agent_in_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.hangs_up(call, soft=True)


def is_not_compatible(asterisk: Asterisk, call: str) -> list[Fact]:
    """SYSCOMPAT: no member variables are set."""
    return asterisk.let_go(call, told=False) + asterisk.hangs_up(call, soft=True)


def hangs_up_just_before_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    """app_queue bridges the two for a moment all the same."""
    facts = asterisk.house.tell(HangupRequested(at=asterisk.house.at, call=call))
    return facts + asterisk.let_go(call) + asterisk.bridged(call) + asterisk.bridge_left(call)


def comes_into_the_bridge_that_the_agent_has_left(asterisk: Asterisk, call: str) -> list[Fact]:
    house = asterisk.house
    facts = asterisk.let_go(call)
    facts += house.tell(BridgeEntered(at=house.at, call=call, bridge="b", when=house.at, channels=(call,)))
    return facts + asterisk.bridge_left(call) + asterisk.hangs_up(call, soft=True)


def comes_into_the_bridge_of_an_agent_who_has_hung_up(asterisk: Asterisk, call: str) -> list[Fact]:
    house = asterisk.house
    agent = Channel(id="PJSIP/agent1.1", name="PJSIP/agent1-0000002a")
    house.tell(ChannelCreated(at=house.at, channel=agent, when=house.at))
    facts = asterisk.let_go(call) + house.tell(HangupRequested(at=house.at, call=agent.id))
    return facts + asterisk.bridged(call) + asterisk.bridge_left(call) + asterisk.hangs_up(call, soft=True)


def is_gone_without_a_word(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.destroyed(call)


BEFORE_THE_BRIDGE = pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (hangs_up_in_the_announcement, "abandoned"),
        (times_out, "timeout"),
        (uses_the_exit_key, "key"),
        (hangs_up_in_the_gosub, "abandoned"),
        (hangs_up_just_before_the_gosub, "abandoned"),
        (comes_into_the_bridge_that_the_agent_has_left, "agent_gone"),
        (comes_into_the_bridge_of_an_agent_who_has_hung_up, "agent_gone"),
        (loses_the_agent_in_the_gosub, "agent_gone"),
        (is_not_compatible, "agent_gone"),
        (is_gone_without_a_word, "abandoned"),
    ],
)


@BEFORE_THE_BRIDGE
@pytest.mark.parametrize("agents", [1, 2])
def test_an_answer_before_the_bridge_is_none(
    asterisk: Asterisk, happens: Callable[[Asterisk, str], list[Fact]], reason: str, agents: int
) -> None:
    call = asterisk.calls_in()
    for number in range(agents):
        assert asterisk.agent_answers(call, f"PJSIP/agent{number}") == []
    facts = happens(asterisk, call)
    assert [fact.reason for fact in only(facts, QueueLeft)] == [reason]
    assert only(facts, QueueAnswered) == []
    assert asterisk.house.world.calls.waiting("support") == []
    if call in asterisk.channels:
        facts += asterisk.hangs_up(call)
    (ended,) = only(facts, CallEnded)
    assert (ended.talk, ended.agent) == (0.0, None)
    assert not len(asterisk.house.world.calls.handling)


def test_the_wait_ends_when_app_queue_lets_the_caller_go_and_the_talk_begins_with_the_bridge(
    asterisk: Asterisk, house: Rehearsal
) -> None:
    call, behind = asterisk.calls_in(), asterisk.calls_in("+358402223333")
    house.later(3)
    asterisk.agent_answers(call, "PJSIP/agent2")
    house.later(3)
    asterisk.agent_answers(call, "PJSIP/agent1")
    house.later(3)
    assert asterisk.let_go(call, name="Anna") == []
    assert list(house.world.calls.waiting("support")) == [behind]
    house.later(2)
    answered, left = asterisk.bridged(call)
    assert (answered.agent, answered.agent_name, answered.wait) == ("PJSIP/agent1", "Anna", 9.0)
    assert (left.reason, left.wait) == ("answered", 9.0)
    house.later(30)
    (ended,) = asterisk.hangs_up(call)
    assert (ended.wait, ended.talk) == (9.0, 30.0)


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (lambda asterisk, call: asterisk.answered(call, name="Anna"), ReservationAnswered),
        (lambda asterisk, call: asterisk.gives_up(call, "TIMEOUT"), ReservationLeft),
    ],
)
def test_what_becomes_of_a_reservation_is_no_fact_but_told(
    house: Rehearsal,
    asterisk: Asterisk,
    happens: Callable[..., Any],
    told: type[ReservationAnswered] | type[ReservationLeft],
) -> None:
    call = in_queue("callcentre-agent-c1")
    asterisk.channels[call] = Channel(id=call, name="Local/support@callcentre-reserve-00000001;2")
    asterisk.joins(call)
    house.later(4)
    house.commands.clear()
    assert happens(asterisk, call) == []
    (ask,) = (ask for ask in house.commands if isinstance(ask, (ReservationAnswered, ReservationLeft)))
    if told is ReservationAnswered:
        assert ask == ReservationAnswered(at=house.at, call=call, agent="PJSIP/agent1", agent_name="Anna", wait=4.0)
    else:
        assert ask == ReservationLeft(at=house.at, call=call, reason="timeout")


def test_who_is_let_go_after_an_agent_was_gone_leaves_with_the_key(asterisk: Asterisk) -> None:
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.presses(call)
    facts = asterisk.runs(call, "Playback", "menu")
    assert [fact.reason for fact in facts] == ["key"]


@pytest.mark.parametrize("told", [True, False])
def test_an_agent_whose_answer_was_not_heard_is_known_all_the_same(
    asterisk: Asterisk, house: Rehearsal, told: bool
) -> None:
    call = asterisk.calls_in()
    agent = Channel(id="PJSIP/agent1.1", name="PJSIP/agent1-0000002a")
    house.tell(ChannelCreated(at=house.at, channel=agent, when=house.at))
    asterisk.let_go(call, told=told)
    answered, _ = asterisk.bridged(call)
    assert answered.agent == "PJSIP/agent1"


def test_the_agent_is_known_by_the_phone_when_the_queue_does_not_say(asterisk: Asterisk) -> None:
    call = asterisk.calls_in()
    answered, _ = asterisk.answered(call, "PJSIP/agent2", told=False)
    assert answered.agent == "PJSIP/agent2"
    assert answered.agent_name is None


def test_a_transfer_goes_on_talking_and_is_no_second_joining(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    asterisk.answered(call)
    house.later(10)
    # On a blind transfer Asterisk tells of Queue once more for a caller who is in no queue.
    asterisk.runs(call, "Queue", "support,,,,600")
    asterisk.answer_readings()
    asterisk.bridge_left(call)
    asterisk.runs(call, "Dial", "PJSIP/agent2")
    house.later(5)
    asterisk.bridge_entered(call)
    house.later(20)
    (ended,) = asterisk.hangs_up(call)
    assert ended.talk == 35.0
    assert len(only(house.facts, QueueJoined)) == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [("TIMEOUT", "timeout"), ("LEAVEEMPTY", "leave_empty"), ("LEAVEUNAVAIL", "leave_unavailable"), ("NEW", "unknown")],
)
def test_a_caller_given_up_on_left_for_the_reason_that_app_queue_names(
    asterisk: Asterisk, house: Rehearsal, status: str, reason: str
) -> None:
    call = asterisk.calls_in()
    house.later(60)
    (left,) = asterisk.gives_up(call, status)
    assert (left.reason, left.wait, left.position) == (reason, 60.0, 1)
    (ended,) = asterisk.destroyed(call)
    assert (ended.wait, ended.talk) == (60.0, 0.0)


@pytest.mark.parametrize(("status", "reason"), [("FULL", "full"), ("JOINEMPTY", "join_empty")])
def test_a_caller_whom_the_queue_refuses_never_joined(
    asterisk: Asterisk, house: Rehearsal, status: str, reason: str
) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    (left,) = asterisk.variable(call, "QUEUESTATUS", status)
    assert (left.reason, left.wait) == (reason, 0.0)
    asterisk.answer_readings()
    asterisk.destroyed(call)
    assert house.names() == ["queue.left"]


def test_a_caller_who_hangs_up_abandoned(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    house.later(7)
    left, ended = asterisk.hangs_up(call)
    assert (left.reason, left.wait) == ("abandoned", 7.0)
    assert isinstance(ended, CallEnded)
    assert not house.world.calls.waiting("support")


def test_a_caller_who_hangs_up_before_the_place_was_read_still_joined(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "Queue", "support")
    asterisk.queues["support"] = [call]
    asterisk.hangs_up(call)
    assert house.names() == ["queue.joined", "queue.left", "call.ended"]


def test_the_exit_key_and_the_way_back_are_a_leaving_and_a_second_joining(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    house.later(5)
    assert asterisk.presses(call) == []
    (left,) = asterisk.runs(call, "NoOp")
    assert (left.reason, left.wait) == ("key", 5.0)
    house.later(2)
    (joined,) = asterisk.joins(call)
    assert isinstance(joined, QueueJoined)
    house.later(3)
    _, ended = asterisk.hangs_up(call)
    assert ended.wait == 8.0


def test_a_caller_back_in_the_queue_and_answered_before_the_place_was_read_is_answered(
    asterisk: Asterisk, house: Rehearsal
) -> None:
    call = asterisk.calls_in()
    asterisk.presses(call)
    asterisk.runs(call, "NoOp")
    house.facts.clear()
    asterisk.runs(call, "Queue", "support")
    asterisk.queues["support"] = [call]
    asterisk.answered(call)
    assert house.names() == ["queue.joined", "queue.answered", "queue.left"]
    asterisk.hangs_up(call)
    assert "call.ended" in house.names()


def test_a_call_not_seen_yet_is_asked_for_again(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.runs(call, "ExecIf", "1?Queue(support)")
    assert asterisk.answer_readings() == []
    asterisk.queues["support"] = [call]
    house.tell(Tick(at=house.at))
    (joined,) = asterisk.answer_readings()
    assert isinstance(joined, QueueJoined)


def test_a_queue_of_no_service_is_none_of_our_business(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.arrives()
    asterisk.joins(call, "warehouse")
    asterisk.hangs_up(call)
    assert house.facts == []


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
def test_a_shared_queue_is_told_apart_by_entry_then_by_the_number_dialled(
    entered_as: str, dialled: str, service: str
) -> None:
    house = Rehearsal(TWO_OF_ONE_QUEUE)
    asterisk = Asterisk(house)
    asterisk.connect()
    call = asterisk.arrives(dialled=dialled)
    if entered_as:
        asterisk.variable(call, "CALLCENTRE_SERVICE", entered_as)
    (joined,) = only(asterisk.joins(call), QueueJoined)
    assert joined.service == service


def test_the_entry_into_stasis_names_the_service_too() -> None:
    house = Rehearsal(TWO_OF_ONE_QUEUE)
    asterisk = Asterisk(house)
    asterisk.connect()
    call = asterisk.arrives()
    house.tell(StasisStarted(at=house.at, channel=asterisk.channels[call], arguments=("enter", "sales")))
    assert house.take(ContinueCall) == [ContinueCall(call=call)]
    (joined,) = only(asterisk.joins(call), QueueJoined)
    assert joined.service == "sales"


# --- having been away ------------------------------------------------------------------------------


def test_a_second_look_at_the_same_calls_tells_nothing_new(asterisk: Asterisk, house: Rehearsal) -> None:
    waiting, talking = asterisk.calls_in(), asterisk.calls_in("+358402223333")
    asterisk.answered(talking)
    before = len(house.facts)
    house.tell(AsteriskLost(at=house.at, reason="test"))
    house.later(3)
    asterisk.connect()
    assert house.facts[before:] == []
    assert list(house.world.calls.waiting("support")) == [waiting]


def test_a_caller_who_came_while_we_were_away_joined_behind_those_ahead_only(
    asterisk: Asterisk, house: Rehearsal
) -> None:
    asterisk.calls_in()
    house.tell(AsteriskLost(at=house.at, reason="test"))
    for number in ("+358402223333", "+358403334444"):
        call = asterisk.arrives(number)
        asterisk.runs(call, "Queue", "support")
        asterisk.queues["support"].append(call)
    house.facts.clear()
    for entering in tuple(asterisk.house.world.calls.entering.values()):
        asterisk.house.world.calls.entering.delete(entering)
    asterisk.connect()
    joined = only(house.facts, QueueJoined)
    assert [(fact.position, fact.waiting) for fact in joined] == [(2, 2), (3, 3)]


def test_what_became_of_callers_meanwhile_is_told_as_far_as_it_shows(asterisk: Asterisk, house: Rehearsal) -> None:
    gone, answered, timed_out = (asterisk.calls_in(number) for number in (MATTI, "+358402223333", "+358403334444"))
    house.tell(AsteriskLost(at=house.at, reason="test"))
    house.facts.clear()
    del asterisk.channels[gone]
    asterisk.talking[answered] = "PJSIP/agent1-00000007"
    asterisk.variables[answered] = {"MEMBERINTERFACE": "PJSIP/agent1", "MEMBERNAME": "Anna", "QEHOLDTIME": "4"}
    asterisk.variables[timed_out] = {"QUEUESTATUS": "TIMEOUT"}
    asterisk.channels[timed_out] = replace(asterisk.channels[timed_out], app="Playback", app_data="sorry")
    asterisk.queues["support"] = []
    house.later(10)
    asterisk.connect()
    told = {(fact.call, fact.name, fact.reason) for fact in house.facts}
    assert told == {
        (gone, "queue.left", "unknown"),
        (gone, "call.ended", None),
        (answered, "queue.answered", None),
        (answered, "queue.left", "answered"),
        (timed_out, "queue.left", "timeout"),
    }
    (answer,) = only(house.facts, QueueAnswered)
    assert (answer.agent, answer.agent_name, answer.wait) == ("PJSIP/agent1", "Anna", 4.0)


@pytest.mark.parametrize("variables", [{}, {"MEMBERINTERFACE": "PJSIP/agent2", "QEHOLDTIME": "4"}])
@BEFORE_THE_BRIDGE
def test_a_restart_in_the_announcement_takes_nobody_for_answered(
    house: Rehearsal, asterisk: Asterisk, happens: Any, reason: str, variables: dict[str, str]
) -> None:
    """The variables are those of an earlier visit."""
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.variables[call] = variables
    after = house.restarted()
    asterisk.restarts_us(after)
    facts = happens(asterisk, call)
    # Of an agent whom app_queue did not name either, nobody has heard.
    expected = "abandoned" if happens is is_not_compatible else reason
    assert [fact.reason for fact in only(facts, QueueLeft)] == [expected]
    assert only(after.facts, QueueAnswered) == []


@pytest.mark.parametrize("app", ["Queue", "AGI"])
@pytest.mark.parametrize("known", [True, False])
def test_a_restart_between_the_queue_and_the_bridge_waits_for_the_bridge(
    house: Rehearsal, asterisk: Asterisk, app: str, known: bool
) -> None:
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.let_go(call)
    asterisk.variables[call] = {"MEMBERINTERFACE": "PJSIP/agent1", "QEHOLDTIME": "4"}
    asterisk.channels[call] = replace(asterisk.channels[call], app=app)
    if not known:
        house.disk.clear()
    after = house.restarted()
    before = len(after.facts)
    asterisk.restarts_us(after)
    assert after.facts[before:] == []
    if app == "Queue" or known:
        facts = asterisk.bridged(call)
        assert [fact.reason for fact in only(facts, QueueLeft)] == ["answered"]


@pytest.mark.parametrize("abandoned", [False, True])
def test_who_talked_and_is_elsewhere_was_answered_meanwhile(
    house: Rehearsal, asterisk: Asterisk, abandoned: bool
) -> None:
    """The member's variables may be those of an earlier visit; ABANDONED is of the last."""
    call = asterisk.calls_in()
    asterisk.variables[call] = {"MEMBERINTERFACE": "PJSIP/agent1", "QEHOLDTIME": "4"}
    if abandoned:
        asterisk.variables[call]["ABANDONED"] = "TRUE"
    asterisk.channels[call] = replace(asterisk.channels[call], app="Playback", app_data="goodbye")
    asterisk.queues["support"] = []
    house.later(60)
    asterisk.restarts_us(after := house.restarted())
    assert [fact.wait for fact in only(after.facts, QueueAnswered)] == ([] if abandoned else [4.0])
    assert [fact.reason for fact in only(after.facts, QueueLeft)] == (["unknown"] if abandoned else ["answered"])


def test_the_hold_time_of_an_earlier_visit_is_none_of_a_caller_who_is_found_waiting(
    asterisk: Asterisk, house: Rehearsal
) -> None:
    call = asterisk.arrives()
    asterisk.channels[call] = replace(asterisk.channels[call], app="Queue", app_data="support")
    asterisk.queues["support"] = [call]
    asterisk.variables[call] = {"QEHOLDTIME": "600"}
    asterisk.connect()
    house.later(5)
    answered, _ = asterisk.answered(call)
    assert answered.wait == 5.0


def test_the_talk_of_a_call_that_ended_unseen_counts_until_it_was_last_surely_there(
    asterisk: Asterisk, house: Rehearsal
) -> None:
    call = asterisk.calls_in()
    asterisk.answered(call)
    house.later(20)
    house.tell(Tick(at=house.at))
    house.later(3600)
    del asterisk.channels[call]
    house.facts.clear()
    asterisk.connect()
    (ended,) = house.facts
    assert ended.talk == 20.0
    assert not len(house.world.calls.handling), "nobody knows how long it took the agent"


def test_a_count_that_stays_different_has_everything_read_anew(asterisk: Asterisk, house: Rehearsal) -> None:
    asterisk.calls_in()
    strange = QueueReading(queue="support", waiting=2, places={}, complete=False)

    def read() -> None:
        house.tell(QueueRead(at=house.at, asked=house.at, reading=strange))

    read()
    # Whom a count has too many is looked for at once, and once more when the count stays so.
    assert house.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    house.later(4)
    read()
    assert house.take(Synchronise) == []
    assert house.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    read()
    house.later(4)
    read()
    assert house.take(Synchronise) == [Synchronise()]


# --- a queue that a script starts ------------------------------------------------------------------


AGI = "queue.sh"


def runs_script(asterisk: Asterisk) -> str:
    """A channel whose AGI script has started Queue(): Asterisk knows, and no event told."""
    call = asterisk.arrives()
    asterisk.runs(call, "AGI", AGI)
    asterisk.channels[call] = replace(asterisk.channels[call], app="Queue", app_data="support,,,,600")
    asterisk.queues.setdefault("support", []).append(call)
    return call


def answer_looks(asterisk: Asterisk) -> list[Fact]:
    """Asterisk says what the channels run that it was asked for."""
    facts: list[Fact] = []
    for look in asterisk.house.take(LookAt):
        channel = asterisk.channels[look.call]
        facts += asterisk.house.tell(ChannelSeen(at=asterisk.house.at, channel=channel))
    return facts + asterisk.answer_readings()


def begins(asterisk: Asterisk, call: str) -> None:
    asterisk.variable(call, "QUEUEWAIT", "")


def rings(asterisk: Asterisk, call: str) -> None:
    asterisk.house.tell(AgentDialled(at=asterisk.house.at, call=call, peer="p", rings=False))


def is_read(asterisk: Asterisk, _call: str) -> None:
    asterisk.house.tell(QueueRead(at=asterisk.house.at, asked=asterisk.house.at, reading=asterisk.reading("support")))


@pytest.mark.parametrize("sign", [begins, rings, is_read])
def test_a_queue_that_a_script_starts_is_found_without_a_reconnect(
    asterisk: Asterisk, house: Rehearsal, sign: Callable[..., Any]
) -> None:
    call = runs_script(asterisk)
    house.take(ReadQueue)
    sign(asterisk, call)
    house.later(0.01)
    (joined,) = only(answer_looks(asterisk), QueueJoined)
    assert (joined.call, joined.position) == (call, 1)
    house.later(2)
    answered, _ = asterisk.answered(call)
    assert answered.wait == pytest.approx(2.01)
    assert house.take(Synchronise) == []


@pytest.mark.parametrize("sign", [begins, rings, None])
def test_a_queue_that_a_script_starts_and_an_agent_answers_at_once_is_told(
    asterisk: Asterisk, house: Rehearsal, sign: Callable[..., Any] | None
) -> None:
    call = runs_script(asterisk)
    if sign is not None:
        sign(asterisk, call)
    assert asterisk.answered(call, name="Anna") == []
    house.later(0.01)
    facts = answer_looks(asterisk)
    assert [type(fact) for fact in facts] == [QueueJoined, QueueAnswered, QueueLeft]
    assert (facts[1].agent, facts[1].agent_name) == ("PJSIP/agent1", "Anna")
    house.later(5)
    (ended,) = only(asterisk.hangs_up(call), CallEnded)
    assert ended.talk == 5.01


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda asterisk, call: asterisk.gives_up(call, "TIMEOUT"), "timeout"),
        (lambda asterisk, call: asterisk.variable(call, "QUEUESTATUS", "JOINEMPTY"), "join_empty"),
    ],
)
def test_whom_the_queue_of_a_script_gives_up_at_once_is_told(
    asterisk: Asterisk, happens: Callable[..., Any], reason: str
) -> None:
    call = runs_script(asterisk)
    begins(asterisk, call)
    assert happens(asterisk, call) == []
    facts = answer_looks(asterisk)
    assert [fact.reason for fact in only(facts, QueueLeft)] == [reason]


def test_a_script_that_starts_no_queue_of_ours_is_let_be(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.arrives()
    rings(asterisk, call)
    begins(asterisk, call)
    assert house.take(LookAt) == [], "no script runs"
    asterisk.runs(call, "AGI", AGI)
    rings(asterisk, call)
    asterisk.channels[call] = replace(asterisk.channels[call], app="Dial", app_data="PJSIP/agent1")
    assert answer_looks(asterisk) == []
    assert not len(house.world.calls.entering)
    asterisk.runs(call, "NoOp")
    begins(asterisk, call)
    assert house.take(LookAt) == []


@pytest.mark.parametrize("placed", [True, False])
def test_the_wait_of_a_caller_who_was_found_late_is_what_app_queue_says(
    asterisk: Asterisk, house: Rehearsal, placed: bool
) -> None:
    call = runs_script(asterisk)
    house.later(30)
    is_read(asterisk, call)
    if placed:
        answer_looks(asterisk)
    house.later(5)
    asterisk.agent_answers(call)
    asterisk.variable(call, "QEHOLDTIME", "35")
    asterisk.let_go(call)
    facts = asterisk.bridged(call) + answer_looks(asterisk)
    assert [fact.wait for fact in only(facts, QueueAnswered)] == [35.0]


def test_app_queues_whole_seconds_do_not_change_a_wait_that_was_seen(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    house.later(5.2)
    asterisk.agent_answers(call)
    asterisk.variable(call, "QEHOLDTIME", "6")
    asterisk.let_go(call)
    answered, _ = asterisk.bridged(call)
    assert answered.wait == 5.2


def test_who_is_on_duty_is_what_was_read_last(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.calls_in()
    asterisk.members["support"] = (
        Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),
        Member("PJSIP/agent2", paused=True, state="NOT_INUSE"),
        Member("PJSIP/agent3", paused=False, state="INUSE"),
        Member("PJSIP/agent4", paused=False, state="UNAVAILABLE"),
        Member("PJSIP/agent5", paused=False, state="INVALID"),
    )
    house.tell(QueueRead(at=house.at, asked=house.at, reading=asterisk.reading("support")))
    duty = house.world.calls.duty["support"]
    assert (duty.on_duty, duty.ready) == (2, 1)
    asterisk.hangs_up(call)
    assert house.world.calls.duty["support"] == duty


def test_the_lease_is_renewed_only_while_we_hear_asterisk(house: Rehearsal) -> None:
    house.tell(Tick(at=house.at))
    assert house.take(RenewLease) == []
    Asterisk(house).connect()
    house.tell(Tick(at=house.at + timedelta(seconds=1)))
    assert len(house.take(RenewLease)) == 2
    house.tell(AsteriskLost(at=house.at, reason="test"))
    house.tell(Tick(at=house.at + timedelta(seconds=2)))
    assert house.take(RenewLease) == []


def test_whoever_is_handed_to_us_without_words_goes_on_too(asterisk: Asterisk, house: Rehearsal) -> None:
    call = asterisk.arrives()
    house.tell(StasisStarted(at=house.at, channel=asterisk.channels[call], arguments=()))
    assert house.take(ContinueCall) == [ContinueCall(call=call)]


# --- any order of things ---------------------------------------------------------------------------


class QueueLife(RuleBasedStateMachine):
    """Callers come, are answered, hang up, time out, use the exit key; we lose Asterisk and find it again."""

    @initialize()
    def begin(self) -> None:
        self.house = Rehearsal(NO_WELCOME)
        self.asterisk = Asterisk(self.house)
        self.asterisk.connect()
        self.number = 0

    @rule(seconds=st.floats(0.1, 50))
    def time_passes(self, seconds: float) -> None:
        self.house.later(round(seconds, 1))

    @rule()
    def somebody_calls(self) -> None:
        self.number += 1
        self.asterisk.calls_in(f"+3584011{self.number:05d}")

    @precondition(lambda self: self.asterisk.queues.get("support"))
    @rule(data=st.data(), way=st.sampled_from(["answered", "hangs_up", "timeout", "key"]))
    def somebody_leaves_the_queue(self, data: st.DataObject, way: str) -> None:
        call = data.draw(st.sampled_from(self.asterisk.queues["support"]))
        match way:
            case "answered":
                self.asterisk.answered(call)
            case "hangs_up":
                self.asterisk.hangs_up(call)
            case "timeout":
                self.asterisk.gives_up(call, "TIMEOUT")
            case _:
                self.asterisk.presses(call)
                self.asterisk.runs(call, "NoOp")
                self.asterisk.joins(call)

    @precondition(lambda self: self.asterisk.talking)
    @rule(data=st.data())
    def a_conversation_ends(self, data: st.DataObject) -> None:
        self.asterisk.hangs_up(data.draw(st.sampled_from(sorted(self.asterisk.talking))))

    @rule(lost=st.sets(st.integers(0, 5)), answered=st.sets(st.integers(0, 5)))
    def we_are_away(self, lost: set[int], answered: set[int]) -> None:
        self.house.tell(AsteriskLost(at=self.house.at, reason="test"))
        queue = self.asterisk.queues.setdefault("support", [])
        for index, call in list(enumerate(queue)):
            if index in lost:
                queue.remove(call)
                del self.asterisk.channels[call]
            elif index in answered:
                queue.remove(call)
                self.asterisk.talking[call] = "PJSIP/agent1-00000001"
        self.number += 1
        late = f"late.{self.number}"
        self.asterisk.channels[late] = Channel(
            id=late, name=f"PJSIP/late-{self.number:08x}", number=f"+3584022{self.number:05d}", app="Queue",
            app_data="support",
        )  # fmt: skip
        queue.append(late)
        self.house.later(5)
        self.asterisk.connect()

    @invariant()
    def the_view_is_the_queue(self) -> None:
        assert list(self.house.world.calls.waiting("support")) == self.asterisk.queues.get("support", [])

    @invariant()
    def joining_and_leaving_balance(self) -> None:
        joined = sum(isinstance(fact, QueueJoined) for fact in self.house.facts)
        left = sum(isinstance(fact, QueueLeft) for fact in self.house.facts)
        assert joined - left == len(self.asterisk.queues.get("support", []))

    @invariant()
    def nothing_is_kept_of_calls_that_ended(self) -> None:
        calls = self.house.world.calls
        assert set(calls.calls) <= set(self.asterisk.channels)
        assert set(calls.live) <= set(self.asterisk.channels)
        assert set(calls.signs) <= set(calls.calls) | set(calls.entering)


QueueLife.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=30, deadline=None)
TestQueueLife = QueueLife.TestCase
