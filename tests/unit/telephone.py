"""Calls as Asterisk tells them: the same events in the same order, for rehearsals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from callcentre.kernel.effect import Effect
from callcentre.kernel.event import Tick, TimerDue
from callcentre.telephony.contexts import AGENT_CONTEXT, NOTICE_CONTEXT
from callcentre.telephony.effects import (
    ConnectCalls,
    ContinueCall,
    EndBridge,
    HangUp,
    Originate,
    Play,
    ReadQueue,
    ReadQueues,
    StopPlayback,
)
from callcentre.telephony.events import (
    AgentAnswered,
    Agents,
    BridgeEntered,
    BridgeLeft,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    DialplanStep,
    DialProgress,
    HangupRequested,
    KeyPressed,
    Member,
    OriginateFailed,
    PlaybackFinished,
    QueueRead,
    QueueReading,
    QueuesRead,
    StasisEnded,
    StasisStarted,
    Synchronised,
    VariableSet,
)
from tests.cast import ANNA, MATTI
from tests.unit.rehearsal import Rehearsal


def counted(members: Sequence[Member]) -> Agents:
    """What app_queue counts of these members, when it goes by their own device states."""
    return Agents(
        ready=sum(member.state == "NOT_INUSE" and not member.paused for member in members),
        logged=sum(member.state not in ("UNAVAILABLE", "INVALID") for member in members),
        count=len(members),
        members=tuple(members),
    )


@dataclass
class Asterisk:
    """An app_queue that answers readings, and calls that behave as on Asterisk 22.

    `held` are the calls in `Stasis()` with its arguments, `ringing` the phones that we dialled, `playing` what is said
    to whom now, and `heard` the prompts that each call has heard so far, or began to hear. `reserving` has for
    each half of a Local channel that comes to us the one that waits in a queue. With `answers_on_entry` the PBX
    answers that one on its way into the queue: the first comes to us before an agent is there. `bridges` has who talks
    through us. `way_out` says how far our calls to customers come: `rings`, `silent`, `nowhere` (no such extension) or
    `refused` (no such endpoint); `way_in` the same of reservations of an agent, which come into the `queue`.
    """

    rehearsal: Rehearsal
    queues: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, tuple[Member, ...]] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    talking: dict[str, str] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ringing: dict[str, Originate] = field(default_factory=dict)
    playing: dict[str, Play] = field(default_factory=dict)
    heard: dict[str, list[str]] = field(default_factory=dict)
    dialled: list[Originate] = field(default_factory=list)
    reserving: dict[str, str] = field(default_factory=dict)
    answers_on_entry: bool = False
    priorities: dict[str, int] = field(default_factory=dict)
    bridges: dict[str, tuple[str, str]] = field(default_factory=dict)
    way_out: str = "rings"
    way_in: str = "queue"
    _made: int = 0

    def connect(self) -> list[Any]:
        """The daemon has read everything anew."""
        return self.rehearsal.tell(self.snapshot())

    def snapshot(self) -> Synchronised:
        """All of Asterisk now."""
        services = self.rehearsal.world.settings.services.values()
        return Synchronised(
            at=self.rehearsal.at,
            asked=self.rehearsal.at,
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
            agents=counted(self.members.get(queue, ())) if members else None,
        )

    def answer_readings(self) -> list[Any]:
        """Answer what was asked of app_queue until nothing more is."""
        facts: list[Any] = []
        while asked := [*self.rehearsal.take(ReadQueue), *self.rehearsal.take(ReadQueues)]:
            for effect in asked:
                facts += self._answer(effect)
        return facts

    def _answer(self, effect: ReadQueue | ReadQueues) -> list[Any]:
        at = self.rehearsal.at
        if isinstance(effect, ReadQueue):
            reading = self.reading(effect.queue, complete=effect.complete, members=effect.members)
            return self.rehearsal.tell(QueueRead(at=at, asked=at, reading=reading))
        readings = [self.reading(queue) for queue in effect.queues]
        readings += [self.reading(queue, members=False) for queue in effect.counted]
        return self.rehearsal.tell(QueuesRead(at=at, asked=at, readings=tuple(readings)))

    # --- a call ----------------------------------------------------------------------------------

    def arrives(self, number: str = MATTI, *, name: str = "", dialled: str = "+358912345678") -> str:
        """A channel from outside; its id."""
        self._made += 1
        call = f"1795325295.{self._made}"
        channel = Channel(id=call, name=f"PJSIP/trunk-{self._made:08x}", number=number, caller_name=name, exten=dialled)
        self.channels[call] = channel
        self.rehearsal.tell(ChannelCreated(at=self.rehearsal.at, channel=channel, when=self.rehearsal.at))
        return call

    def runs(self, call: str, app: str, data: str = "") -> list[Any]:
        """The call runs a dialplan application."""
        channel = self.channels[call] = replace(self.channels[call], app=app, app_data=data)
        return self.rehearsal.tell(DialplanStep(at=self.rehearsal.at, channel=channel, when=self.rehearsal.at))

    def joins(self, call: str, queue: str = "support", *, app: str = "Queue", data: str | None = None) -> list[Any]:
        """The call runs Queue() and comes in, last of all."""
        facts = self.runs(call, app, f"{queue},,,,600" if data is None else data)
        self._join(queue, call)
        return facts + self.answer_readings()

    def _join(self, queue: str, call: str, position: int = 0) -> None:
        """As `join_queue` of app_queue: before the first of a lower priority, or at a place among equals and lower."""
        waiting = self.queues.setdefault(queue, [])
        priority = self.priorities.get(call, 0)
        for place, other in enumerate(waiting, 1):
            theirs = self.priorities.get(other, 0)
            if priority > theirs or (priority >= theirs and position and position <= place):
                waiting.insert(place - 1, call)
                return
        waiting.append(call)

    def calls_in(self, number: str = MATTI, queue: str = "support", *, name: str = "", **variables: str) -> str:
        """A caller arrives and joins, with variables that were set before; the call's id."""
        call = self.arrives(number, name=name)
        for variable, value in variables.items():
            self.variable(call, variable, value)
        self.joins(call, queue)
        return call

    def variable(self, call: str, name: str, value: str) -> list[Any]:
        """A channel variable is set."""
        if name == "QUEUE_PRIO":
            self.priorities[call] = int(value)
            self.variables.setdefault(call, {})[name] = value
        return self.rehearsal.tell(
            VariableSet(at=self.rehearsal.at, call=call, name=name, value=value, when=self.rehearsal.at)
        )

    def _leaves(self, call: str) -> int:
        for waiting in self.queues.values():
            if call in waiting:
                place = waiting.index(call) + 1
                waiting.remove(call)
                return place
        return 1

    def answered(self, call: str, agent: str = ANNA, *, name: str = "", reported: bool = True) -> list[Any]:
        """An agent takes the call; `reported`: the queue has setinterfacevar=yes."""
        facts = self.agent_answers(call, agent)
        facts += self.let_go(call, agent, name=name, reported=reported)
        return facts + self.bridged(call, agent)

    def agent_answers(self, call: str, agent: str = ANNA) -> list[Any]:
        """An agent's phone is answered: app_queue delays, announces, … and the caller waits meanwhile."""
        at = self.rehearsal.at
        return self.rehearsal.tell(AgentAnswered(at=at, call=call, agent_channel=f"{agent}-0000002a", when=at))

    def let_go(self, call: str, agent: str = ANNA, *, name: str = "", reported: bool = True) -> list[Any]:
        """app_queue lets a caller go for an agent; the Gosub on the agent's channel follows."""
        facts: list[Any] = []
        if reported:
            facts += self.variable(call, "MEMBERINTERFACE", agent)
            facts += self.variable(call, "MEMBERNAME", name or agent)
        return facts + self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))

    def bridged(self, call: str, agent: str = ANNA) -> list[Any]:
        """Caller and agent are in one bridge."""
        at = self.rehearsal.at
        self.talking[call] = f"{agent}-0000002a"
        facts = self.rehearsal.tell(BridgeEntered(at=at, call=call, bridge="b", when=at, channels=(call, f"{agent}.1")))
        for near, far in self.reserving.items():
            if far == call and near not in self.held:
                self._hands_over(near, "agent", self.variables[near]["CALLCENTRE_CALLBACK"])
                break
        return facts

    def bridge_left(self, call: str) -> list[Any]:
        """The conversation ends; the channel may live on."""
        self.talking.pop(call, None)
        return self.rehearsal.tell(BridgeLeft(at=self.rehearsal.at, call=call, bridge="b", when=self.rehearsal.at))

    def bridge_entered(self, call: str) -> list[Any]:
        """The caller talks again."""
        return self.rehearsal.tell(BridgeEntered(at=self.rehearsal.at, call=call, bridge="c", when=self.rehearsal.at))

    def destroyed(self, call: str, cause: int = 16) -> list[Any]:
        """The channel is gone."""
        for calls in (self.channels, self.talking, self.held, self.ringing, self.playing):
            calls.pop(call, None)
        self._leaves(call)
        facts = self.rehearsal.tell(
            ChannelDestroyed(at=self.rehearsal.at, call=call, cause=cause, when=self.rehearsal.at)
        )
        for near, far in tuple(self.reserving.items()):
            if call in (near, far):
                del self.reserving[near]
                facts += self.hangs_up(far if call == near else near)
        return facts

    def hangs_up(self, call: str, *, soft: bool = False) -> list[Any]:
        """The caller hangs up, waiting or talking; `soft`: Asterisk ends the call."""
        facts = self.rehearsal.tell(HangupRequested(at=self.rehearsal.at, call=call, soft=soft))
        if any(call in waiting for waiting in self.queues.values()):
            facts += self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
        if call in self.talking:
            facts += self.bridge_left(call)
        if self.held.pop(call, None) is not None:
            facts += self.rehearsal.tell(StasisEnded(at=self.rehearsal.at, call=call))
        return facts + self.destroyed(call)

    def gives_up(self, call: str, status: str) -> list[Any]:
        """app_queue gives up on a waiting caller."""
        facts = self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))
        return facts + self.variable(call, "QUEUESTATUS", status)

    def presses(self, call: str, key: str = "*") -> list[Any]:
        """The exit key: Asterisk tells of Queue once more before the caller has left."""
        facts = self.rehearsal.tell(KeyPressed(at=self.rehearsal.at, call=call, key=key))
        facts += self.runs(call, "Queue", "support,,,,600")
        return facts + self.variable(call, "QUEUEPOSITION", str(self._leaves(call)))

    # --- what we ask of it -----------------------------------------------------------------------

    def perform(self) -> None:
        """Do what was decided, until nothing more is; texts and the rest are left for the test to look at."""
        done = (ConnectCalls, ContinueCall, EndBridge, HangUp, Originate, Play, ReadQueue, ReadQueues, StopPlayback)
        while wanted := [effect for effect in self.rehearsal.effects if isinstance(effect, done)]:
            self.rehearsal.effects = [effect for effect in self.rehearsal.effects if not isinstance(effect, done)]
            for effect in wanted:
                self._do(effect)

    def _do(self, effect: Effect) -> None:
        at = self.rehearsal.at
        match effect:
            case ReadQueue() | ReadQueues():
                self._answer(effect)
            case Originate(call=call, other=str(far)) if effect.context == AGENT_CONTEXT:
                self._reserves(call, far, dict(effect.variables), effect)
            case ConnectCalls(bridge=bridge, calls=(agent, customer)):
                if agent in self.held and customer in self.held:
                    self.bridges[bridge] = (agent, customer)
                    self.talking[customer] = self.channels[agent].name
                    for call in (agent, customer):
                        self.rehearsal.tell(BridgeEntered(at=at, call=call, bridge=bridge, when=at))
            case EndBridge(bridge=bridge):
                self.bridges.pop(bridge, None)
            case Originate(call=call):
                assert call not in self.channels, "this id lives already"
                self.dialled.append(effect)
                self._made += 1
                name = f"PJSIP/trunk-{self._made:08x}"
                if self.way_out == "refused":
                    self.rehearsal.tell(OriginateFailed(at=at, call=call, reason="Allocation failed"))
                    return
                self.channels[call] = Channel(id=call, name=name, number=effect.caller_id)
                self.rehearsal.tell(ChannelCreated(at=at, channel=self.channels[call], when=at))
                if self.way_out == "nowhere":
                    self.destroyed(call, 0)
                    return
                self.ringing[call] = effect
                self.dials(call, "")
                if self.way_out == "rings":
                    self.dials(call, "RINGING")
            case Play(call=call) if call in self.held:
                self.playing[call] = effect
                self.heard.setdefault(call, []).extend(effect.prompts)
            case StopPlayback(call=call, playback=playback):
                if call in self.playing and self.playing[call].playback == playback:
                    self.says_all(call)
            case HangUp(call=call) if call in self.channels:
                self.hangs_up(call)
            case ContinueCall(call=call, variables=variables) if call in self.held:
                self._goes_on(call, dict(variables))

    def _reserves(self, near: str, far: str, variables: dict[str, str], effect: Originate) -> None:
        """A Local channel: its far half waits in the queue of its extension."""
        service = effect.endpoint.removeprefix("Local/").partition("@")[0]
        self._made += 1
        if self.way_in == "refused":
            self.rehearsal.tell(OriginateFailed(at=self.rehearsal.at, call=near, reason="Allocation failed"))
            return
        for half, call in enumerate((near, far), 1):
            name = f"Local/{service}@callcentre-reserve-{self._made:08x};{half}"
            self.channels[call] = Channel(id=call, name=name)
            self.rehearsal.tell(
                ChannelCreated(at=self.rehearsal.at, channel=self.channels[call], when=self.rehearsal.at)
            )
        if self.way_in == "nowhere":
            self.destroyed(far, 0)
            self.destroyed(near, 0)
            return
        self.dials(near, "")
        self.reserving[near] = far
        self.variables[near] = variables
        self.channels[far] = replace(
            self.channels[far], number=variables["CALLCENTRE_NUMBER"], caller_name=variables["CALLCENTRE_NAME"]
        )
        for name in ("CALLCENTRE_SERVICE", "QUEUE_PRIO"):
            if value := {"CALLCENTRE_SERVICE": service, **variables}.get(name):
                self.variable(far, name, value)
        queue = self.rehearsal.world.settings.services[service].queue
        place = int(variables["CALLCENTRE_POSITION"])
        self.runs(far, "Queue", f"{queue},,,,60,,,,{place}")
        self._join(queue, far, place)
        if self.answers_on_entry:
            self._hands_over(near, "agent", variables["CALLCENTRE_CALLBACK"])

    def _goes_on(self, call: str, variables: dict[str, str]) -> None:
        """What our dialplan does after `Stasis()`."""
        kind, *rest = self.held.pop(call)
        self.playing.pop(call, None)
        self.rehearsal.tell(StasisEnded(at=self.rehearsal.at, call=call))
        if kind in ("callback", "notice") and variables.get("CALLCENTRE_ACCEPTED") != "yes":
            self.hangs_up(call)
            return
        known = self.channels[call]
        number, name = variables.get("CALLERID(num)", known.number), variables.get("CALLERID(name)", known.caller_name)
        self.channels[call] = replace(known, number=number, caller_name=name)
        services = self.rehearsal.world.settings.services
        queue = rest[0] if kind == "exit" else services[self.variables[call]["CALLCENTRE_SERVICE"]].queue
        if "QUEUE_PRIO" in variables:
            self.variable(call, "QUEUE_PRIO", variables["QUEUE_PRIO"])
        place = variables.get("CALLCENTRE_POSITION", "")
        self.runs(call, "Queue", f"{queue},,,,,,,,{place}")
        self._join(queue, call, int(place or 0))

    def _hands_over(self, call: str, *arguments: str) -> None:
        self.held[call] = arguments
        data = ",".join(("callcentre", *arguments))
        self.channels[call] = replace(self.channels[call], app="Stasis", app_data=data)
        self.rehearsal.tell(StasisStarted(at=self.rehearsal.at, channel=self.channels[call], arguments=arguments))
        self.perform()

    def enters(self, number: str = MATTI, service: str = "support", *, name: str = "", **variables: str) -> str:
        """A caller comes through `callcentre-queue`, with variables that were set before; the call's id."""
        call = self.arrives(number, name=name)
        self.variables[call] = {"CALLCENTRE_SERVICE": service}
        for variable, value in (*variables.items(), ("CALLCENTRE_SERVICE", service)):
            self.variable(call, variable, value)
        self._hands_over(call, "enter", service)
        return call

    def asks(self, call: str, queue: str = "support") -> None:
        """A waiting caller uses the exit key, which leads to us."""
        self.presses(call)
        self.runs(call, "Set", "CALLCENTRE_POSITION=1")
        self._hands_over(call, "exit", queue)

    def key(self, call: str, *keys: str) -> None:
        """The person presses keys, one after the other."""
        for key in keys:
            self.rehearsal.tell(KeyPressed(at=self.rehearsal.at, call=call, key=key))
            self.perform()

    def says_all(self, call: str) -> None:
        """What is being said comes to its end."""
        play = self.playing.pop(call)
        self.rehearsal.tell(PlaybackFinished(at=self.rehearsal.at, playback=play.playback))
        self.perform()

    def silence(self, call: str, seconds: float = 11) -> None:
        """The person listens to the end and presses nothing."""
        if call in self.playing:
            self.says_all(call)
        self.rehearsal.later(seconds)
        self.perform()

    def picks_up(self, call: str) -> None:
        """Whom we dialled answers."""
        self.dials(call, "ANSWER")
        originate = self.ringing.pop(call)
        variables = dict(originate.variables)
        if originate.context == NOTICE_CONTEXT:
            self._hands_over(call, "notice", variables["CALLCENTRE_CALLBACK"])
            return
        self.variables[call] = {"CALLCENTRE_SERVICE": variables["CALLCENTRE_SERVICE"]}
        self.variable(call, "CALLCENTRE_SERVICE", variables["CALLCENTRE_SERVICE"])
        self._hands_over(call, "callback", variables["CALLCENTRE_CALLBACK"])

    def dials(self, call: str, status: str, leg: str | None = None) -> list[Any]:
        """What ARI says of dialling our call, or of a channel that the dialplan dials for it."""
        return self.rehearsal.tell(DialProgress(at=self.rehearsal.at, call=call, status=status, leg=leg))

    def rings_in_vain(self, call: str, cause: int) -> None:
        """Whom we dialled does not answer, for a Q.850 cause: the network ends the call."""
        self.rehearsal.tell(HangupRequested(at=self.rehearsal.at, call=call, cause=cause))
        self.dials(call, {17: "BUSY", 34: "CONGESTION"}.get(cause, "NOANSWER"))
        self.destroyed(call, cause)
        self.perform()

    def passes(self, seconds: float) -> None:
        """Time passes; what falls due meanwhile is done at its time."""
        end = self.rehearsal.at + timedelta(seconds=seconds)
        while due := min((due for due in self.rehearsal.timers.values() if due <= end), default=None):
            self.rehearsal.later(max(0.0, (due - self.rehearsal.at).total_seconds()))
            self.perform()
        self.rehearsal.later((end - self.rehearsal.at).total_seconds())

    def ticks(self, seconds: int = 1) -> None:
        """So many seconds pass, each with its tick."""
        for _ in range(seconds):
            self.rehearsal.later(1)
            self.rehearsal.tell(Tick(at=self.rehearsal.at))
            self.perform()

    ticks = ticks

    def on_duty(self, *states: str, queue: str = "support") -> None:
        """Agents in these device states are members, and have been read."""
        self.members[queue] = tuple(
            Member(f"PJSIP/agent{number}", paused=False, state=state) for number, state in enumerate(states, 1)
        )
        reading = self.reading(queue)
        self.rehearsal.tell(QueueRead(at=self.rehearsal.at, asked=self.rehearsal.at, reading=reading))
        self.perform()

    def restarts_us(self, rehearsal: Rehearsal) -> None:
        """Another daemon connects: it reads everything, and hears of the calls that are held for it."""
        self.rehearsal = rehearsal
        self.playing.clear()
        for key, due in sorted(rehearsal.timers.items(), key=lambda timer: timer[1]):
            # A timer before it may have cancelled it or set it to another time.
            if due <= rehearsal.at and rehearsal.timers.get(key) == due:
                del rehearsal.timers[key]
                rehearsal.tell(TimerDue(at=rehearsal.at, key=key, due=due))
        self.connect()
        for call, arguments in tuple(self.held.items()):
            rehearsal.tell(StasisStarted(at=rehearsal.at, channel=self.channels[call], arguments=arguments))
        self.perform()
