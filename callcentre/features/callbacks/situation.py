"""How a queue stands for somebody at a place in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcentre.features.callbacks.model import Callback, Phase
from callcentre.features.callbacks.rules import Situation
from callcentre.telephony.dialling.outgoing import spent
from callcentre.telephony.queue_view.estimate import estimated_wait
from callcentre.telephony.queue_view.model import Stage
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.days import day_of
from callcentre.world import World


@dataclass(slots=True)
class Situations:
    """Reads how queues stand."""

    world: World

    def of(self, service: str, queue: str, order: Rank, at: datetime) -> Situation:
        """How the queue stands at `at` for a caller of this rank."""
        duty = self.world.calls.duty.get(queue)
        dialling = self.world.settings.dialling
        today = day_of(at, self.world.settings.timezone)
        live = self.world.live_before(queue, order)
        standing = self.world.callbacks.queued_before(queue, order)
        place = live + standing + 1
        handle_time = self.world.handle_time(service)
        talking = sum(one.phase is Phase.CONNECTED for one in self.world.callbacks.on_the_line(queue))
        return Situation(
            place=place,
            wait=estimated_wait(place, duty, handle_time),
            ahead=live + self._to_serve_before(queue, order),
            on_duty=0 if duty is None else duty.on_duty,
            handle_time=handle_time,
            open_callbacks=self.world.callbacks.open_in(queue) - talking,
            calls_left=dialling is not None
            and not spent(self.world.outgoing.dialled, day=today, per_day=dialling.per_day),
        )

    def _to_serve_before(self, queue: str, order: Rank) -> int:
        """How many open callbacks of an earlier rank are to be served, without those who wait in the queue live."""
        earlier = (one for one in self.world.callbacks.on_the_line(queue) if one.order < order)
        elsewhere = sum(one.phase is Phase.CONNECTED or self._waits_live(one) for one in earlier)
        return self.world.callbacks.open_before(queue, order) - elsewhere

    def _waits_live(self, callback: Callback) -> bool:
        calls, coming = self.world.calls.calls, self.world.coming.by_call
        return any(call in coming or (call in calls and calls[call].stage is Stage.WAITING) for call in callback.calls)
