"""Everything that is known of calls and queues now.

Lists of waiting callers have app_queue's own order, the head first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import takewhile
from typing import Any

from callcentre.kernel.collection import Collection
from callcentre.telephony.queue_view.model import (
    AtReception,
    Call,
    Difference,
    Duty,
    DutyRead,
    Entering,
    Handling,
    LastSeen,
    Link,
    Live,
    Order,
    Overload,
    Signs,
    Stage,
)
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.endpoints import device_of
from callcentre.values.numbers import ending, normalise

_NOBODY: tuple[str, ...] = ()
_ALL = "all"
"""The one group of an order over all records."""
_NOT_CONNECTED = Link(up=False)


class _Line:
    """The calls that wait in one queue. Each has a mark that grows from the head to the end, so its place is found by
    bisection: `list.index` would compare it with every call before it."""

    def __init__(self, calls: Iterable[str] = ()) -> None:
        self.calls = list(calls)
        self._marks: list[float] = []
        self._mark_of: dict[str, float] = {}
        self._mark_all()

    def _mark_all(self) -> None:
        self._marks = [float(number) for number in range(len(self.calls))]
        self._mark_of = dict(zip(self.calls, self._marks, strict=True))

    def index(self, call: str) -> int | None:
        """How many calls wait before this one; None when it does not wait here."""
        mark = self._mark_of.get(call)
        return None if mark is None else bisect_left(self._marks, mark)

    def insert(self, index: int, call: str) -> None:
        """Put a call behind so many others, or at the end."""
        index = min(max(index, 0), len(self.calls))
        self.calls.insert(index, call)
        before = self._marks[index - 1] if index else None
        after = self._marks[index] if index < len(self._marks) else None
        mark = _between(before, after)
        if mark in (before, after):
            # There is no number between the two any more, after some fifty calls at one place.
            self._mark_all()
        else:
            self._marks.insert(index, mark)
            self._mark_of[call] = mark

    def remove(self, call: str) -> None:
        """Take a call out, if it is there."""
        index = self.index(call)
        if index is not None:
            del self.calls[index], self._marks[index], self._mark_of[call]


def _between(before: float | None, after: float | None) -> float:
    if before is None:
        return 0.0 if after is None else after - 1.0
    return before + 1.0 if after is None else (before + after) / 2


class _Waiting:
    """The calls that wait in each queue, in app_queue's own order, the head first."""

    def __init__(self) -> None:
        self._queues: dict[str, _Line] = {}

    def in_queue(self, queue: str) -> Sequence[str]:
        line = self._queues.get(queue)
        return _NOBODY if line is None else line.calls

    def index(self, queue: str, call: str) -> int | None:
        """How many calls of the queue wait before this one; None when it does not wait there."""
        line = self._queues.get(queue)
        return None if line is None else line.index(call)

    def ordered(self, queue: str, calls: Sequence[str]) -> None:
        """app_queue named all waiting calls."""
        self._queues[queue] = _Line(calls)

    def replace(self, before: Call | None, after: Call | None) -> None:
        """Update the lists after a change of a call."""
        old = _place_of(before)
        new = _place_of(after)
        # A caller who still waits stays in the list: only its index has changed when callers ahead have left.
        if old == new:
            return
        if before is not None and old is not None and (line := self._queues.get(old[0])) is not None:
            line.remove(before.call)
        if after is not None and new is not None:
            self._queues.setdefault(after.queue, _Line()).insert(after.position - 1, after.call)


def _place_of(call: Call | None) -> tuple[str, int, int] | None:
    """The queue that a call waits in, with its place and order; None when it waits in none."""
    return None if call is None or call.stage is not Stage.WAITING else (call.queue, call.position, call.priority)


class _Calls(Collection[Call]):
    def __init__(self, waiting: _Waiting) -> None:
        super().__init__(Call, table="calls", key="call")
        self._places = waiting

    def put(self, record: Call) -> None:
        self._places.replace(self.get(record.call), record)
        super().put(record)

    def delete(self, record: Call) -> None:
        self._places.replace(self.get(record.call), None)
        super().delete(record)


class _Orders(Collection[Order]):
    def __init__(self, waiting: _Waiting) -> None:
        super().__init__(Order)
        self._places = waiting

    def put(self, record: Order) -> None:
        self._places.ordered(record.queue, record.calls)
        super().put(record)


class Calls:
    """The live state of the queue view. Rules read it; only the engine changes it."""

    def __init__(self) -> None:
        waiting = _Waiting()
        self._places = waiting
        self.calls: Collection[Call] = _Calls(waiting)
        self._carried = self.calls.index(lambda call: call.on)
        self._by_ending = self.calls.index(lambda call: ending(call.number))
        self._agents = self.calls.index(lambda call: call.agent if call.stage is Stage.TALKING else None)
        self._talking = self.calls.index(lambda call: True if call.stage is Stage.TALKING else None)
        self._bridges = self.calls.index(lambda call: call.bridge or None)
        self._consultations = self.calls.index(lambda call: call.consultation or None)
        self._ranks = self.calls.ordered(
            group=lambda call: call.queue if call.stage is Stage.WAITING else None, order=lambda call: call.rank
        )
        self.live = Collection(Live)
        self._named = self.live.index(lambda live: live.name or None)
        self._bridged = self.live.index(lambda live: live.bridge or None)
        self._held = self.live.index(lambda live: True if live.held else None)
        self._devices = self.live.index(lambda live: device_of(live.name) if live.bridge else None)
        self.entering = Collection(Entering)
        self._entering = self.entering.index(lambda entering: entering.queue or None)
        self._entering_by_ending = self.entering.index(lambda entering: ending(entering.number))
        self.signs = Collection(Signs)
        self.duty = Collection(Duty)
        self.duty_read = Collection(DutyRead)
        self._reads = self.duty_read.ordered(group=lambda _read: _ALL, order=lambda read: read.at)
        self.at_reception = Collection(AtReception)
        self._received = self.at_reception.index(lambda one: one.queue)
        self._receptions = self.at_reception.ordered(group=lambda _one: _ALL, order=lambda one: one.since)
        self.handling = Collection(Handling, table="handling", key="service")
        self.differences = Collection(Difference)
        self._differing = self.differences.index(lambda difference: difference.queue)
        self._link = Collection(Link)
        self._overload = Collection(Overload)
        self._last_seen = Collection(LastSeen, table="pulse")
        self.collections: tuple[Collection[Any], ...] = (
            self.calls, self.handling, self.live, self.entering, self.signs, self.duty, self.duty_read,
            self.at_reception, self.differences, self._link, self._overload, _Orders(waiting),
        )  # fmt: skip
        """The collections of the queue view, for its component."""
        self.last_seen_records = self._last_seen
        """The collection of the lease, for its component."""

    # --- single records --------------------------------------------------------------------------

    @property
    def link(self) -> Link:
        """Whether we are connected to Asterisk."""
        return self._link.only or _NOT_CONNECTED

    @property
    def overload(self) -> Overload | None:
        """The present overload: Asterisk's events are late. None while they come in time."""
        return self._overload.only

    @property
    def last_seen(self) -> LastSeen | None:
        """The last tick on disk while we were connected to Asterisk."""
        return self._last_seen.only

    # --- lookups ---------------------------------------------------------------------------------

    def on(self, channel: str) -> Call | None:
        """The call that this channel (its id) carries now."""
        return self._carried.get(channel)

    @property
    def carriers(self) -> Container[str]:
        """The ids of the channels that carry calls now."""
        return self._carried.values()

    def talking_in(self, bridge: str) -> Call | None:
        """The call whose latest conversation is in this bridge; of several, the last one that entered."""
        found = self._bridges.all(bridge)
        return found[-1] if found else None

    @property
    def consultations(self) -> Sequence[Call]:
        """The calls that are still consultations."""
        return self._consultations.all(True)

    def named(self, name: str) -> Live | None:
        """The channel with this name."""
        return self._named.get(name)

    def beside(self, channel: Live) -> Iterator[Live]:
        """The other channels in the bridge of this one."""
        others = self._bridged.all(channel.bridge) if channel.bridge else ()
        return (other for other in sorted(others, key=lambda other: other.call) if other.call != channel.call)

    def waiting(self, queue: str) -> Sequence[str]:
        """The calls that wait in a queue, the head first."""
        return self._places.in_queue(queue)

    def expected(self, queue: str) -> range:
        """The expected places of callers on their way into a queue."""
        first = len(self.waiting(queue)) + 1
        return range(first, first + self._entering.count(queue))

    def is_waiting(self, call: str) -> bool:
        """Whether this call waits in a queue now."""
        known = self.calls.get(call)
        return known is not None and known.stage is Stage.WAITING

    def position(self, call: str) -> int | None:
        """The place of a waiting call, 1 for the head; None when it does not wait."""
        known = self.calls.get(call)
        if known is None or known.stage is not Stage.WAITING:
            return None
        index = self._places.index(known.queue, call)
        return None if index is None else index + 1

    def waiting_in(self, queue: str) -> int:
        """How many calls wait in a queue, by what is known of each."""
        return self._ranks.count(queue)

    def waiting_before(self, queue: str, order: Rank) -> int:
        """The number of waiting calls of a queue before this rank, in O(log n)."""
        return self._ranks.before(queue, order)

    def talking_with(self, agent: str) -> Call | None:
        """The call that an agent (by interface) talks in; of several, the latest."""
        found = self._agents.all(agent)
        return found[-1] if found else None

    @property
    def queues_waiting(self) -> AbstractSet[str]:
        """The queues in which callers wait."""
        return self._ranks.groups()

    @property
    def queues_with_callers(self) -> AbstractSet[str]:
        """The queues in which callers wait, or which they are about to enter."""
        return self._ranks.groups() | self._entering.values()

    @property
    def queues_that_differ(self) -> AbstractSet[str]:
        """The queues in which app_queue counts other callers than are known here."""
        return self._differing.values()

    def talking(self) -> int:
        """How many callers talk with an agent."""
        return self._talking.count(True)

    def of_number(self, number: str, region: str) -> Iterator[Call]:
        """The calls whose caller has this number (E.164); `region` is the country of numbers without country code."""
        return (call for call in self._by_ending.all(ending(number)) if normalise(call.number, region) == number)

    def entering_of_number(self, number: str, region: str) -> Iterator[Entering]:
        """The same, of calls on their way into a queue."""
        entering = self._entering_by_ending.all(ending(number))
        return (one for one in entering if normalise(one.number, region) == number)

    def in_bridges(self, device: str) -> Iterable[Live]:
        """The channels of a device (`PJSIP/agent1`) that are in a bridge."""
        return self._devices.all(device)

    def is_held(self, channel: str) -> bool:
        """Whether a channel is in Stasis."""
        live = self.live.get(channel)
        return live is not None and live.held

    def anybody_to_ask(self) -> bool:
        """Whether there is a channel that answers questions: not one in Stasis, which may be playing a prompt."""
        return len(self.live) > self._held.count(True)

    def received(self, queue: str) -> Sequence[AtReception]:
        """The calls in Stasis that wait until the agents of a queue are known."""
        return self._received.all(queue)

    def received_before(self, moment: datetime) -> Iterable[AtReception]:
        """Those that have waited since before this moment, the longest first."""
        return takewhile(lambda one: one.since < moment, self._receptions.of(_ALL))

    def duty_read_before(self, moment: datetime) -> Iterable[DutyRead]:
        """When agents were read last, for the queues where that was before this moment."""
        return takewhile(lambda read: read.at < moment, self._reads.of(_ALL))

    def entering_queue(self, queue: str) -> Sequence[Entering]:
        """The calls that began `Queue()` and have not been seen in it yet."""
        return self._entering.all(queue)

    def put(self, record: Any) -> None:
        """Store a record as the engine does, where there is no engine."""
        kept = next(kept for kept in (*self.collections, self._last_seen) if kept.record is type(record))
        kept.put(record)
