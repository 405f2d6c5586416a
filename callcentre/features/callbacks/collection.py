"""All open callbacks, found by owner, call, service and place. Each look-up and change costs O(log n)."""

from __future__ import annotations

from collections.abc import Iterator

from sortedcontainers import SortedList

from callcentre.features.callbacks.model import Callback, DialTime, Phase, Postponed, Request
from callcentre.telephony.queue_view.order import Rank


class Callbacks:
    """All open callbacks. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.open: dict[str, Callback] = {}
        self.dial_time: DialTime | None = None
        self.requests: dict[str, Request] = {}
        self._by_owner: dict[tuple[str, str], set[str]] = {}
        self._by_call: dict[str, str] = {}
        self._of_service: dict[str, dict[str, None]] = {}
        self._in_queue: dict[tuple[str, str], set[str]] = {}
        self._postponed: dict[str, dict[str, None]] = {}
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

    def queued(self, queue: str, after: Rank | None = None) -> Iterator[Callback]:
        """Those that are queued, in the order of the queue, behind the rank `after`. It may change while it is read.

        Each costs O(log n): most who look stop after a few.
        """
        standing = self._standing.get(queue)
        place = 0 if standing is None or after is None else standing.bisect_right(after)
        while standing is not None and place < len(standing):
            order = standing[place]
            yield self.open[order[-1]]
            place = standing.bisect_right(order)

    def first(self, queue: str) -> Callback | None:
        """The first that is queued."""
        standing = self._standing.get(queue)
        return self.open[standing[0][-1]] if standing else None

    def queued_before(self, queue: str, order: Rank) -> int:
        """How many callbacks that are queued are before this rank."""
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

    def with_calls(self) -> Iterator[Callback]:
        """Those with a call, of every queue."""
        for queue in self._with_call:
            yield from self.on_the_line(queue)

    def of_service(self, service: str) -> Iterator[Callback]:
        """The open callbacks of a service, in the order in which they were taken."""
        for name in self._of_service.get(service, ()):
            yield self.open[name]

    def first_waiting(self, service: str) -> Callback | None:
        """The first of a service that is queued or postponed."""
        return next((one for one in self.of_service(service) if one.phase is Phase.WAITING), None)

    def services_with_queues(self) -> set[tuple[str, str]]:
        """The services of open callbacks, with the queues that these are in."""
        return {placed for placed, names in self._in_queue.items() if names}

    def postponed_for(self, why: str) -> Iterator[Callback]:
        """Those that are postponed for this reason."""
        for name in self._postponed.get(why, ()):
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
                self.requests.pop(record.request, None)
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
        self._of_service.setdefault(callback.service, {})[callback.callback] = None
        self._in_queue.setdefault((callback.service, callback.queue), set()).add(callback.callback)
        if isinstance(callback.state, Postponed):
            self._postponed.setdefault(callback.state.why, {})[callback.callback] = None
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
        self._of_service[before.service].pop(name)
        self._in_queue[before.service, before.queue].discard(name)
        if isinstance(before.state, Postponed):
            self._postponed[before.state.why].pop(name)
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
