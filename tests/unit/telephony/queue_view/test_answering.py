"""An agent who answers is not with the caller yet: the wait and the talk end and begin where app_queue says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callcentre.kernel.fact import Fact
from callcentre.telephony.dialling.reservations import in_queue
from callcentre.telephony.events import (
    Channel,
    ChannelCreated,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueLeft
from callcentre.telephony.queue_view.model import ReservationAnswered, ReservationLeft
from tests.cast import AINO, ANNA, BO
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.before_the_bridge import BEFORE_THE_BRIDGE
from tests.unit.telephony.queue_view.heard import only

# --- an agent who answers is not with the caller yet -----------------------------------------------


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
    assert asterisk.rehearsal.world.calls.waiting("support") == []
    if call in asterisk.channels:
        facts += asterisk.hangs_up(call)
    (ended,) = only(facts, CallEnded)
    assert (ended.talk, ended.agent) == (0.0, None)
    assert not len(asterisk.rehearsal.world.calls.handling)


def test_the_wait_ends_when_app_queue_lets_the_caller_go_and_the_talk_begins_with_the_bridge(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call, behind = asterisk.calls_in(), asterisk.calls_in(AINO)
    rehearsal.later(3)
    asterisk.agent_answers(call, BO)
    rehearsal.later(3)
    asterisk.agent_answers(call, ANNA)
    rehearsal.later(3)
    assert asterisk.let_go(call, name="Anna") == []
    assert list(rehearsal.world.calls.waiting("support")) == [behind]
    rehearsal.later(2)
    answered, left = asterisk.bridged(call)
    assert (answered.agent, answered.agent_name, answered.wait) == (ANNA, "Anna", 9.0)
    assert (left.reason, left.wait) == ("answered", 9.0)
    rehearsal.later(30)
    (ended,) = asterisk.hangs_up(call)
    assert (ended.wait, ended.talk) == (9.0, 30.0)


@pytest.mark.parametrize(
    ("happens", "reported"),
    [
        (lambda asterisk, call: asterisk.answered(call, name="Anna"), ReservationAnswered),
        (lambda asterisk, call: asterisk.gives_up(call, "TIMEOUT"), ReservationLeft),
    ],
)
def test_what_becomes_of_a_reservation_is_no_fact_but_a_command(
    rehearsal: Rehearsal,
    asterisk: Asterisk,
    happens: Callable[..., Any],
    reported: type[ReservationAnswered] | type[ReservationLeft],
) -> None:
    call = in_queue("callcentre-agent-c1")
    asterisk.channels[call] = Channel(id=call, name="Local/support@callcentre-reserve-00000001;2")
    asterisk.joins(call)
    rehearsal.later(4)
    rehearsal.commands.clear()
    assert happens(asterisk, call) == []
    (ask,) = (ask for ask in rehearsal.commands if isinstance(ask, (ReservationAnswered, ReservationLeft)))
    if reported is ReservationAnswered:
        assert ask == ReservationAnswered(at=rehearsal.at, call=call, agent=ANNA, agent_name="Anna", wait=4.0)
    else:
        assert ask == ReservationLeft(at=rehearsal.at, call=call, reason="timeout")


def test_a_caller_who_is_let_go_after_an_agent_was_gone_leaves_with_the_key(asterisk: Asterisk) -> None:
    call = asterisk.calls_in()
    asterisk.agent_answers(call)
    asterisk.presses(call)
    facts = asterisk.runs(call, "Playback", "menu")
    assert [fact.reason for fact in facts] == ["key"]


@pytest.mark.parametrize("reported", [True, False])
def test_an_agent_whose_answer_was_not_heard_is_known_all_the_same(
    asterisk: Asterisk, rehearsal: Rehearsal, reported: bool
) -> None:
    call = asterisk.calls_in()
    agent = Channel(id="PJSIP/agent1.1", name="PJSIP/agent1-0000002a")
    rehearsal.tell(ChannelCreated(at=rehearsal.at, channel=agent, when=rehearsal.at))
    asterisk.let_go(call, reported=reported)
    answered, _ = asterisk.bridged(call)
    assert answered.agent == ANNA


def test_the_agent_is_known_by_the_phone_when_the_queue_does_not_say(asterisk: Asterisk) -> None:
    call = asterisk.calls_in()
    answered, _ = asterisk.answered(call, BO, reported=False)
    assert answered.agent == BO
    assert answered.agent_name is None
