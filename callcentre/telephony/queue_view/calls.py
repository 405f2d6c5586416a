"""Everything that is known of calls and queues now.

Lists of waiting callers have app_queue's own order, the head first.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
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

_NOBODY: tuple[str, ...] = ()
_NOT_CONNECTED = Link(up=False)


class _Waiting:
    """The calls that wait in each queue, in app_queue's own order, the head first."""

    def __init__(self) -> None:
        self._queues: dict[str, list[str]] = {}

    def in_queue(self, queue: str) -> Sequence[str]:
        return self._queues.get(queue, _NOBODY)

    def ordered(self, queue: str, calls: Sequence[str]) -> None:
        """app_queue named all waiting calls."""
        self._queues[queue] = list(calls)

    def replace(self, before: Call | None, after: Call | None) -> None:
        """Update the lists after a change of a call."""
        old = _place_of(before)
        new = _place_of(after)
        # A caller who still waits stays in the list: only its index has changed when callers ahead have left.
        if old == new:
            return
        if before is not None and old is not None and before.call in self._queues.get(old[0], ()):
            self._queues[old[0]].remove(before.call)
        if after is not None and new is not None:
            self._queues.setdefault(after.queue, []).insert(after.position - 1, after.call)


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
        self._bridges = self.calls.index(lambda call: call.bridge or None)
        self._consultations = self.calls.index(lambda call: call.consultation or None)
        self._ranks = self.calls.ordered(
            group=lambda call: call.queue if call.stage is Stage.WAITING else None, order=lambda call: call.rank
        )
        self.live = Collection(Live)
        self._named = self.live.index(lambda live: live.name or None)
        self._bridged = self.live.index(lambda live: live.bridge or None)
        self.entering = Collection(Entering)
        self._entering = self.entering.index(lambda entering: entering.queue or None)
        self.signs = Collection(Signs)
        self.duty = Collection(Duty)
        self.duty_read = Collection(DutyRead)
        self.at_reception = Collection(AtReception)
        self.handling = Collection(Handling, table="handling", key="service")
        self.differences = Collection(Difference)
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
        order = self.waiting(known.queue)
        return order.index(call) + 1 if call in order else None

    def waiting_before(self, queue: str, order: Rank) -> int:
        """The number of waiting calls of a queue before this rank, in O(log n)."""
        return self._ranks.before(queue, order)

    def entering_queue(self, queue: str) -> Sequence[Entering]:
        """The calls that began `Queue()` and have not been seen in it yet."""
        return self._entering.all(queue)

    def put(self, record: Any) -> None:
        """Store a record as the engine does, where there is no engine."""
        kept = next(kept for kept in (*self.collections, self._last_seen) if kept.record is type(record))
        kept.put(record)
