"""When app_queue is asked: while the answer is needed, and before a rule decides about a caller.

A question costs Asterisk a request, and without any call a channel. So a queue is read every two seconds only while
callers wait in it or are on their way into it, or its callbacks may be dialled. The agents on duty in any other queue
are unknown. They are read when the next caller comes, before anything is decided about that caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.kernel.event import Tick
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.effects import ReadQueue, ReadQueues
from callcentre.telephony.events import (
    AsteriskLost,
    ChannelDestroyed,
    QueueNotRead,
    QueueRead,
    QueuesRead,
    StasisEnded,
    StasisStarted,
    Synchronised,
)
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import AtReception, CallArrived

if TYPE_CHECKING:
    from callcentre.config.settings import Settings

POLL_SECONDS = 2
"""A needed queue is read this often: a log-on is noticed within 5 s even if one reading fails."""

FRESH = timedelta(seconds=2)
"""A rule decides about a caller with a reading of the agents that is not older than this."""

PATIENCE = timedelta(seconds=1)
"""After this time a rule decides with what is known. The dialplan's time limit would release the caller after 3 s."""

FORGOTTEN = timedelta(seconds=5)
"""After this time without a reading the agents on duty are unknown, and no callback is dialled because of them."""


def knows_agents(calls: Calls, queue: str, at: datetime) -> bool:
    """Whether the agents on duty were just read."""
    read = calls.duty_read.get(queue)
    return read is not None and at - read.at <= FRESH


def _is_known(calls: Calls, queue: str, at: datetime) -> bool:
    read = calls.duty_read.get(queue)
    return read is not None and at - read.at <= FORGOTTEN


class Polling:
    """The rules about when which queue is read."""

    def __init__(self, view: QueueView) -> None:
        self._view = view
        self._calls = view.calls
        self._known: tuple[Settings, AbstractSet[str], AbstractSet[str]] | None = None

    # --- every two seconds -----------------------------------------------------------------------

    def ticked(self, _event: Tick, at: datetime) -> Decision:
        """Read the queues that are needed, and count the callers of the others while there is any call."""
        forgotten = Decision(changes=tuple(self._forgotten(at))) + self._kept_too_long(at)
        if not self._calls.link.up:
            return forgotten
        queues, needed = self._view.rules.settings.queues, self.needed(at)
        if int(at.timestamp()) % POLL_SECONDS:
            # Not their turn; but a queue that is needed from now on is read at once.
            unread = {queue for queue in needed if not _is_known(self._calls, queue, at)}
            asked = tuple(queue for queue in queues if queue in unread) if unread else ()
            return forgotten + Decision(effects=(ReadQueues(queues=asked),) if asked else ())
        asked = tuple(queue for queue in queues if queue in needed)
        # A call may run Queue() without any event, from an AGI script for example.
        counted = tuple(queue for queue in queues if queue not in needed) if self._calls.anybody_to_ask() else ()
        if not asked and not counted:
            return forgotten
        return forgotten + Decision(effects=(ReadQueues(queues=asked, counted=counted),))

    def needed(self, at: datetime) -> AbstractSet[str]:
        """The queues about which anything needs app_queue's answer."""
        callers = self._calls.queues_with_callers
        live = {queue for held in self._view.held if held.live for queue in held.queues()}
        waiting = {queue for held in self._view.held if not held.live for queue in held.queues()}
        return callers | self._calls.queues_that_differ | live | (waiting & self._open_queues(at))

    def _open_queues(self, at: datetime) -> AbstractSet[str]:
        """The queues with a service that is open and may dial callbacks."""
        settings = self._view.rules.settings
        is_open = settings.timetable.open_at(at)
        if self._known is None or self._known[0] is not settings or self._known[1] is not is_open:
            services = (settings.services[name] for name in is_open)
            self._known = settings, is_open, frozenset(one.queue for one in services if one.needs("agents"))
        return self._known[2]

    def _forgotten(self, at: datetime) -> Iterator[Change]:
        calls = self._calls
        for read in calls.duty_read_before(at - FORGOTTEN):
            yield Delete(read)
            if (duty := calls.duty.get(read.queue)) is not None:
                yield Delete(duty)

    # --- before a caller is decided about --------------------------------------------------------

    def enters(self, event: StasisStarted, at: datetime) -> Decision:
        """`Stasis(app,enter,<service>,…)`: a caller is on the way into a queue."""
        service = self._view.rules.settings.services.get(_argument(event))
        return self._comes(event, None if service is None else service.queue, at)

    def comes_out(self, event: StasisStarted, at: datetime) -> Decision:
        """`Stasis(app,exit,<queue>,…)`: a caller came out of a queue by the exit key."""
        queue = _argument(event)
        return self._comes(event, queue if self._view.services_of(queue) else None, at)

    def _comes(self, event: StasisStarted, queue: str | None, at: datetime) -> Decision:
        """A caller enters Stasis: a rule decides about the caller when the agents are known."""
        known = queue is None or not self._is_decided_about(queue) or knows_agents(self._calls, queue, at)
        if queue is None or known or self._calls.overload is not None:
            return Decision(commands=(CallArrived(at=at, channel=event.channel, arguments=event.arguments),))
        waits = AtReception(channel=event.channel, arguments=event.arguments, queue=queue, since=at)
        look = () if self._calls.received(queue) else (ReadQueue(queue=queue, members=True, through=event.channel.id),)
        return Decision(changes=(Put(waits),), effects=look)

    def _is_decided_about(self, queue: str) -> bool:
        """Whether any service of the queue offers callbacks. Callers of other queues continue as they came."""
        services = self._view.services_of(queue).values()
        dialling = self._view.rules.settings.section(DiallingSettings)
        return dialling is not None and any(one.needs("agents") for one in services)

    def read(self, event: QueueRead, at: datetime) -> Decision:
        """The agents of a queue are known, or were not asked for."""
        return NOTHING if event.reading.agents is None else self._go_on(event.reading.queue, at)

    def all_read(self, event: QueuesRead, at: datetime) -> Decision:
        """The agents of several queues are known."""
        known = (reading.queue for reading in event.readings if reading.agents is not None)
        return sum((self._go_on(queue, at) for queue in known), NOTHING)

    def not_read(self, event: QueueNotRead, at: datetime) -> Decision:
        """The agents are unknown: deciding without them is better than making a caller wait."""
        return self._go_on(event.queue, at)

    def _kept_too_long(self, at: datetime) -> Decision:
        return self._decided(tuple(self._calls.received_before(at - PATIENCE)), at)

    def _go_on(self, queue: str, at: datetime) -> Decision:
        return self._decided(self._calls.received(queue), at)

    def _decided(self, waiting: Sequence[AtReception], at: datetime) -> Decision:
        if not waiting:
            return NOTHING
        return Decision(
            changes=tuple(Delete(one) for one in waiting),
            commands=tuple(CallArrived(at=at, channel=one.channel, arguments=one.arguments) for one in waiting),
        )

    def gone(self, event: ChannelDestroyed | StasisEnded, _at: datetime) -> Decision:
        """The caller hung up, or was released by the time limit."""
        one = self._calls.at_reception.get(event.call)
        return NOTHING if one is None else Decision(changes=(Delete(one),))

    def anew(self, _event: AsteriskLost | Synchronised, _at: datetime) -> Decision:
        """Calls in Stasis are reported again by the next connection."""
        return Decision(changes=tuple(Delete(one) for one in self._calls.at_reception.values()))


def _argument(event: StasisStarted) -> str:
    """The argument after the purpose; "" where there is none."""
    return event.arguments[1] if len(event.arguments) > 1 else ""
