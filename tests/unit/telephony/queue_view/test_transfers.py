"""A caller who is transferred to another queue is one call, and a consultation is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callcentre.telephony.events import (
    AgentAnswered,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.following import other_half
from callcentre.telephony.queue_view.model import CallOver, Conversation, Stage
from tests.cast import AINO, ANNA, BO, MATTI
from tests.unit.telephony.queue_view.wire import (
    SERVED,
    Wire,
    blind,
    blind_behind_local,
    by_code,
    by_phone,
    completes,
    talks,
)

# --- transfers into another queue ------------------------------------------------------------------


@pytest.mark.parametrize("way", [blind, blind_behind_local])
def test_the_talk_before_a_transfer_is_that_of_the_first_visit_alone(wire: Wire, way: Callable[..., Any]) -> None:
    caller = talks(wire)
    channel = way(wire, caller)
    assert wire.call(channel).conversations == (
        Conversation(
            service="support", queue="support", agent=ANNA, agent_name=None, wait=2.0, talk=3.5
        ),
    )  # fmt: skip
    wire.rehearsal.later(4)
    wire.connects(channel, "PJSIP/agent2-00000009", "second")
    wire.rehearsal.later(7)
    if channel == caller:
        wire.ends(caller, "second")
    else:
        near = other_half(channel) or ""
        wire.leaves(caller, "talk")
        wire.leaves(near, "talk")
        wire.destroyed(caller)
        wire.destroyed(near)
        wire.ends(channel, "second")
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.queue, ended.talk, ended.wait) == (caller, "sales", 7.0, 6.0)
    assert {fact[2] for fact in wire.facts} == {caller}
    (over,) = [ask for ask in wire.rehearsal.commands if isinstance(ask, CallOver)]
    assert [(one.queue, one.talk) for one in over.conversations] == [("support", 3.5), ("sales", 7.0)]
    handled = {one.service: one.talks for one in wire.rehearsal.world.calls.handling.values()}
    assert handled == ({"support": (3.5,), "sales": (7.0,)} if channel == caller else {"support": (3.5,)})


def test_a_caller_who_goes_on_after_the_channel_between_is_gone_is_the_same_call(wire: Wire) -> None:
    caller = talks(wire)
    far = blind_behind_local(wire, caller)
    near = other_half(far) or ""
    wire.connects(far, "PJSIP/agent2-00000009", "second")
    wire.rehearsal.later(5)
    wire.ends(far, "second")
    assert wire.only(CallEnded) == []
    wire.leaves(near, "talk")
    wire.destroyed(near)
    wire.leaves(caller, "talk")
    wire.steps(caller, "Playback", "goodbye")
    wire.rehearsal.later(3)
    wire.destroyed(caller)
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.talk) == (caller, 5.0)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("known", [True, False], ids=["of-a-queue", "of-the-receptionist"])
def test_a_consultation_by_code_becomes_the_callers(wire: Wire, answered: bool, known: bool) -> None:
    if known:
        caller = talks(wire)
    else:
        caller = wire.created("PJSIP/trunk-00000001", MATTI)
        wire.enters(wire.created("PJSIP/agent1-00000002", "200"), "talk")
        wire.enters(caller, "talk")
    near, far = by_code(wire)
    before = len(wire.facts)
    wire.rehearsal.later(6)
    if answered:
        wire.connects(far, "PJSIP/agent2-00000009", "second")
        wire.rehearsal.later(2)
    assert len(wire.facts) == before, "nothing is reported of a consultation"
    completes(wire, near)
    joined = wire.only(QueueJoined)[-1]
    assert (joined.queue, joined.call, joined.position, joined.number) == ("sales", caller, 1, "+35840•••22")
    wire.rehearsal.later(4)
    if not answered:
        wire.connects(far, "PJSIP/agent2-00000009", "second")
        wire.rehearsal.later(4)
    assert [(one.queue, one.agent) for one in wire.only(QueueAnswered)][-1] == ("sales", BO)
    wire.leaves(caller, "talk")
    wire.leaves(near, "talk")
    wire.destroyed(caller)
    wire.destroyed(near)
    wire.ends(far, "second")
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.talk) == (caller, 4.0)
    assert {fact[2] for fact in wire.facts} == {caller}


def test_a_consultation_by_code_that_is_given_up_tells_nothing(wire: Wire) -> None:
    caller = talks(wire)
    near, far = by_code(wire)
    wire.leaves("PJSIP/agent1-00000002", "consult")
    wire.enters("PJSIP/agent1-00000002", "talk")
    wire.leaves(near, "consult")
    wire.hangup(far)
    wire.destroyed(near)
    wire.variable(far, "QUEUEPOSITION", "1")
    wire.destroyed(far)
    assert [fact[:2] for fact in wire.facts] == SERVED
    assert wire.call(caller).stage is Stage.TALKING
    assert list(wire.rehearsal.world.calls.waiting("sales")) == []


def test_a_consultation_by_phone_takes_a_place_and_tells_nothing(wire: Wire) -> None:
    talks(wire)
    second = by_phone(wire)
    behind = wire.created("PJSIP/trunk-00000008", AINO)
    wire.queues(behind, "sales")
    assert wire.only(QueueJoined)[-1].position == 2
    wire.asterisk.queues["sales"].remove(second)
    wire.hangup(second)
    wire.variable(second, "QUEUEPOSITION", "1")
    wire.destroyed(second)
    assert {fact[2] for fact in wire.facts} == {"PJSIP/trunk-00000001", behind}
    assert wire.only(CallEnded) == []


@pytest.mark.parametrize(
    ("name", "number", "quiet"),
    [
        ("PJSIP/agent1-00000007", "200", True),
        ("PJSIP/agent1-00000007", "+358912345679", True),
        ("PJSIP/agent1-00000007", MATTI, False),
        ("PJSIP/agent1-00000007", "", False),
        ("PJSIP/agent1-00000007", "anonymous", False),
        ("PJSIP/agent9-00000007", "200", False),
        ("PJSIP/trunk-00000007", MATTI, False),
    ],
)
def test_only_a_phone_of_the_pbx_with_another_call_consults(wire: Wire, name: str, number: str, quiet: bool) -> None:
    """Two people may call through one trunk, and even with one number."""
    talks(wire)
    wire.queues(wire.created(name, number), "sales")
    assert wire.call(name).consultation is quiet


def test_a_callers_channel_takes_the_place_of_the_phone_that_waits(wire: Wire) -> None:
    caller = talks(wire)
    second = by_phone(wire)
    wire.rehearsal.later(2)
    wire.leaves(caller, "talk")
    wire.leaves("PJSIP/agent1-00000002", "talk")
    place = wire.asterisk.queues["sales"]
    wire.steps(caller, "Queue", "sales")
    place[place.index(second)] = caller
    wire.steps(second, "Queue", "support")
    wire.hangup(second, soft=True)
    wire.destroyed(second)
    wire.asterisk.answer_readings()
    assert [fact[:2] for fact in wire.facts] == [*SERVED, ("queue.joined", "sales")]
    assert {fact[2] for fact in wire.facts} == {caller}
    assert list(wire.rehearsal.world.calls.waiting("sales")) == [caller]


@pytest.mark.parametrize("direct", [True, False])
def test_a_callers_channel_takes_the_place_of_the_phone_that_talks(wire: Wire, direct: bool) -> None:
    caller = talks(wire)
    second = by_phone(wire)
    wire.connects(second, "PJSIP/agent2-00000009", "second")
    wire.rehearsal.later(2)
    if direct:
        wire.leaves(caller, "talk")
        wire.leaves(second, "second")
        wire.enters(caller, "second")
    else:
        near, far = wire.local("d")
        wire.leaves(second, "second")
        wire.enters(far, "second")
        wire.leaves("PJSIP/agent1-00000002", "talk")
        wire.enters(near, "talk")
    wire.hangup(second, soft=True)
    wire.destroyed(second)
    assert [fact[:2] for fact in wire.facts] == [*SERVED, *((name, "sales") for name, _ in SERVED)]
    assert {fact[2] for fact in wire.facts} == {caller}
    assert wire.call(caller if direct else far).agent == BO


@pytest.mark.parametrize("behind_local", [True, False])
def test_a_callers_channel_takes_the_place_of_the_phone_that_is_just_being_answered(
    wire: Wire, behind_local: bool
) -> None:
    """Asterisk tells of Queue() for it once more, and of no bridge: it was given the phone's place in one."""
    caller = talks(wire)
    second = by_phone(wire)
    wire.connects(second, "PJSIP/agent2-00000009", "second")
    if behind_local:
        near, taker = wire.local("b", MATTI)
        wire.leaves("PJSIP/agent1-00000002", "talk")
        wire.enters(near, "talk")
    else:
        taker = caller
        wire.leaves(caller, "talk")
    wire.steps(taker, "Queue", "sales")
    wire.bridges["second"].remove(second)
    wire.bridges["second"].append(taker)
    wire.steps(second, "Dial", ANNA)
    wire.hangup(second, soft=True)
    wire.destroyed(second)
    assert [fact[:2] for fact in wire.facts] == [*SERVED, *((name, "sales") for name, _ in SERVED)]
    assert {fact[2] for fact in wire.facts} == {caller}
    assert not len(wire.rehearsal.world.calls.entering)
    wire.rehearsal.later(4)
    wire.ends(taker, "second")
    if behind_local:
        wire.leaves(near, "talk")
        wire.destroyed(near)
        wire.leaves(caller, "talk")
        wire.destroyed(caller)
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.queue, ended.talk) == (caller, "sales", 4.0)


def test_the_agent_who_answered_before_a_caller_took_the_waiting_phones_place_is_known(wire: Wire) -> None:
    caller = talks(wire)
    second = by_phone(wire)
    agent = "Local/2@x-00000001;1"
    wire.rehearsal.tell(AgentAnswered(at=wire.rehearsal.at, call=second, agent_channel=agent, when=wire.rehearsal.at))
    wire.variable(second, "MEMBERINTERFACE", "Local/2@x/n")
    wire.variable(second, "MEMBERNAME", "Bo")
    wire.leaves(caller, "talk")
    wire.steps(caller, "Queue", "sales")
    wire.hangup(second, soft=True)
    wire.destroyed(second)
    wire.variable(caller, "QUEUEPOSITION", "1")
    wire.created(agent)
    wire.enters(agent, "second")
    wire.enters(caller, "second")
    answered = wire.only(QueueAnswered)[-1]
    assert (answered.queue, answered.agent, answered.agent_name) == ("sales", "Local/2@x/n", "Bo")


def test_a_waiting_channel_whose_place_another_takes_is_the_same_call(wire: Wire) -> None:
    """A transferer who was not known to consult, such as one from outside."""
    first = wire.created("PJSIP/trunk-00000003", "")
    wire.queues(first, "sales")
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    place = wire.asterisk.queues["sales"]
    wire.steps(caller, "Queue", "sales")
    place[place.index(first)] = caller
    wire.destroyed(first)
    wire.asterisk.answer_readings()
    assert wire.facts == [("queue.joined", "sales", first)]
    assert wire.call(caller).call == first
    assert wire.call(caller).number == MATTI
    wire.hangup(caller)
    wire.variable(caller, "QUEUEPOSITION", "1")
    wire.destroyed(caller)
    assert [fact[0] for fact in wire.facts] == ["queue.joined", "queue.left abandoned", "call.ended"]
    assert wire.only(QueueLeft)[0].number == "+35840•••22"
