"""Supervisors in conversations: the phone rings, they are in it, and nothing is left over."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.kernel.actor import Actor
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ConnectCalls, EndBridge, HangUp, HoldLonger
from callcentre.telephony.events import (
    BridgeEntered,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    OriginateFailed,
    StasisStarted,
)
from callcentre.telephony.listening.effects import RingSupervisor, Snoop
from callcentre.telephony.listening.events import ListeningRequested
from callcentre.telephony.listening.model import Mode, WhyNot
from callcentre.telephony.listening.rules import LIMIT, RENEWED
from tests.cast import ANNA, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

BOSS, AGENT = "PJSIP/boss", "agent.1"
PHONE, SNOOP, BRIDGE = "callcentre-listen-r1", "callcentre-listen-r1-snoop", "callcentre-listen-r1-bridge"
AINO = Actor(user="aino", organisation="main", address="192.0.2.7", why="training")


class Scene:
    """Matti talks with Anna, whose channel is `agent.1`."""

    def __init__(self) -> None:
        plain = {"welcome": None, "callback": None, "notify": None, "survey": None}
        self.rehearsal = Rehearsal({"services": {"support": plain}})
        self.asterisk = Asterisk(self.rehearsal)
        self.asterisk.connect()
        self.call = self.asterisk.calls_in(MATTI)
        at = self.rehearsal.at
        agent = self.asterisk.channels[AGENT] = Channel(id=AGENT, name=f"{ANNA}-0000002a")
        self.rehearsal.tell(ChannelCreated(at=at, channel=agent, when=at))
        self.asterisk.agent_answers(self.call)
        self.asterisk.let_go(self.call, name="Anna")
        self.rehearsal.tell(BridgeEntered(at=at, call=AGENT, bridge="b", when=at, channels=(AGENT,)))
        self.rehearsal.tell(BridgeEntered(at=at, call=self.call, bridge="b", when=at, channels=(self.call, AGENT)))
        self.asterisk.talking[self.call] = agent.name
        self.rehearsal.effects.clear()

    def wants(self, mode: Mode = Mode.LISTEN, request: str = "r1", phone: str = BOSS) -> list[RingSupervisor]:
        self.rehearsal.tell(
            ListeningRequested(
                at=self.rehearsal.at, request=request, mode=mode, call=self.call, phone=phone, actor=AINO
            )
        )
        return self.rehearsal.take(RingSupervisor)

    def comes(self, channel: str, *arguments: str) -> list[Any]:
        """A channel of ours enters Stasis."""
        known = self.asterisk.channels[channel] = Channel(id=channel, name=channel, app="Stasis")
        return self.rehearsal.tell(StasisStarted(at=self.rehearsal.at, channel=known, arguments=arguments))

    def is_in(self, mode: Mode = Mode.LISTEN) -> Any:
        """The supervisor is in the conversation; the fact."""
        self.wants(mode)
        self.comes(PHONE, "listen", "r1")
        (fact,) = self.comes(SNOOP, "snoop", "r1")
        return fact

    def ends(self) -> tuple[set[str], set[str]]:
        """The channels that are hung up, and the bridges that are ended."""
        hung_up = {effect.call for effect in self.rehearsal.take(HangUp)}
        return hung_up, {effect.bridge for effect in self.rehearsal.take(EndBridge)}


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("mode", "name"), [(Mode.LISTEN, "call.listened"), (Mode.WHISPER, "call.whispered"), (Mode.JOIN, "call.joined")]
)
def test_a_supervisor_is_in_a_conversation_once_the_phone_is_answered(scene: Scene, mode: Mode, name: str) -> None:
    (ring,) = scene.wants(mode)
    assert (ring.channel, ring.phone) == (PHONE, BOSS)
    assert scene.comes(PHONE, "listen", "r1") == []
    (snoop,) = scene.rehearsal.take(Snoop)
    assert (snoop.snoop, snoop.spied, snoop.mode) == (SNOOP, AGENT, mode)
    (fact,) = scene.comes(SNOOP, "snoop", "r1")
    assert (fact.name, fact.call, fact.service, fact.queue, fact.agent, fact.phone, fact.by) == (
        name, scene.call, "support", "support", ANNA, BOSS, "staff",
    )  # fmt: skip
    assert (fact.user, fact.organisation, fact.address, fact.why) == ("aino", "main", "192.0.2.7", "training")
    assert scene.rehearsal.take(ConnectCalls) == [ConnectCalls(bridge=BRIDGE, calls=(PHONE, SNOOP))]
    assert [one.phone for one in scene.rehearsal.world.conversations.in_call(scene.call)] == [BOSS]


def test_the_supervisor_leaves_with_the_conversation(scene: Scene) -> None:
    scene.is_in()
    scene.asterisk.hangs_up(scene.call)
    hung_up, ended = scene.ends()
    assert ({PHONE, SNOOP} <= hung_up, ended) == (True, {BRIDGE})
    assert scene.rehearsal.world.conversations.in_call(scene.call) == []


@pytest.mark.parametrize("gone", [PHONE, SNOOP])
def test_when_one_channel_is_gone_so_is_the_other(scene: Scene, gone: str) -> None:
    scene.is_in()
    at = scene.rehearsal.at
    scene.rehearsal.tell(ChannelDestroyed(at=at, call=gone, cause=16, when=at))
    hung_up, ended = scene.ends()
    assert ({PHONE, SNOOP} <= hung_up, ended) == (True, {BRIDGE})


@pytest.mark.parametrize("channel", [PHONE, SNOOP])
def test_a_phone_that_cannot_be_rung_and_an_agent_who_is_gone_end_it(scene: Scene, channel: str) -> None:
    scene.wants()
    scene.rehearsal.tell(OriginateFailed(at=scene.rehearsal.at, call=channel, reason="no such endpoint"))
    assert scene.rehearsal.world.conversations.in_call(scene.call) == []
    assert scene.wants(), "the phone is free again"


def test_a_phone_that_is_answered_after_the_conversation_is_hung_up(scene: Scene) -> None:
    scene.wants()
    scene.asterisk.hangs_up(scene.call)
    assert PHONE in scene.ends()[0]
    scene.comes(PHONE, "listen", "r1")
    assert scene.ends()[0] == {PHONE}
    assert scene.rehearsal.take(Snoop) == []


def test_the_time_limit_is_renewed_while_the_daemon_lives(scene: Scene) -> None:
    scene.is_in()
    scene.rehearsal.take(HoldLonger)
    for _ in range(2 * RENEWED):
        scene.rehearsal.tell(Tick(at=scene.rehearsal.later(1)))
    assert scene.rehearsal.take(HoldLonger) == [HoldLonger(call=PHONE, seconds=LIMIT)] * 2
    assert LIMIT > 2 * RENEWED


def test_what_an_earlier_process_left_is_ended(scene: Scene) -> None:
    scene.is_in()
    after = Scene()
    after.asterisk.channels |= {name: scene.asterisk.channels[name] for name in (PHONE, SNOOP)}
    found = replace(after.asterisk.snapshot(), bridges={BRIDGE: (PHONE, SNOOP), "b": (after.call, AGENT)})
    after.rehearsal.tell(found)
    assert after.ends() == ({PHONE, SNOOP}, {BRIDGE})


def test_a_new_connection_ends_nothing_that_is_there(scene: Scene) -> None:
    scene.is_in()
    found = replace(scene.asterisk.snapshot(), bridges={BRIDGE: (PHONE, SNOOP)})
    scene.rehearsal.tell(found)
    assert scene.ends() == (set(), set())
    for name in (PHONE, SNOOP):
        del scene.asterisk.channels[name]
    scene.rehearsal.tell(scene.asterisk.snapshot())
    assert scene.ends()[1] == {BRIDGE}


def test_why_it_cannot_be_done(scene: Scene) -> None:
    why_not = scene.rehearsal.world.conversations.why_not
    assert why_not(scene.call, BOSS) is None
    assert why_not("nobody", BOSS) is WhyNot.OVER
    assert why_not(scene.call, "PJSIP/a,b") is WhyNot.NO_PHONE
    scene.wants()
    assert why_not(scene.call, BOSS) is WhyNot.BUSY
    assert scene.wants(request="r2") == []
    assert scene.wants(request="r3", phone="PJSIP/other") != []
    waiting = scene.asterisk.calls_in("+358401113333")
    assert why_not(waiting, "PJSIP/third") is WhyNot.OVER
