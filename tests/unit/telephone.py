"""Calls as Asterisk tells them: the same events in the same order, for rehearsals."""

from __future__ import annotations

from dataclasses import dataclass, field

from callcentre.domain.effects import ReadQueue
from callcentre.domain.events import (
    AgentAnswered,
    BridgeEntered,
    BridgeLeft,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    DialplanStep,
    HangupRequested,
    KeyPressed,
    Member,
    QueueRead,
    QueueReading,
    Synchronised,
    VariableSet,
)
from callcentre.domain.facts import Fact
from tests.unit.rehearsal import Rehearsal

MATTI = "+358401112222"


@dataclass
class Asterisk:
    """An app_queue that answers readings, and calls that behave as on Asterisk 22."""

    house: Rehearsal
    queues: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, tuple[Member, ...]] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    talking: dict[str, str] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    _made: int = 0

    def connect(self) -> list[Fact]:
        """The daemon has read everything anew."""
        return self.house.tell(self.snapshot())

    def snapshot(self) -> Synchronised:
        """All of Asterisk now."""
        services = self.house.world.settings.services.values()
        return Synchronised(
            at=self.house.at,
            asked=self.house.at,
            channels=tuple(self.channels.values()),
            readings=tuple(self.reading(service.queue) for service in services),
            variables=self.variables,
            talking=self.talking,
        )

    def reading(self, queue: str, *, complete: bool = True, members: bool = True) -> QueueReading:
        """What app_queue answers about a queue."""
        waiting = self.queues.get(queue, [])
        return QueueReading(
            queue=queue,
            waiting=len(waiting),
            places={place: self.channels[call].name for place, call in enumerate(waiting, 1)},
            complete=complete,
            members=self.members.get(queue, ()) if members else None,
        )

    def answer_readings(self) -> list[Fact]:
        """Answer what was asked of app_queue until nothing more is."""
        facts: list[Fact] = []
        while asked := self.house.take(ReadQueue):
            for effect in asked:
                reading = self.reading(effect.queue, complete=effect.complete, members=effect.members)
                facts += self.house.tell(QueueRead(at=self.house.at, asked=self.house.at, reading=reading))
        return facts

    # --- a call ----------------------------------------------------------------------------------

    def arrives(self, number: str = MATTI, *, name: str = "", dialled: str = "+358912345678") -> str:
        """A channel from outside; its id."""
        self._made += 1
        call = f"1795325295.{self._made}"
        channel = Channel(
            id=call, name=f"PJSIP/trunk-{self._made:08x}", number=number, caller_name=name, exten=dialled
        )
        self.channels[call] = channel
        self.house.tell(ChannelCreated(at=self.house.at, channel=channel, when=self.house.at))
        return call

    def runs(self, call: str, app: str, data: str = "") -> list[Fact]:
        """The call runs a dialplan application."""
        known = self.channels[call]
        channel = Channel(
            id=call, name=known.name, number=known.number, caller_name=known.caller_name, exten=known.exten,
            app=app, app_data=data,
        )  # fmt: skip
        self.channels[call] = channel
        return self.house.tell(DialplanStep(at=self.house.at, channel=channel, when=self.house.at))

    def joins(self, call: str, queue: str = "support", *, app: str = "Queue", data: str | None = None) -> list[Fact]:
        """The call runs Queue() and comes in, last of all."""
        facts = self.runs(call, app, f"{queue},,,,600" if data is None else data)
        self.queues.setdefault(queue, []).append(call)
        return facts + self.answer_readings()

    def calls_in(self, number: str = MATTI, queue: str = "support", *, name: str = "") -> str:
        """A caller arrives and joins; the call's id."""
        call = self.arrives(number, name=name)
        self.joins(call, queue)
        return call

    def variable(self, call: str, name: str, value: str) -> list[Fact]:
        """A channel variable is set."""
        return self.house.tell(
            VariableSet(at=self.house.at, call=call, name=name, value=value, when=self.house.at)
        )

    def _leaves(self, call: str) -> int:
        for waiting in self.queues.values():
            if call in waiting:
                place = waiting.index(call) + 1
                waiting.remove(call)
                return place
        return 1

    def answered(self, call: str, agent: str = "PJSIP/agent1", *, name: str = "", told: bool = True) -> list[Fact]:
        """An agent takes the call; `told`: the queue has setinterfacevar=yes."""
        at = self.house.at
        facts = self.house.tell(AgentAnswered(at=at, call=call, agent_channel=f"{agent}-0000002a", when=at))
        if told:
            facts += self.variable(call, "MEMBERINTERFACE", agent)
            facts += self.variable(call, "MEMBERNAME", name or agent)
        facts += self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
        self.talking[call] = f"{agent}-0000002a"
        return facts + self.house.tell(BridgeEntered(at=at, call=call, bridge="b", when=at))

    def bridge_left(self, call: str) -> list[Fact]:
        """The conversation ends; the channel may live on."""
        self.talking.pop(call, None)
        return self.house.tell(BridgeLeft(at=self.house.at, call=call, bridge="b", when=self.house.at))

    def bridge_entered(self, call: str) -> list[Fact]:
        """The caller talks again."""
        return self.house.tell(BridgeEntered(at=self.house.at, call=call, bridge="c", when=self.house.at))

    def destroyed(self, call: str) -> list[Fact]:
        """The channel is gone."""
        self.channels.pop(call, None)
        self.talking.pop(call, None)
        self._leaves(call)
        return self.house.tell(ChannelDestroyed(at=self.house.at, call=call, cause=16, when=self.house.at))

    def hangs_up(self, call: str) -> list[Fact]:
        """The caller hangs up, waiting or talking."""
        facts = self.house.tell(HangupRequested(at=self.house.at, call=call))
        if any(call in waiting for waiting in self.queues.values()):
            facts += self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
        if call in self.talking:
            facts += self.bridge_left(call)
        return facts + self.destroyed(call)

    def gives_up(self, call: str, status: str) -> list[Fact]:
        """app_queue gives up on a waiting caller."""
        facts = self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
        return facts + self.variable(call, "QUEUESTATUS", status)

    def presses(self, call: str, key: str = "*") -> list[Fact]:
        """The exit key: Asterisk tells of Queue once more before the caller has left."""
        facts = self.house.tell(KeyPressed(at=self.house.at, call=call, key=key))
        facts += self.runs(call, "Queue", "support,,,,600")
        return facts + self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
