"""A caller who goes on with another channel is the same call."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from callcentre.telephony.events import (
    QueueRead,
)
from callcentre.telephony.facts import CallEnded
from callcentre.telephony.queue_view.following import other_half
from callcentre.telephony.queue_view.model import Live, Stage
from callcentre.values.numbers import is_inner
from tests.cast import AINO, ANNA, MATTI
from tests.unit.telephony.queue_view.wire import SERVED, Wire, blind, by_code, completes, talks

# --- Local channels that optimise away -------------------------------------------------------------


def optimises(wire: Wire, near: str, far: str, caller: str, agent_bridge: str, own_bridge: str) -> None:
    """The caller's channel takes the place of the half that was in the queue."""
    wire.leaves(caller, own_bridge)
    wire.leaves(far, agent_bridge)
    wire.enters(caller, agent_bridge)
    wire.hangup(far, soft=True)
    wire.hangup(near)
    wire.destroyed(far)
    wire.leaves(near, own_bridge)
    wire.destroyed(near)


@pytest.mark.parametrize("number", [MATTI, ""])
@pytest.mark.parametrize("restart", [False, True])
def test_a_call_goes_on_with_the_channel_that_took_its_place(wire: Wire, number: str, restart: bool) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    near, far = wire.local("a", number)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    wire.queues(far, "support")
    wire.rehearsal.later(4)
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    wire.rehearsal.later(0.05)
    optimises(wire, near, far, caller, "talk", "own")
    assert wire.only(CallEnded) == []
    if restart:
        wire.restarts()
    wire.rehearsal.later(6)
    assert wire.call(caller).call == far
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.wait, ended.talk, ended.agent) == (far, 4.0, 6.05, ANNA)
    assert ended.number == "+35840•••22"
    assert [fact[:2] for fact in wire.facts] == [*SERVED, ("call.ended", "support")]
    assert wire.rehearsal.world.calls.handling.get("support") is None, "the handle time is of nobody in particular"


@pytest.mark.parametrize("reported", ["by a variable", "when it was asked"])
def test_a_caller_who_withholds_the_number_has_none_though_the_channel_that_goes_on_shows_it(
    wire: Wire, reported: str
) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    near, far = wire.local("a", MATTI)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    if reported == "by a variable":
        wire.variable(far, "CALLINGNUMPRES_SV", "prohib")
        wire.queues(far, "support")
    else:
        wire.steps(far, "Queue", "support")
        wire.asterisk.queues["support"] = [far]
        at, reading = wire.rehearsal.at, wire.asterisk.reading("support")
        wire.rehearsal.tell(QueueRead(at=at, asked=at, reading=reading, presentations={far: "prohib_passed_screen"}))
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    optimises(wire, near, far, caller, "talk", "own")
    wire.ends(caller, "talk")
    assert [fact.number for fact in wire.rehearsal.facts] == [None] * 4


def test_a_number_that_is_known_stays_whatever_the_next_channel_shows(wire: Wire) -> None:
    caller = wire.created("PJSIP/trunk-00000001", AINO)
    near, far = wire.local("a", MATTI)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    wire.queues(far, "support")
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    optimises(wire, near, far, caller, "talk", "own")
    assert wire.call(caller).number == MATTI


@pytest.mark.parametrize("moved", ["caller", "agent", "both"])
@pytest.mark.parametrize("number", [MATTI, ""])
def test_a_caller_who_took_a_place_while_we_were_away_is_found(wire: Wire, moved: str, number: str) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    near, far = wire.local("a", number)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    wire.queues(far, "support")
    agent_near, agent_far = wire.local("b")
    phone = wire.created("PJSIP/agent1-00000002", "200")
    wire.connects(far, agent_near, "talk")
    wire.bridges["talk"] = [
        caller if moved in ("caller", "both") else far, phone if moved in ("agent", "both") else agent_near,
    ]  # fmt: skip
    wire.bridges["own"] = [] if moved in ("caller", "both") else [near, caller]
    if moved in ("caller", "both"):
        del wire.asterisk.channels[far], wire.asterisk.channels[near]
    if moved in ("agent", "both"):
        del wire.asterisk.channels[agent_near], wire.asterisk.channels[agent_far]
    wire.restarts()
    assert wire.only(CallEnded) == []
    assert wire.call(far if moved == "agent" else caller).stage is Stage.TALKING


def test_a_caller_who_hangs_up_before_anybody_takes_their_place_has_ended(wire: Wire) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    wire.queues(caller, "support")
    wire.connects(caller, "PJSIP/agent1-00000002", "talk")
    wire.rehearsal.later(5)
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert ended.talk == 5.0
    assert [one.talks for one in wire.rehearsal.world.calls.handling.values()] == [(5.0,)]


def test_an_agent_whose_local_channel_optimises_away_is_no_other_caller(wire: Wire) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    wire.queues(caller, "support")
    near, far = wire.local("b")
    phone = wire.created("PJSIP/agent1-00000002", "200")
    wire.connects(caller, near, "talk")
    wire.leaves(near, "talk")
    wire.enters(phone, "talk")
    wire.destroyed(near)
    wire.destroyed(far)
    assert wire.call(caller).beside == phone
    wire.rehearsal.later(5)
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert ended.talk == 5.0


def test_keys_of_a_conversation_say_nothing_of_the_next_visit(wire: Wire) -> None:
    caller = talks(wire)
    wire.asterisk.key(caller, "1")
    blind(wire, caller)
    wire.variable(caller, "QUEUEPOSITION", "1")
    wire.steps(caller, "Playback", "sorry")
    assert wire.facts[-1][0] == "queue.left continue"


def test_nothing_is_kept_of_channels_that_are_gone(wire: Wire) -> None:
    caller = talks(wire)
    near, far = by_code(wire)
    completes(wire, near)
    for channel in (near, caller):
        wire.leaves(channel, "talk")
        wire.destroyed(channel)
    wire.hangup(far)
    wire.variable(far, "QUEUEPOSITION", "1")
    wire.destroyed(far)
    calls = wire.rehearsal.world.calls
    assert [len(kept) for kept in (calls.calls, calls.signs, calls.live, calls.entering)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("shown", "inner"),
    [
        ("200", True),
        ("agent1", True),
        ("front-desk", True),
        ("100000", True),
        ("0401112222", False),
        ("+358401112222", False),
        ("", False),
        ("anonymous", False),
        ("Unknown", False),
    ],
)
def test_an_inner_number_is_short_or_has_no_digits(shown: str, inner: bool) -> None:
    assert is_inner(shown) is inner


@pytest.mark.parametrize(
    ("name", "half"),
    [
        ("Local/400@from-internal-00000001;1", "Local/400@from-internal-00000001;2"),
        ("Local/400@from-internal-00000001;2", "Local/400@from-internal-00000001;1"),
        ("PJSIP/agent1-00000001", None),
        ("Local/odd", None),
    ],
)
def test_the_other_half_of_a_local_channel(name: str, half: str | None) -> None:
    assert other_half(name) == half


def test_a_channel_is_found_by_its_name_and_its_bridge(wire: Wire) -> None:
    calls = wire.rehearsal.world.calls
    one = Live(call="1", name="PJSIP/a-00000001", bridge="b")
    calls.put(one)
    calls.put(Live(call="2", name="PJSIP/b-00000002", bridge="b"))
    assert calls.named("PJSIP/a-00000001") == one
    assert [other.call for other in calls.beside(one)] == ["2"]
    moved = replace(one, bridge="c", name="PJSIP/c-00000001")
    calls.put(moved)
    assert calls.named("PJSIP/a-00000001") is None
    assert list(calls.beside(moved)) == []
