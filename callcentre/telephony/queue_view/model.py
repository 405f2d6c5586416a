"""The queue view: who waits in which queue at which place since when, and who talks with whom.

The records here are what the view knows; `features/queue/policy.py` says how it comes to know it. Lists of waiting
callers are in app_queue's own order, its head first.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from sortedcontainers import SortedList

from callcentre.kernel.command import Signal
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_view.order import Rank, rank

SINCE_VARIABLE = "CALLCENTRE_SINCE"
"""Since which second the caller's time in a queue runs. In the dialplan it is one of Asterisk's clock."""


class Stage(StrEnum):
    """Where a call is on its way through a queue."""

    WAITING = "waiting"
    LEAVING = "leaving"
    """app_queue let the caller go; what follows says why: a bridge with the agent, a status, a step of the dialplan."""
    TALKING = "talking"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a `Queue()` of the PBX's own dialplan was given: its arguments as they stand there, and what follows.

    `after` is `context,extension,priority`; `since` is when it began, on our clock.
    """

    arguments: str
    after: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A channel that Asterisk has now, queued or not, and what it said on its way in.

    `dialled` is the extension it came in at, `did` the number that the PBX says was dialled (FROM_DID), and `dnid` the
    one that the trunk said; `service` is what `callcentre-queue` was entered with, and `joined_at` when.
    `withheld`: the caller's number is kept back, whatever the channel shows. `name_prefix` was put before the caller's
    name (RGPREFIX), `priority` is what `Queue()` will use (QUEUE_PRIO), `began` the language of the new channel, and
    `language` the one that was named for it (CALLCENTRE_LANGUAGE). A text is "" when it is not known.
    `held`: it is in our hands (`Stasis()`), where a question waits until we have said what we say. `by_us` is the
    queue that our dialplan brought it into; `given` what it came into another with. `number` and `caller_name` are its
    caller's as last seen, `bridge` is the id of the bridge that it is in, `transferer` the name of the channel that
    made it to consult somebody (TRANSFERERNAME). `runs_script`: its dialplan runs an AGI script, which may start a
    queue. `hung_up`: it is about to end; a call of ours has that among its signs. Forgotten with us: it is read anew
    from Asterisk.
    """

    call: str
    name: str
    dialled: str = ""
    did: str = ""
    dnid: str = ""
    service: str = ""
    withheld: bool = False
    name_prefix: str = ""
    priority: int = 0
    began: str = ""
    language: str = ""
    arrived: datetime | None = None
    joined_at: datetime | None = None
    held: bool = False
    by_us: str = ""
    given: Given | None = None
    number: str = ""
    caller_name: str = ""
    bridge: str = ""
    transferer: str = ""
    runs_script: bool = False
    hung_up: bool = False

    @property
    def key(self) -> str:
        return self.call

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that may say which service was called, the surest first."""
        return (self.did, self.dialled, self.dnid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A call that began `Queue()` and has not been seen at a place yet: the queue may still refuse it.

    `call` is its channel. `queue` is "" while it is not known which one it runs: no event tells of a `Queue()` that a
    script starts, and Asterisk is asked for it. `asked` counts how often app_queue was asked for it. `priority` is what
    `Queue()` began with. `person` is the call that goes on with this channel after a transfer, "" for a new one;
    `consultation` is as in `Call`.
    """

    call: str
    channel: str
    queue: str
    number: str
    caller_name: str
    language: str
    at: datetime
    when: datetime
    asked: int = 1
    priority: int = 0
    name_prefix: str = ""
    person: str = ""
    consultation: bool = False

    @property
    def key(self) -> str:
        return self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A caller's conversation with an agent that is over; `wait` and `talk` are its seconds."""

    service: str
    queue: str
    agent: str | None
    agent_name: str | None
    wait: float
    talk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that joined a queue; kept on disk, so that a restart greets and counts nobody twice.

    One person is one call. Its id `call` is the channel that it began with; `carrier` is the channel that it goes on
    with ("" while that is the same), and `channel` the name of that one. A Local channel that optimises away, and a
    transfer, put another channel in place of the first: `followed` says so.

    `joined_at` is our clock at the caller's first joining, `entered` Asterisk's at the latest `Queue()`, `answered`
    Asterisk's when caller and agent were bridged. `waited` and `talked` are seconds of earlier visits and
    conversations; `conversations` are those that ended with a transfer. `priority` is that of the latest visit
    (QUEUE_PRIO). `name_prefix` is what the PBX put before `caller_name`, which still has it. `bridge` is the bridge of
    the latest conversation, and `beside` the agent's channel in it; `behind` is the caller's own channel where a Local
    channel stands in the queue for it.
    `consultation`: an agent asks for somebody in this queue before passing a caller on. It takes a place, and nothing
    is told of it unless it becomes the caller's.
    """

    call: str
    channel: str
    queue: str
    service: str
    number: str
    caller_name: str
    language: str
    stage: Stage
    joined_at: datetime
    entered: datetime
    position: int
    agent: str | None = None
    agent_name: str | None = None
    answered: datetime | None = None
    waited: float = 0.0
    talked: float = 0.0
    priority: int = 0
    name_prefix: str = ""
    carrier: str = ""
    followed: bool = False
    consultation: bool = False
    bridge: str = ""
    beside: str = ""
    behind: str = ""
    conversations: tuple[Conversation, ...] = ()

    @property
    def key(self) -> str:
        return self.call

    @property
    def rank(self) -> Rank:
        """Its place in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)

    @property
    def on(self) -> str:
        """The id of the channel that carries it now."""
        return self.carrier or self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was heard of a queued call and is not conclusive alone; gone with us, and read anew.

    `left_at` is Asterisk's time of QUEUEPOSITION, which app_queue sets whenever a caller leaves, for whatever reason.
    `answered_by` is the channel of the agent who answered last: they may be gone again before the bridge. `successor`
    is the channel that took this one's place in its bridge. `status` (QUEUESTATUS) and `bridged`, the bridge with
    `bridge` and `beside`, are kept for a call whose queue is not known yet.
    """

    call: str
    answered_by: str | None = None
    member: str | None = None
    member_name: str | None = None
    hung_up: bool = False
    key_pressed: bool = False
    left_at: datetime | None = None
    left_position: int | None = None
    bridge_left: datetime | None = None
    successor: str = ""
    status: str = ""
    bridged: datetime | None = None
    bridge: str = ""
    beside: str = ""

    @property
    def key(self) -> str:
        return self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Agents of a queue: on duty (reachable and not paused), and of those ready (idle, and not in wrap-up time).

    Read while somebody needs it, and forgotten some seconds later: see `features/queue/polling.py`.
    """

    queue: str
    on_duty: int
    ready: int

    @property
    def key(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRead:
    """When app_queue was last asked who is on duty in a queue, on our clock."""

    queue: str
    at: datetime

    @property
    def key(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyKnown(Signal):
    """Who is on duty in a queue is known from now on: before, nobody had needed it for some seconds."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtReception:
    """A call that was handed to us, while app_queue is asked who is on duty: only then the rules decide about it.

    `arguments` are those of `Stasis()`. Gone with us: after a restart it is handed to us again.
    """

    channel: Channel
    arguments: tuple[str, ...]
    queue: str
    since: datetime

    @property
    def key(self) -> str:
        return self.channel.id


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(Signal):
    """A call was handed to us on its way into a queue, or out of it by the exit key; the agents are known.

    `arguments` are those of `Stasis()`: `enter,<service>,<joined>` or `exit,<queue>,<service>,<joined>`.
    """

    channel: Channel
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """The latest talk times of a service in seconds, the newest last."""

    service: str
    talks: tuple[float, ...]

    @property
    def key(self) -> str:
        return self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Whether we hear Asterisk now. `since`: when everything was read anew."""

    up: bool
    since: datetime | None = None

    @property
    def key(self) -> str:
        return "asterisk"

    def tells_places(self, at: datetime) -> bool:
        """Whether all who have a place are known: whom we hold is told to us only just after all else was read anew."""
        return self.up and self.since != at


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """The last beat that reached the disk while we heard Asterisk: until then nothing was missed."""

    at: datetime

    @property
    def key(self) -> str:
        return "pulse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Since when app_queue counts other callers in this queue than we do; `read`: all of it was read since."""

    queue: str
    since: datetime
    read: bool = False

    @property
    def key(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The calls waiting in a queue, its head first, as app_queue itself told all of them."""

    queue: str
    calls: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOver(Signal):
    """A call has ended, at `at` by Asterisk's clock: who it was, for those who have something to say to them then.

    `call` is as it was last, `wait` is its seconds in all, `talk` those of the last conversation, and `conversations`
    are all of them in order. Told beside the fact `call.ended`, which does not name the number.
    """

    call: Call
    wait: float
    talk: float
    conversations: tuple[Conversation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationAnswered(Signal):
    """An agent is bridged with `call`, the channel that stands in a queue for a customer (`callbacks.in_queue`).

    `at` is Asterisk's time. Told instead of `queue.answered`: no customer is on the line yet.
    """

    call: str
    agent: str | None
    agent_name: str | None
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLeft(Signal):
    """The channel that stands in a queue for a customer left it without an agent; `reason` as of `queue.left`."""

    call: str
    reason: str


ViewRecord = (
    Live | Entering | Call | Signs | Duty | DutyRead | AtReception | Handling | Link | LastSeen | Difference | Order
)

_NOBODY: tuple[str, ...] = ()


class Calls:
    """All that is known of calls and queues now. Rules read it; only the engine changes it."""

    def __init__(self) -> None:
        self.live: dict[str, Live] = {}
        self.entering: dict[str, Entering] = {}
        self.calls: dict[str, Call] = {}
        self.signs: dict[str, Signs] = {}
        self.duty: dict[str, Duty] = {}
        self.duty_read: dict[str, DutyRead] = {}
        self.at_reception: dict[str, AtReception] = {}
        self.handling: dict[str, Handling] = {}
        self.differences: dict[str, Difference] = {}
        self.link = Link(up=False)
        self.pulse: LastSeen | None = None
        self._carried: dict[str, str] = {}
        self._talking_in: dict[str, str] = {}
        self._consultations: set[str] = set()
        self._named: dict[str, str] = {}
        self._bridged: dict[str, set[str]] = {}
        self._waiting: dict[str, list[str]] = {}
        self._ranks: dict[str, SortedList[Rank]] = {}

    # --- questions -------------------------------------------------------------------------------

    def on(self, channel: str) -> Call | None:
        """The call that this channel (its id) carries now."""
        call = self._carried.get(channel)
        return None if call is None else self.calls[call]

    @property
    def carriers(self) -> Container[str]:
        """The ids of the channels that carry calls now."""
        return self._carried.keys()

    def talking_in(self, bridge: str) -> Call | None:
        """The call whose latest conversation is in this bridge."""
        call = self._talking_in.get(bridge)
        return None if call is None else self.calls[call]

    @property
    def consultations(self) -> Iterator[Call]:
        """The calls that are consultations still."""
        return (self.calls[call] for call in tuple(self._consultations))

    def named(self, name: str) -> Live | None:
        """The channel of this name."""
        channel = self._named.get(name)
        return None if channel is None else self.live.get(channel)

    def beside(self, channel: Live) -> Iterator[Live]:
        """The other channels in the bridge of this one."""
        others = self._bridged.get(channel.bridge, ()) if channel.bridge else ()
        return (self.live[other] for other in sorted(others) if other != channel.call)

    def waiting(self, queue: str) -> Sequence[str]:
        """The calls that wait in a queue, its head first."""
        return self._waiting.get(queue, _NOBODY)

    def expected(self, queue: str) -> range:
        """The places at which those who are on their way into a queue should be found."""
        first = len(self.waiting(queue)) + 1
        return range(first, first + sum(1 for _ in self.entering_queue(queue)))

    def is_waiting(self, call: str) -> bool:
        """Whether this call waits in a queue now."""
        known = self.calls.get(call)
        return known is not None and known.stage is Stage.WAITING

    def position(self, call: str) -> int | None:
        """The place of a waiting call, 1 being the head; None when it does not wait."""
        known = self.calls.get(call)
        if known is None or known.stage is not Stage.WAITING:
            return None
        order = self._waiting.get(known.queue, [])
        return order.index(call) + 1 if call in order else None

    def waiting_before(self, queue: str, order: Rank) -> int:
        """How many who wait in a queue stand before this rank, in O(log n)."""
        ranks = self._ranks.get(queue)
        return 0 if ranks is None else ranks.bisect_left(order)

    def entering_queue(self, queue: str) -> Iterator[Entering]:
        """The calls that began `Queue()` and were not seen in it yet."""
        return (entering for entering in self.entering.values() if entering.queue == queue)

    # --- changes, by the engine ------------------------------------------------------------------

    def put(self, record: ViewRecord) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Call():
                self._place(record)
                self._carry(record)
                self.calls[record.call] = record
            case Live():
                self._name(record)
                self.live[record.call] = record
            case Entering():
                self.entering[record.call] = record
            case Signs():
                self.signs[record.call] = record
            case Duty():
                self.duty[record.queue] = record
            case DutyRead():
                self.duty_read[record.queue] = record
            case AtReception():
                self.at_reception[record.key] = record
            case Handling():
                self.handling[record.service] = record
            case Link():
                self.link = record
            case LastSeen():
                self.pulse = record
            case Difference():
                self.differences[record.queue] = record
            case Order():
                self._waiting[record.queue] = list(record.calls)
            case _:
                assert_never(record)

    def delete(self, record: ViewRecord) -> None:
        """Forget a record."""
        match record:
            case Call():
                self._unplace(record.call)
                self._drop(record.call)
                self.calls.pop(record.call, None)
            case Live():
                self._unname(record.call)
                self.live.pop(record.call, None)
            case Entering():
                self.entering.pop(record.call, None)
            case Signs():
                self.signs.pop(record.call, None)
            case Duty():
                self.duty.pop(record.queue, None)
            case DutyRead():
                self.duty_read.pop(record.queue, None)
            case AtReception():
                self.at_reception.pop(record.key, None)
            case Handling():
                self.handling.pop(record.service, None)
            case Link():
                self.link = Link(up=False)
            case LastSeen():
                self.pulse = None
            case Difference():
                self.differences.pop(record.queue, None)
            case Order():
                self._waiting.pop(record.queue, None)
            case _:
                assert_never(record)

    def _carry(self, call: Call) -> None:
        before = self.calls.get(call.call)
        if before is None or (before.on, before.bridge) != (call.on, call.bridge):
            self._drop(call.call)
            self._carried[call.on] = call.call
            if call.bridge:
                self._talking_in[call.bridge] = call.call
        if call.consultation:
            self._consultations.add(call.call)
        else:
            self._consultations.discard(call.call)

    def _drop(self, call: str) -> None:
        known = self.calls.get(call)
        self._consultations.discard(call)
        if known is None:
            return
        if self._carried.get(known.on) == call:
            del self._carried[known.on]
        if self._talking_in.get(known.bridge) == call:
            del self._talking_in[known.bridge]

    def _name(self, live: Live) -> None:
        before = self.live.get(live.call)
        if before is None or (before.name, before.bridge) != (live.name, live.bridge):
            self._unname(live.call)
            self._named[live.name] = live.call
            if live.bridge:
                self._bridged.setdefault(live.bridge, set()).add(live.call)

    def _unname(self, channel: str) -> None:
        known = self.live.get(channel)
        if known is None:
            return
        if self._named.get(known.name) == channel:
            del self._named[known.name]
        members = self._bridged.get(known.bridge)
        if members is not None:
            members.discard(channel)
            if not members:
                del self._bridged[known.bridge]

    def _place(self, call: Call) -> None:
        before = self.calls.get(call.call)
        was_waiting = before is not None and before.stage is Stage.WAITING
        stays = was_waiting and before is not None and _stands(before) == _stands(call)
        if call.stage is Stage.WAITING and stays:
            return
        if call.stage is Stage.WAITING and was_waiting and before is not None and _place_of(before) == _place_of(call):
            # Only the time of joining was moved, by a clock that was set: the others may have moved up since it joined.
            self._ranks[call.queue].remove(before.rank)
            self._ranks[call.queue].add(call.rank)
            return
        self._unplace(call.call)
        if call.stage is Stage.WAITING:
            self._waiting.setdefault(call.queue, []).insert(call.position - 1, call.call)
            self._ranks.setdefault(call.queue, SortedList()).add(call.rank)

    def _unplace(self, call: str) -> None:
        known = self.calls.get(call)
        if known is None or known.stage is not Stage.WAITING:
            return
        self._ranks[known.queue].remove(known.rank)
        if call in self._waiting.get(known.queue, ()):
            self._waiting[known.queue].remove(call)


def _place_of(call: Call) -> tuple[str, int, int]:
    return (call.queue, call.position, call.priority)


def _stands(call: Call) -> tuple[str, int, Rank]:
    return (call.queue, call.position, call.rank)
