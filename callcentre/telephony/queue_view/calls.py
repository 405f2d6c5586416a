"""All that is known of calls and queues now.

Lists of waiting callers are in app_queue's own order, its head first.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import assert_never

from sortedcontainers import SortedList

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
    Signs,
    Stage,
)
from callcentre.telephony.queue_view.order import Rank

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
