"""All open callbacks, found by customer, call, service and place. Each look-up and change costs O(log n)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from heapq import merge

from callcentre.features.callbacks.model import IN_FLIGHT, Callback, DialTime, Phase, Postponed, Request, promised_on
from callcentre.kernel.collection import Collection
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.order import Rank


class Callbacks(Collection[Callback]):
    """All open callbacks by their ids, with the records that belong to them."""

    def __init__(self) -> None:
        super().__init__(Callback, table="callbacks", key="callback")
        self.requests = Collection(Request, table="callback_requests", key="request")
        self.dial_times = Collection(DialTime, table="dial_time")
        self._by_owner = self.index(lambda one: (one.service, one.number))
        self._by_number = self.index(lambda one: one.number)
        self._by_promise = self.index(lambda one: promised_on(one.callback))
        self._by_call = self.index_many(lambda one: one.calls)
        self._by_number_on_a_call = self.index(lambda one: one.number if one.calls else None)
        self._waiting = self.index(lambda one: one.service if one.phase is Phase.WAITING else None)
        self._by_service = self.index(lambda one: one.service)
        self._by_service_and_queue = self.index(lambda one: (one.service, one.queue))
        self._by_phase = self.index(lambda one: one.phase)
        self._by_queue_and_phase = self.index(lambda one: (one.queue, one.phase))
        self._in_flight = self.index(lambda one: one.queue if one.is_in_flight else None)
        self._in_flight_alone = self.index(
            lambda one: one.queue if one.is_in_flight and one.agent_call is None else None
        )
        self._in_flight_for = self.index(lambda one: one.service if one.is_in_flight else None)
        self._with_call = self.index(lambda one: one.queue if one.calls else None)
        self._postponed_for = self.index(lambda one: one.state.why if isinstance(one.state, Postponed) else None)
        self._withheld = self.index(
            lambda one: one.queue if one.withheld and one.phase is not Phase.CONNECTED else None
        )
        self._queued = self.ordered(lambda one: one.queue if one.is_queued else None, lambda one: one.order)
        self._of_queue = self.ordered(lambda one: one.queue, lambda one: one.order)
        self._queued_for = self.ordered(
            lambda one: (one.queue, one.service) if one.is_queued else None, lambda one: one.order
        )

    # --- customers -------------------------------------------------------------------------------

    def of_owner(self, service: str, number: str) -> Callback | None:
        """The open callback to this number for this service.

        There are two where one was moved to a number that has its own. Then it is the one that a call is about now,
        else the first in the order of the queue.
        """
        return next(iter(self.all_of_owner(service, number)), None)

    def all_of_owner(self, service: str, number: str) -> list[Callback]:
        """Every open callback to this number for this service: those on a call first, then in the queue's order."""
        return sorted(self._by_owner.all((service, number)), key=lambda one: (not one.calls, one.order))

    def of_number(self, number: str) -> list[Callback]:
        """Every open callback to this number (E.164)."""
        return self._by_number.all(number)

    def is_open_to(self, number: str) -> bool:
        """Whether a callback to this number (E.164) is open, for any service."""
        return number in self._by_number

    def has_phone(self, number: str) -> bool:
        """Whether there is a call about a callback to this number (E.164)."""
        return number in self._by_number_on_a_call

    def of_call(self, call: str | None) -> Callback | None:
        """The callback that a channel is about: the customer's, or one that reserves an agent."""
        return None if call is None else self._by_call.get(call)

    def promised_on(self, call: str) -> Callback | None:
        """The callback that was accepted on this call."""
        return next(iter(self._by_promise.all(call)), None)

    # --- in a queue ------------------------------------------------------------------------------

    def first_queued(self, queue: str, most: int) -> list[Callback]:
        """So many of the queued callbacks, or fewer: the first in the order of the queue."""
        return self._queued.firsts(queue, most)

    def queued_for(self, queue: str, services: Iterable[str], after: Rank | None) -> Iterator[Callback]:
        """The queued callbacks of some services of a queue, after the rank `after`, in the order of the queue."""
        each = (self._queued_for.of((queue, service), after) for service in services)
        return merge(*each, key=lambda one: one.order)

    def queued_for_before(self, queue: str, services: Iterable[str], order: Rank) -> int:
        """The number of queued callbacks of some services of a queue before this rank."""
        return sum(self._queued_for.before((queue, service), order) for service in services)

    def first(self, queue: str) -> Callback | None:
        """The first queued callback."""
        return self._queued.first(queue)

    def queued_before(self, queue: str, order: Rank) -> int:
        """The number of queued callbacks before this rank."""
        return self._queued.before(queue, order)

    def queues_waiting(self) -> AbstractSet[str]:
        """The queues in which callbacks are queued."""
        return self._queued.groups()

    def queues(self) -> AbstractSet[str]:
        """The queues in which callbacks are queued or in flight."""
        return self._queued.groups() | self._in_flight.values()

    def open_in(self, queue: str) -> int:
        """The number of open callbacks in a queue."""
        return self._of_queue.count(queue)

    def open_before(self, queue: str, order: Rank) -> int:
        """The number of open callbacks of a queue before this rank, whatever they wait for."""
        return self._of_queue.before(queue, order)

    def connected_in(self, queue: str) -> int:
        """The number of customers of a queue who talk with an agent."""
        return self._by_queue_and_phase.count((queue, Phase.CONNECTED))

    def withheld_in(self, queue: str) -> int:
        """The number of open callbacks of callers with a withheld number, without customers who talk with an agent."""
        return self._withheld.count(queue)

    # --- on a call -------------------------------------------------------------------------------

    def in_flight(self, queue: str | None = None) -> int:
        """The number of callbacks that are dialled, and neither connected nor ended; in one queue, or in all."""
        if queue is not None:
            return self._in_flight.count(queue)
        return sum(self._by_phase.count(phase) for phase in IN_FLIGHT)

    def in_flight_alone(self, queue: str) -> int:
        """The number of callbacks of a queue in flight without a reserved agent."""
        return self._in_flight_alone.count(queue)

    def dialling(self) -> int:
        """The number of customers' phones that ring, or are about to."""
        return self._by_phase.count(Phase.DIALLING)

    def reserving_in_all(self) -> int:
        """The number of callbacks for which an agent is rung, in all queues."""
        return self._by_phase.count(Phase.RESERVING)

    def reserving(self, queue: str) -> list[Callback]:
        """The callbacks of a queue for which an agent is rung."""
        return self._by_queue_and_phase.all((queue, Phase.RESERVING))

    def on_the_line(self, queue: str) -> list[Callback]:
        """The callbacks of a queue with a call: in flight, in a conversation, or the customer has called again."""
        return self._with_call.all(queue)

    def with_calls(self) -> list[Callback]:
        """The callbacks with a call, in every queue."""
        return [one for queue in tuple(self._with_call.values()) for one in self.on_the_line(queue)]

    # --- of a service ----------------------------------------------------------------------------

    def services(self) -> AbstractSet[str]:
        """The services with an open callback."""
        return self._by_service.values()

    def open_for(self, service: str) -> int:
        """The number of open callbacks of a service."""
        return self._by_service.count(service)

    def in_flight_for(self, service: str) -> int:
        """The number of callbacks of a service that are dialled, and neither connected nor ended."""
        return self._in_flight_for.count(service)

    def services_waiting(self) -> AbstractSet[str]:
        """The services with a callback that is queued or postponed."""
        return self._waiting.values()

    def of_service(self, service: str) -> list[Callback]:
        """The open callbacks of a service, in the order in which they were accepted."""
        return self._by_service.all(service)

    def first_waiting(self, service: str) -> Callback | None:
        """The first callback of a service that is queued or postponed."""
        return self._waiting.get(service)

    def services_with_queues(self) -> list[tuple[str, str]]:
        """The services of open callbacks, with the queues of these callbacks."""
        return list(self._by_service_and_queue.values())

    def postponed_for(self, why: str) -> list[Callback]:
        """The callbacks that are postponed for this reason."""
        return self._postponed_for.all(why)

    # --- other records ---------------------------------------------------------------------------

    @property
    def dial_time(self) -> DialTime | None:
        """The latest times from dialling to a pressed key."""
        return self.dial_times.only


def place_of(callback: Callback, callbacks: Callbacks, queues: QueueView) -> int:
    """The place of a callback in its queue now: the number of people before it, plus one."""
    live = queues.live_before(callback.queue, callback.rank)
    return live + callbacks.queued_before(callback.queue, callback.order) + 1
