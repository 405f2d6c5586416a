"""One person is one call: what is concluded when channels take each other's place, told as Asterisk 22 tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from callcentre.kernel.fact import Fact
from callcentre.telephony.events import (
    AgentAnswered,
    AsteriskLost,
    BridgeEntered,
    BridgeLeft,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    DialplanStep,
    HangupRequested,
    QueueRead,
    VariableSet,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.following import other_half
from callcentre.telephony.queue_view.model import Call, CallOver, Conversation, Live, Stage
from callcentre.values.numbers import is_inner
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

LIISA = "+358402223333"
TWO_QUEUES = {
    "services": {
        "support": {"welcome": None, "survey": None},
        "sales": {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi"},
    }
}


class Wire:
    """Asterisk, an event at a time. A channel is called by its name, which is its id as well."""

    def __init__(self) -> None:
        self.house = Rehearsal(TWO_QUEUES)
        self.asterisk = Asterisk(self.house)
        self.bridges: dict[str, list[str]] = {}
        self.asterisk.connect()

    @property
    def facts(self) -> list[tuple[str, str | None, str | None]]:
        """The facts so far: name and reason, queue, call."""
        return [(f"{one.name} {one.reason or ''}".strip(), one.queue, one.call) for one in self.house.facts]

    def only(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.house.facts if isinstance(fact, kind)]

    def call(self, channel: str) -> Call:
        known = self.house.world.calls.on(channel)
        assert known is not None
        return known

    def _tell(self, event: Any) -> None:
        self.house.tell(event)

    def created(self, name: str, number: str = "") -> str:
        channel = Channel(id=name, name=name, number=number)
        self.asterisk.channels[name] = channel
        self._tell(ChannelCreated(at=self.house.at, channel=channel, when=self.house.at))
        return name

    def local(self, serial: str, number: str = "") -> tuple[str, str]:
        """The halves of a Local channel."""
        return tuple(self.created(f"Local/x@y-{serial * 8};{half}", number) for half in (1, 2))  # type: ignore[return-value]

    def steps(self, name: str, app: str, data: str = "") -> None:
        channel = replace(self.asterisk.channels[name], app=app, app_data=data)
        self.asterisk.channels[name] = channel
        self._tell(DialplanStep(at=self.house.at, channel=channel, when=self.house.at))

    def queues(self, name: str, queue: str) -> None:
        """It runs Queue() and is in it."""
        self.steps(name, "Queue", queue)
        self.asterisk.queues.setdefault(queue, []).append(name)
        self.asterisk.answer_readings()

    def variable(self, name: str, variable: str, value: str) -> None:
        self._tell(VariableSet(at=self.house.at, call=name, name=variable, value=value, when=self.house.at))

    def connects(self, name: str, agent: str, bridge: str) -> None:
        """An agent takes it."""
        self._tell(AgentAnswered(at=self.house.at, call=name, agent_channel=agent, when=self.house.at))
        for queue in self.asterisk.queues.values():
            if name in queue:
                queue.remove(name)
        self.variable(name, "QUEUEPOSITION", "1")
        if agent not in self.asterisk.channels:
            self.created(agent, "agent")
        self.enters(agent, bridge)
        self.enters(name, bridge)

    def enters(self, name: str, bridge: str) -> None:
        members = self.bridges.setdefault(bridge, [])
        members.append(name)
        number = self.asterisk.channels[name].number
        event = BridgeEntered(
            at=self.house.at, call=name, bridge=bridge, when=self.house.at, channels=tuple(members), number=number
        )
        self._tell(event)

    def leaves(self, name: str, bridge: str) -> None:
        self.bridges[bridge].remove(name)
        self._tell(BridgeLeft(at=self.house.at, call=name, bridge=bridge, when=self.house.at))

    def hangup(self, name: str, *, soft: bool = False) -> None:
        self._tell(HangupRequested(at=self.house.at, call=name, soft=soft))

    def destroyed(self, name: str) -> None:
        self.asterisk.channels.pop(name)
        for members in self.bridges.values():
            assert name not in members
        for queue in self.asterisk.queues.values():
            if name in queue:
                queue.remove(name)
        self._tell(ChannelDestroyed(at=self.house.at, call=name, cause=16, when=self.house.at))

    def ends(self, name: str, bridge: str) -> None:
        """A channel in a bridge hangs up."""
        self.hangup(name)
        self.leaves(name, bridge)
        self.destroyed(name)

    def restarts(self) -> None:
        """Another daemon, over what this one had on disk."""
        self.asterisk.talking = {
            one: other
            for members in self.bridges.values()
            for one in members
            for other in members
            if one != other and one in self.asterisk.channels
        }
        self.house.tell(AsteriskLost(at=self.house.at, reason="test"))
        self.house = self.house.restarted()
        self.asterisk.house = self.house
        snapshot = replace(self.asterisk.snapshot(), bridges={b: tuple(m) for b, m in self.bridges.items() if m})
        self.house.tell(snapshot)


@pytest.fixture
def wire() -> Wire:
    return Wire()


SERVED = [("queue.joined", "support"), ("queue.answered", "support"), ("queue.left answered", "support")]


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
    wire.house.later(4)
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    wire.house.later(0.05)
    optimises(wire, near, far, caller, "talk", "own")
    assert wire.only(CallEnded) == []
    if restart:
        wire.restarts()
    wire.house.later(6)
    assert wire.call(caller).call == far
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert (ended.call, ended.wait, ended.talk, ended.agent) == (far, 4.0, 6.05, "PJSIP/agent1")
    assert ended.number == "+35840•••22"
    assert [fact[:2] for fact in wire.facts] == [*SERVED, ("call.ended", "support")]
    assert wire.house.world.calls.handling.get("support") is None, "the handle time is of nobody in particular"


@pytest.mark.parametrize("told", ["by a variable", "when it was asked"])
def test_who_withholds_the_number_has_none_though_the_channel_that_goes_on_shows_it(wire: Wire, told: str) -> None:
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    near, far = wire.local("a", MATTI)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    if told == "by a variable":
        wire.variable(far, "CALLINGNUMPRES_SV", "prohib")
        wire.queues(far, "support")
    else:
        wire.steps(far, "Queue", "support")
        wire.asterisk.queues["support"] = [far]
        at, reading = wire.house.at, wire.asterisk.reading("support")
        wire.house.tell(QueueRead(at=at, asked=at, reading=reading, presentations={far: "prohib_passed_screen"}))
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    optimises(wire, near, far, caller, "talk", "own")
    wire.ends(caller, "talk")
    assert [fact.number for fact in wire.house.facts] == [None] * 4


def test_a_number_that_is_known_stays_whatever_the_next_channel_shows(wire: Wire) -> None:
    caller = wire.created("PJSIP/trunk-00000001", LIISA)
    near, far = wire.local("a", MATTI)
    wire.enters(near, "own")
    wire.enters(caller, "own")
    wire.queues(far, "support")
    wire.connects(far, "PJSIP/agent1-00000002", "talk")
    optimises(wire, near, far, caller, "talk", "own")
    assert wire.call(caller).number == MATTI


@pytest.mark.parametrize("moved", ["caller", "agent", "both"])
@pytest.mark.parametrize("number", [MATTI, ""])
def test_who_took_a_place_while_we_were_away_is_found(wire: Wire, moved: str, number: str) -> None:
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
    wire.house.later(5)
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert ended.talk == 5.0
    assert [one.talks for one in wire.house.world.calls.handling.values()] == [(5.0,)]


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
    wire.house.later(5)
    wire.ends(caller, "talk")
    (ended,) = wire.only(CallEnded)
    assert ended.talk == 5.0


# --- transfers into another queue ------------------------------------------------------------------


def talks(wire: Wire) -> str:
    """A caller of support talks with agent1 for 3.5 s."""
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    wire.queues(caller, "support")
    wire.house.later(2)
    wire.connects(caller, "PJSIP/agent1-00000002", "talk")
    wire.house.later(3.5)
    return caller


def blind(wire: Wire, caller: str) -> str:
    wire.steps(caller, "Queue", "support")  # Told once more, at the place where the caller goes on.
    wire.leaves(caller, "talk")
    wire.queues(caller, "sales")
    return caller


def blind_behind_local(wire: Wire, _caller: str) -> str:
    near, far = wire.local("b", MATTI)
    wire.leaves("PJSIP/agent1-00000002", "talk")
    wire.enters(near, "talk")
    wire.queues(far, "sales")
    return far


def by_code(wire: Wire) -> tuple[str, str]:
    near, far = wire.local("c", "200")
    for half in (near, far):
        wire.variable(half, "TRANSFERERNAME", "PJSIP/agent1-00000002")
    wire.enters(near, "consult")
    wire.leaves("PJSIP/agent1-00000002", "talk")
    wire.enters("PJSIP/agent1-00000002", "consult")
    wire.queues(far, "sales")
    return near, far


def completes(wire: Wire, near: str) -> None:
    wire.leaves("PJSIP/agent1-00000002", "consult")
    wire.leaves(near, "consult")
    wire.enters(near, "talk")
    wire.destroyed("PJSIP/agent1-00000002")


@pytest.mark.parametrize("way", [blind, blind_behind_local])
def test_the_talk_before_a_transfer_is_that_of_the_first_visit_alone(wire: Wire, way: Callable[..., Any]) -> None:
    caller = talks(wire)
    channel = way(wire, caller)
    assert wire.call(channel).conversations == (
        Conversation(
            service="support", queue="support", agent="PJSIP/agent1", agent_name=None, wait=2.0, talk=3.5
        ),
    )  # fmt: skip
    wire.house.later(4)
    wire.connects(channel, "PJSIP/agent2-00000009", "second")
    wire.house.later(7)
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
    (over,) = [ask for ask in wire.house.commands if isinstance(ask, CallOver)]
    assert [(one.queue, one.talk) for one in over.conversations] == [("support", 3.5), ("sales", 7.0)]
    handled = {one.service: one.talks for one in wire.house.world.calls.handling.values()}
    assert handled == ({"support": (3.5,), "sales": (7.0,)} if channel == caller else {"support": (3.5,)})


def test_a_caller_who_goes_on_after_the_channel_between_is_gone_is_the_same_call(wire: Wire) -> None:
    caller = talks(wire)
    far = blind_behind_local(wire, caller)
    near = other_half(far) or ""
    wire.connects(far, "PJSIP/agent2-00000009", "second")
    wire.house.later(5)
    wire.ends(far, "second")
    assert wire.only(CallEnded) == []
    wire.leaves(near, "talk")
    wire.destroyed(near)
    wire.leaves(caller, "talk")
    wire.steps(caller, "Playback", "goodbye")
    wire.house.later(3)
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
    wire.house.later(6)
    if answered:
        wire.connects(far, "PJSIP/agent2-00000009", "second")
        wire.house.later(2)
    assert len(wire.facts) == before, "nothing is told of a consultation"
    completes(wire, near)
    joined = wire.only(QueueJoined)[-1]
    assert (joined.queue, joined.call, joined.position, joined.number) == ("sales", caller, 1, "+35840•••22")
    wire.house.later(4)
    if not answered:
        wire.connects(far, "PJSIP/agent2-00000009", "second")
        wire.house.later(4)
    assert [(one.queue, one.agent) for one in wire.only(QueueAnswered)][-1] == ("sales", "PJSIP/agent2")
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
    assert list(wire.house.world.calls.waiting("sales")) == []


def by_phone(wire: Wire) -> str:
    """The second call of agent1's phone waits in sales."""
    second = wire.created("PJSIP/agent1-00000007", "200")
    wire.queues(second, "sales")
    return second


def test_a_consultation_by_phone_takes_a_place_and_tells_nothing(wire: Wire) -> None:
    talks(wire)
    second = by_phone(wire)
    behind = wire.created("PJSIP/trunk-00000008", LIISA)
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
    wire.house.later(2)
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
    assert list(wire.house.world.calls.waiting("sales")) == [caller]


@pytest.mark.parametrize("direct", [True, False])
def test_a_callers_channel_takes_the_place_of_the_phone_that_talks(wire: Wire, direct: bool) -> None:
    caller = talks(wire)
    second = by_phone(wire)
    wire.connects(second, "PJSIP/agent2-00000009", "second")
    wire.house.later(2)
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
    assert wire.call(caller if direct else far).agent == "PJSIP/agent2"


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
    wire.steps(second, "Dial", "PJSIP/agent1")
    wire.hangup(second, soft=True)
    wire.destroyed(second)
    assert [fact[:2] for fact in wire.facts] == [*SERVED, *((name, "sales") for name, _ in SERVED)]
    assert {fact[2] for fact in wire.facts} == {caller}
    assert not len(wire.house.world.calls.entering)
    wire.house.later(4)
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
    wire.house.tell(AgentAnswered(at=wire.house.at, call=second, agent_channel=agent, when=wire.house.at))
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
    calls = wire.house.world.calls
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
    calls = wire.house.world.calls
    one = Live(call="1", name="PJSIP/a-00000001", bridge="b")
    calls.put(one)
    calls.put(Live(call="2", name="PJSIP/b-00000002", bridge="b"))
    assert calls.named("PJSIP/a-00000001") == one
    assert [other.call for other in calls.beside(one)] == ["2"]
    moved = replace(one, bridge="c", name="PJSIP/c-00000001")
    calls.put(moved)
    assert calls.named("PJSIP/a-00000001") is None
    assert list(calls.beside(moved)) == []
