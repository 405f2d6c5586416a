"""After a break in the connection: what became of callers is reported as far as Asterisk shows it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ReadQueue, Synchronise
from callcentre.telephony.events import (
    AsteriskLost,
    QueueRead,
    QueueReading,
)
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from tests.cast import AINO, ANNA, LIISA, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.before_the_bridge import BEFORE_THE_BRIDGE, is_not_compatible
from tests.unit.telephony.queue_view.heard import only

# --- having been away ------------------------------------------------------------------------------


def test_a_second_look_at_the_same_calls_tells_nothing_new(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    waiting, talking = asterisk.calls_in(), asterisk.calls_in(AINO)
    asterisk.answered(talking)
    before = len(rehearsal.facts)
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    rehearsal.later(3)
    asterisk.connect()
    assert rehearsal.facts[before:] == []
    assert list(rehearsal.world.calls.waiting("support")) == [waiting]


def test_a_caller_who_came_while_we_were_away_joined_behind_those_ahead_only(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    asterisk.calls_in()
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    for number in (AINO, LIISA):
        call = asterisk.arrives(number)
        asterisk.runs(call, "Queue", "support")
        asterisk.queues["support"].append(call)
    rehearsal.facts.clear()
    for entering in tuple(asterisk.rehearsal.world.calls.entering.values()):
        asterisk.rehearsal.world.calls.entering.delete(entering)
    asterisk.connect()
    joined = only(rehearsal.facts, QueueJoined)
    assert [(fact.position, fact.waiting) for fact in joined] == [(2, 2), (3, 3)]


def test_what_became_of_callers_meanwhile_is_reported_as_far_as_it_shows(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    gone, answered, timed_out = (asterisk.calls_in(number) for number in (MATTI, AINO, LIISA))
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    rehearsal.facts.clear()
    del asterisk.channels[gone]
    asterisk.talking[answered] = "PJSIP/agent1-00000007"
    asterisk.variables[answered] = {"MEMBERINTERFACE": ANNA, "MEMBERNAME": "Anna", "QEHOLDTIME": "4"}
    asterisk.variables[timed_out] = {"QUEUESTATUS": "TIMEOUT"}
    asterisk.channels[timed_out] = replace(asterisk.channels[timed_out], app="Playback", app_data="sorry")
    asterisk.queues["support"] = []
    rehearsal.later(10)
    asterisk.connect()
    reported = {(fact.call, fact.name, fact.reason) for fact in rehearsal.facts}
    assert reported == {
        (gone, "queue.left", "unknown"),
        (gone, "call.ended", None),
        (answered, "queue.answered", None),
        (answered, "queue.left", "answered"),
        (timed_out, "queue.left", "timeout"),
    }
    (answer,) = only(rehearsal.facts, QueueAnswered)
    assert (answer.agent, answer.agent_name, answer.wait) == (ANNA, "Anna", 4.0)


@pytest.mark.parametrize("variables", [{}, {"MEMBERINTERFACE": "PJSIP/agent2", "QEHOLDTIME": "4"}])
@BEFORE_THE_BRIDGE
def test_a_restart_in_the_announcement_takes_nobody_for_answered(
    rehearsal: Rehearsal, asterisk: Asterisk, happens: Any, reason: str, variables: dict[str, str]
) -> None:
    """The variables are those of an earlier visit."""
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.variables[call] = variables
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    facts = happens(asterisk, call)
    # Of an agent whom app_queue did not name either, nobody has heard.
    expected = "abandoned" if happens is is_not_compatible else reason
    assert [fact.reason for fact in only(facts, QueueLeft)] == [expected]
    assert only(after.facts, QueueAnswered) == []


@pytest.mark.parametrize("app", ["Queue", "AGI"])
@pytest.mark.parametrize("known", [True, False])
def test_a_restart_between_the_queue_and_the_bridge_waits_for_the_bridge(
    rehearsal: Rehearsal, asterisk: Asterisk, app: str, known: bool
) -> None:
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.let_go(call)
    asterisk.variables[call] = {"MEMBERINTERFACE": ANNA, "QEHOLDTIME": "4"}
    asterisk.channels[call] = replace(asterisk.channels[call], app=app)
    if not known:
        rehearsal.disk.clear()
    after = rehearsal.restarted()
    before = len(after.facts)
    asterisk.restarts_us(after)
    assert after.facts[before:] == []
    if app == "Queue" or known:
        facts = asterisk.bridged(call)
        assert [fact.reason for fact in only(facts, QueueLeft)] == ["answered"]


@pytest.mark.parametrize("abandoned", [False, True])
def test_a_caller_who_talked_and_is_elsewhere_was_answered_meanwhile(
    rehearsal: Rehearsal, asterisk: Asterisk, abandoned: bool
) -> None:
    """The member's variables may be those of an earlier visit; ABANDONED is of the last."""
    call = asterisk.calls_in()
    asterisk.variables[call] = {"MEMBERINTERFACE": ANNA, "QEHOLDTIME": "4"}
    if abandoned:
        asterisk.variables[call]["ABANDONED"] = "TRUE"
    asterisk.channels[call] = replace(asterisk.channels[call], app="Playback", app_data="goodbye")
    asterisk.queues["support"] = []
    rehearsal.later(60)
    asterisk.restarts_us(after := rehearsal.restarted())
    assert [fact.wait for fact in only(after.facts, QueueAnswered)] == ([] if abandoned else [4.0])
    assert [fact.reason for fact in only(after.facts, QueueLeft)] == (["unknown"] if abandoned else ["answered"])


def test_the_hold_time_of_an_earlier_visit_is_none_of_a_caller_who_is_found_waiting(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.arrives()
    asterisk.channels[call] = replace(asterisk.channels[call], app="Queue", app_data="support")
    asterisk.queues["support"] = [call]
    asterisk.variables[call] = {"QEHOLDTIME": "600"}
    asterisk.connect()
    rehearsal.later(5)
    answered, _ = asterisk.answered(call)
    assert answered.wait == 5.0


def test_the_talk_of_a_call_that_ended_unseen_counts_until_it_was_last_surely_there(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    asterisk.answered(call)
    rehearsal.later(20)
    rehearsal.tell(Tick(at=rehearsal.at))
    rehearsal.later(3600)
    del asterisk.channels[call]
    rehearsal.facts.clear()
    asterisk.connect()
    (ended,) = rehearsal.facts
    assert ended.talk == 20.0
    assert not len(rehearsal.world.calls.handling), "nobody knows how long it took the agent"


def test_a_count_that_stays_different_has_everything_read_anew(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    asterisk.calls_in()
    strange = QueueReading(queue="support", waiting=2, places={}, complete=False)

    def read() -> None:
        rehearsal.tell(QueueRead(at=rehearsal.at, asked=rehearsal.at, reading=strange))

    read()
    # Whom a count has too many is looked for at once, and once more when the count stays so.
    assert rehearsal.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    rehearsal.later(4)
    read()
    assert rehearsal.take(Synchronise) == []
    assert rehearsal.take(ReadQueue) == [ReadQueue(queue="support", complete=True)]
    read()
    rehearsal.later(4)
    read()
    assert rehearsal.take(Synchronise) == [Synchronise()]
