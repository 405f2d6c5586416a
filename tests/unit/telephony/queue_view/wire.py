"""Events of Asterisk one by one, for calls that move from channel to channel."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

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
    VariableSet,
)
from callcentre.telephony.queue_view.model import Call
from tests.cast import MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

TWO_QUEUES = {
    "services": {
        "support": {"welcome": None, "survey": None},
        "sales": {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi"},
    }
}


class Wire:
    """Asterisk, an event at a time. A channel is called by its name, which is its id as well."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(TWO_QUEUES)
        self.asterisk = Asterisk(self.rehearsal)
        self.bridges: dict[str, list[str]] = {}
        self.asterisk.connect()

    @property
    def facts(self) -> list[tuple[str, str | None, str | None]]:
        """The facts so far: name and reason, queue, call."""
        return [(f"{one.name} {one.reason or ''}".strip(), one.queue, one.call) for one in self.rehearsal.facts]

    def only(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.rehearsal.facts if isinstance(fact, kind)]

    def call(self, channel: str) -> Call:
        known = self.rehearsal.world.calls.on(channel)
        assert known is not None
        return known

    def _tell(self, event: Any) -> None:
        self.rehearsal.tell(event)

    def created(self, name: str, number: str = "") -> str:
        channel = Channel(id=name, name=name, number=number)
        self.asterisk.channels[name] = channel
        self._tell(ChannelCreated(at=self.rehearsal.at, channel=channel, when=self.rehearsal.at))
        return name

    def local(self, serial: str, number: str = "") -> tuple[str, str]:
        """The halves of a Local channel."""
        near, far = (self.created(f"Local/x@y-{serial * 8};{half}", number) for half in (1, 2))
        return near, far

    def steps(self, name: str, app: str, data: str = "") -> None:
        channel = replace(self.asterisk.channels[name], app=app, app_data=data)
        self.asterisk.channels[name] = channel
        self._tell(DialplanStep(at=self.rehearsal.at, channel=channel, when=self.rehearsal.at))

    def queues(self, name: str, queue: str) -> None:
        """It runs Queue() and is in it."""
        self.steps(name, "Queue", queue)
        self.asterisk.queues.setdefault(queue, []).append(name)
        self.asterisk.answer_readings()

    def variable(self, name: str, variable: str, value: str) -> None:
        self._tell(VariableSet(at=self.rehearsal.at, call=name, name=variable, value=value, when=self.rehearsal.at))

    def connects(self, name: str, agent: str, bridge: str) -> None:
        """An agent takes it."""
        self._tell(AgentAnswered(at=self.rehearsal.at, call=name, agent_channel=agent, when=self.rehearsal.at))
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
            at=self.rehearsal.at,
            call=name,
            bridge=bridge,
            when=self.rehearsal.at,
            channels=tuple(members),
            number=number,
        )
        self._tell(event)

    def leaves(self, name: str, bridge: str) -> None:
        self.bridges[bridge].remove(name)
        self._tell(BridgeLeft(at=self.rehearsal.at, call=name, bridge=bridge, when=self.rehearsal.at))

    def hangup(self, name: str, *, soft: bool = False) -> None:
        self._tell(HangupRequested(at=self.rehearsal.at, call=name, soft=soft))

    def destroyed(self, name: str) -> None:
        self.asterisk.channels.pop(name)
        for members in self.bridges.values():
            assert name not in members
        for queue in self.asterisk.queues.values():
            if name in queue:
                queue.remove(name)
        self._tell(ChannelDestroyed(at=self.rehearsal.at, call=name, cause=16, when=self.rehearsal.at))

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
        self.rehearsal.tell(AsteriskLost(at=self.rehearsal.at, reason="test"))
        self.rehearsal = self.rehearsal.restarted()
        self.asterisk.rehearsal = self.rehearsal
        snapshot = replace(self.asterisk.snapshot(), bridges={b: tuple(m) for b, m in self.bridges.items() if m})
        self.rehearsal.tell(snapshot)


SERVED = [("queue.joined", "support"), ("queue.answered", "support"), ("queue.left answered", "support")]


def talks(wire: Wire) -> str:
    """A caller of support talks with agent1 for 3.5 s."""
    caller = wire.created("PJSIP/trunk-00000001", MATTI)
    wire.queues(caller, "support")
    wire.rehearsal.later(2)
    wire.connects(caller, "PJSIP/agent1-00000002", "talk")
    wire.rehearsal.later(3.5)
    return caller


def blind(wire: Wire, caller: str) -> str:
    wire.steps(caller, "Queue", "support")  # Reported once more, at the place where the caller goes on.
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


def by_phone(wire: Wire) -> str:
    """The second call of agent1's phone waits in sales."""
    second = wire.created("PJSIP/agent1-00000007", "200")
    wire.queues(second, "sales")
    return second
