"""The state of a queue for a caller at a place in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcentre.features.callbacks.model import Callback, Phase
from callcentre.features.callbacks.rules import Situation
from callcentre.features.callbacks.settings import CallbackCaps
from callcentre.features.callbacks.views import Views
from callcentre.kernel.limits.caps import caps_of
from callcentre.telephony.queue_view.estimate import estimated_wait
from callcentre.telephony.queue_view.model import Stage
from callcentre.telephony.queue_view.order import Rank


@dataclass(slots=True)
class Situations:
    """Reads the state of queues."""

    views: Views

    def of(self, service: str, queue: str, order: Rank, at: datetime) -> Situation:
        """The state of the queue at `at` for a caller of this rank."""
        duty = self.views.queues.calls.duty.get(queue)
        dialling = self.views.dialling
        live = self.views.queues.live_before(queue, order)
        queued = self.views.callbacks.queued_before(queue, order)
        place = live + queued + 1
        handle_time = self.views.queues.handle_time(service)
        return Situation(
            place=place,
            wait=estimated_wait(place, duty, handle_time),
            ahead=live + self._to_serve_before(queue, order),
            on_duty=0 if duty is None else duty.on_duty,
            handle_time=handle_time,
            open_callbacks=self._open_in(queue),
            calls_left=dialling is not None and not self.views.own_calls.spent(service, dialling, at),
            cap_reached=self._cap_reached(service),
        )

    def _cap_reached(self, service: str) -> bool:
        """Whether the organisation of a service has all the open callbacks that it may have."""
        settings = self.views.settings
        caps = caps_of(settings, service, CallbackCaps)
        if caps is None or caps.open_callbacks is None:
            return False
        theirs = settings.services_of(settings.organisation_of(service) or "")
        # Services of two organisations share no queue.
        queues = {settings.services[one].queue for one in theirs}
        return sum(map(self._open_in, queues)) >= caps.open_callbacks

    def _open_in(self, queue: str) -> int:
        """The open callbacks of a queue, without customers who talk with an agent."""
        return self.views.callbacks.open_in(queue) - self.views.callbacks.connected_in(queue)

    def _to_serve_before(self, queue: str, order: Rank) -> int:
        """The number of open callbacks of an earlier rank that are to be served, without customers who wait live."""
        earlier = (one for one in self.views.callbacks.on_the_line(queue) if one.order < order)
        elsewhere = sum(one.phase is Phase.CONNECTED or self._waits_live(one) for one in earlier)
        return self.views.callbacks.open_before(queue, order) - elsewhere

    def _waits_live(self, callback: Callback) -> bool:
        calls, coming = self.views.queues.calls.calls, self.views.coming.by_call
        return any(call in coming or (call in calls and calls[call].stage is Stage.WAITING) for call in callback.calls)
