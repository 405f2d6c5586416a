"""Callbacks: people who hung up and keep their place in the queue.

No channel waits for them. Their place is that of their priority and joining time (`order.py`) among the live callers
and the other callbacks of the queue; it is looked up, never stored, so it moves by itself as those ahead leave. Looking
up, taking in and taking out cost O(log n): two sorted lists a queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, assert_never

import msgspec
from sortedcontainers import SortedList

from callcentre.kernel.command import Command
from callcentre.telephony.queue_view.order import Rank, rank

AGENT = "callcentre-agent"
"""How the ids of channels begin that reserve an agent for a customer who is not on the line yet."""

_IN_QUEUE = "-queue"


def reservation(callback: str, at: datetime) -> str:
    """The id of the channel that reserves an agent for a callback from now on."""
    return f"{AGENT}-{callback}-{at.timestamp():.3f}"


def in_queue(agent_call: str) -> str:
    """The id of the other half of a reservation: the one that stands in the queue."""
    return f"{agent_call}{_IN_QUEUE}"


def near_half(call: str) -> str:
    """The id of the half of a reservation that comes to us, by that of the half that stands in the queue."""
    return call.removesuffix(_IN_QUEUE)


def stands_in(call: str) -> bool:
    """Whether this channel only stands in a queue for somebody who is not on the line."""
    return call.startswith(AGENT) and call.endswith(_IN_QUEUE)


class Phase(StrEnum):
    """The public names of what an open callback is doing. Its ends are facts; the callback itself is then deleted."""

    WAITING = "waiting"
    RESERVING = "reserving"
    DIALLING = "dialling"
    ASKING = "asking"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    RETURNED = "returned"


IN_FLIGHT = frozenset({Phase.RESERVING, Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED})
"""The customer is dialled, or is about to be, and has neither been connected nor been given up."""


UNTIL_A_TIME_OF_DAY = frozenset({"per_number", "call_hours"})
"""Reasons for which a callback waits until a time of day. All others make it wait for a length of time."""

_UNTIL = frozenset({"until"})
_NO_WALL_TIMES: frozenset[str] = frozenset()


class _State(msgspec.Struct, frozen=True, kw_only=True, tag_field="state"):
    """Base of the states. A state holds what is known in that state only."""

    phase: ClassVar[Phase]


class Waiting(_State, frozen=True, kw_only=True, tag="waiting"):
    """The callback is queued: it has a place, stands before others, and is dialled at its turn."""

    phase = Phase.WAITING


class Postponed(_State, frozen=True, kw_only=True, tag="postponed"):
    """The callback is not dialled before `until`, and stands before nobody. It is queued again then.

    `why`: busy, no_answer, failed, customer, caller_returned, per_number or call_hours.
    """

    phase = Phase.WAITING

    until: datetime
    why: str

    @property
    def wall_times(self) -> frozenset[str]:
        """A pause after an attempt is an elapsed time; midnight and the next morning are times of the wall clock."""
        return _UNTIL if self.why in UNTIL_A_TIME_OF_DAY else _NO_WALL_TIMES


class Reserving(_State, frozen=True, kw_only=True, tag="reserving"):
    """The turn of the callback has come, and an agent is rung first (`agent_first`), through the queue."""

    phase = Phase.RESERVING

    agent_call: str


class Dialling(_State, frozen=True, kw_only=True, tag="dialling"):
    """The customer's phone rings, or is about to: the attempt is committed."""

    phase = Phase.DIALLING

    call: str
    dialled_at: datetime
    agent_call: str | None = None


class Asking(_State, frozen=True, kw_only=True, tag="asking"):
    """The customer has answered and hears who calls."""

    phase = Phase.ASKING

    call: str
    dialled_at: datetime
    agent_call: str | None = None


class Accepted(_State, frozen=True, kw_only=True, tag="accepted"):
    """The customer has pressed 1, and waits on the line, or is being put through."""

    phase = Phase.ACCEPTED

    call: str
    agent_call: str | None = None


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """The customer and the agent who was reserved are in one bridge of ours since then, on Asterisk's clock."""

    agent_call: str
    since: datetime


class Connected(_State, frozen=True, kw_only=True, tag="connected"):
    """The customer talks with an agent. `bridge` is there when the agent was reserved, and not found by the queue."""

    phase = Phase.CONNECTED

    call: str
    agent: str | None = None
    agent_name: str | None = None
    bridge: Bridge | None = None

    @property
    def agent_call(self) -> str | None:
        """The channel of the agent who was reserved."""
        return None if self.bridge is None else self.bridge.agent_call


class Returned(_State, frozen=True, kw_only=True, tag="returned"):
    """The customer has called again, and waits on the line at the place of the callback.

    `agreed`: until when the callback was postponed before. If the customer leaves again, this holds.
    """

    phase = Phase.RETURNED

    call: str
    agreed: Postponed | None = None


State = Waiting | Postponed | Reserving | Dialling | Asking | Accepted | Connected | Returned

_QUEUED: Final = Waiting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """An open callback: whose it is, and what it is doing (`state`).

    `number` is E.164, `joined_at` when its owner first joined, on our clock. `attempts` counts the calls to the
    customer. `priority` is the owner's in the queue (QUEUE_PRIO), `name_prefix` what the PBX had put before
    `caller_name`, which still has it. `withheld`: a caller whose number was withheld took it, or keyed in its number.
    """

    callback: str
    service: str
    queue: str
    number: str
    caller_name: str
    language: str
    joined_at: datetime
    taken_at: datetime
    state: State = _QUEUED
    attempts: int = 0
    priority: int = 0
    name_prefix: str = ""
    withheld: bool = False

    @property
    def key(self) -> str:
        return self.callback

    @property
    def phase(self) -> Phase:
        """The public name of its state."""
        return self.state.phase

    @property
    def is_queued(self) -> bool:
        """Whether it has a place and stands before others: not in flight, postponed or awaiting a retry."""
        return isinstance(self.state, Waiting)

    @property
    def is_in_flight(self) -> bool:
        """Whether the customer is dialled, or about to be, and neither connected nor given up."""
        return self.state.phase in IN_FLIGHT

    @property
    def call(self) -> str | None:
        """The customer's channel: one of ours to the customer, or that of the customer who called again."""
        match self.state:
            case Dialling(call=call) | Asking(call=call) | Accepted(call=call) | Connected(call=call):
                return call
            case Returned(call=call):
                return call
            case Waiting() | Postponed() | Reserving():
                return None
            case _:
                assert_never(self.state)

    @property
    def agent_call(self) -> str | None:
        """The channel through which an agent is reserved for the customer, rung or on the line."""
        match self.state:
            case Reserving() | Dialling() | Asking() | Accepted() | Connected():
                return self.state.agent_call
            case Waiting() | Postponed() | Returned():
                return None
            case _:
                assert_never(self.state)

    @property
    def calls(self) -> tuple[str, ...]:
        """Every channel that is about it now."""
        call, agent_call = self.call, self.agent_call
        reserved = () if agent_call is None else (agent_call, in_queue(agent_call))
        return reserved if call is None else (call, *reserved)

    @property
    def order(self) -> Rank:
        """Its place in the order of the queue."""
        return rank(self.joined_at, self.priority, self.callback)

    @property
    def rank(self) -> Rank:
        """The same, for comparing with those who are on the line."""
        return rank(self.joined_at, self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialTime:
    """The latest times from dialling to a pressed key in seconds, the newest last."""

    seconds: tuple[float, ...]

    @property
    def key(self) -> str:
        return "dial_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What became of a wish from outside, so that the same wish made again gets the same answer.

    `callback` is what was taken in (or stood open already: `existing`), `refusal` says why nothing was.
    """

    request: str
    at: datetime
    fingerprint: str
    callback: str | None = None
    existing: bool = False
    refusal: str | None = None

    @property
    def key(self) -> str:
        return self.request


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallback(Command):
    """Its owner does not want an open callback any more, and said so by `by`: sms or auto_agent."""

    callback: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCallback(Command):
    """Its owner wants to be called back at another number: E.164, and allowed.

    That number may have a callback for the service already. Then it gets two, one after the other: whoever moves theirs
    cannot prove that the number is their own, and must not learn whether somebody else awaits a call there.
    """

    callback: str
    number: str


class Callbacks:
    """All open callbacks. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.open: dict[str, Callback] = {}
        self.dial_time: DialTime | None = None
        self.requests: dict[str, Request] = {}
        self._by_owner: dict[tuple[str, str], set[str]] = {}
        self._by_call: dict[str, str] = {}
        self._standing: dict[str, SortedList[Rank]] = {}
        self._in_flight: dict[str, set[str]] = {}
        self._with_call: dict[str, set[str]] = {}
        self._of_queue: dict[str, SortedList[Rank]] = {}
        self._withheld: dict[str, set[str]] = {}

    # --- questions -------------------------------------------------------------------------------

    def of_owner(self, service: str, number: str) -> Callback | None:
        """The open callback to this number for this service.

        There are two where one was moved to a number that has its own: then it is the one that we talk about on a call
        now, else the first in the order of the queue.
        """
        return next(iter(self.all_of_owner(service, number)), None)

    def all_of_owner(self, service: str, number: str) -> list[Callback]:
        """Every open callback to this number for this service: those on a call first, then in the queue's order."""
        open_now = [self.open[name] for name in self._by_owner.get((service, number), ())]
        return sorted(open_now, key=lambda callback: (not callback.calls, callback.order))

    def of_call(self, call: str | None) -> Callback | None:
        """The callback that a channel is about: the customer's, or one that reserves an agent."""
        name = self._by_call.get(call or "")
        return None if name is None else self.open[name]

    def standing(self, queue: str) -> Iterator[Callback]:
        """Those that stand in a queue, in its order. It may change while it is read.

        Each costs O(log n): most who look stop after a few.
        """
        standing = self._standing.get(queue)
        place = 0
        while standing is not None and place < len(standing):
            order = standing[place]
            yield self.open[order[-1]]
            place = standing.bisect_right(order)

    def first(self, queue: str) -> Callback | None:
        """The first that stands in a queue."""
        standing = self._standing.get(queue)
        return self.open[standing[0][-1]] if standing else None

    def standing_before(self, queue: str, order: Rank) -> int:
        """How many callbacks that stand in a queue are before this rank."""
        standing = self._standing.get(queue)
        return 0 if standing is None else standing.bisect_left(order)

    def in_flight(self, queue: str | None = None) -> int:
        """How many are dialled, and neither connected nor ended; in one queue, or in all."""
        if queue is not None:
            return len(self._in_flight.get(queue, ()))
        return sum(len(flying) for flying in self._in_flight.values())

    def in_flight_alone(self, queue: str) -> int:
        """How many of a queue are in flight without an agent of their own."""
        return sum(self.open[name].agent_call is None for name in self._in_flight.get(queue, ()))

    def dialling(self) -> int:
        """How many customers' phones ring, or are about to."""
        return self._count(Phase.DIALLING)

    def reserving_in_all(self) -> int:
        """For how many an agent is being rung, in all queues."""
        return self._count(Phase.RESERVING)

    def _count(self, phase: Phase) -> int:
        return sum(self.open[name].phase is phase for flying in self._in_flight.values() for name in flying)

    def reserving(self, queue: str) -> Iterator[Callback]:
        """Those of a queue for whom an agent is being rung."""
        for name in self._in_flight.get(queue, ()):
            if (callback := self.open[name]).phase is Phase.RESERVING:
                yield callback

    def open_in(self, queue: str) -> int:
        """How many are open in a queue."""
        return len(self._of_queue.get(queue, ()))

    def withheld_in(self, queue: str) -> int:
        """How many in a queue callers with a withheld number took or named, without those who talk with an agent."""
        return sum(self.open[name].phase is not Phase.CONNECTED for name in self._withheld.get(queue, ()))

    def open_before(self, queue: str, order: Rank) -> int:
        """How many open in a queue are before this rank, whatever they wait for."""
        everybody = self._of_queue.get(queue)
        return 0 if everybody is None else everybody.bisect_left(order)

    def on_the_line(self, queue: str) -> Iterator[Callback]:
        """Those of a queue with a call: in flight, talking, or called again by themselves."""
        for name in self._with_call.get(queue, ()):
            yield self.open[name]

    # --- changes, by the engine ------------------------------------------------------------------

    def put(self, record: Callback | DialTime | Request) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Callback():
                self._take_out(record.callback)
                self._take_in(record)
            case DialTime():
                self.dial_time = record
            case Request():
                self.requests[record.request] = record

    def delete(self, record: Callback | DialTime | Request) -> None:
        """Forget a record."""
        match record:
            case Callback():
                self._take_out(record.callback)
            case DialTime():
                self.dial_time = None
            case Request():
                self.requests.pop(record.request, None)

    def _take_in(self, callback: Callback) -> None:
        self.open[callback.callback] = callback
        self._by_owner.setdefault((callback.service, callback.number), set()).add(callback.callback)
        self._of_queue.setdefault(callback.queue, SortedList()).add(callback.order)
        for call in callback.calls:
            self._by_call[call] = callback.callback
        if callback.is_queued:
            self._standing.setdefault(callback.queue, SortedList()).add(callback.order)
        if callback.calls:
            self._with_call.setdefault(callback.queue, set()).add(callback.callback)
        if callback.is_in_flight:
            self._in_flight.setdefault(callback.queue, set()).add(callback.callback)
        if callback.withheld:
            self._withheld.setdefault(callback.queue, set()).add(callback.callback)

    def _take_out(self, name: str) -> None:
        before = self.open.pop(name, None)
        if before is None:
            return
        owner = (before.service, before.number)
        self._by_owner[owner].discard(name)
        if not self._by_owner[owner]:
            del self._by_owner[owner]
        self._of_queue[before.queue].remove(before.order)
        for call in before.calls:
            self._by_call.pop(call, None)
        if before.is_queued:
            self._standing[before.queue].remove(before.order)
        if before.calls:
            self._with_call[before.queue].discard(name)
        if before.is_in_flight:
            self._in_flight[before.queue].discard(name)
        if before.withheld:
            self._withheld[before.queue].discard(name)
