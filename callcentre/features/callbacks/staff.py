"""What staff does with an open callback: it is dialled later, moved to the head of its queue, or given to a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.events import CallbackDeferred, CallbackMovedUp, OtherServiceWanted
from callcentre.features.callbacks.facts import CallbackMoved, CallbackReassigned
from callcentre.features.callbacks.interface import StaffCallbacks
from callcentre.features.callbacks.model import Callback, Phase, Request, Waiting, WhyNot
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.timers import CallbackWaits
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Put
from callcentre.telephony.queue_view.order import Rank

LATEST: Final = timedelta(days=14)
"""No callback is deferred for longer."""

BY: Final = "staff"

_BEFORE: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Staff(StaffCallbacks):
    """The rules, and what pages ask before they submit."""

    views: Views
    attempts: Attempts

    # --- whether it can be done ------------------------------------------------------------------

    def service_of(self, callback: str) -> str | None:
        """The service of an open callback; None for one that is not open."""
        known = self.views.callbacks.get(callback)
        return None if known is None else known.service

    def why_not(self, callback: str) -> WhyNot | None:
        """Why a callback cannot be moved or given to another service now; None where it can."""
        known = self.views.callbacks.get(callback)
        if known is None:
            return WhyNot.OVER
        return None if known.phase is Phase.WAITING else WhyNot.ON_A_CALL

    def why_not_defer(self, callback: str, until: datetime, at: datetime) -> WhyNot | None:
        """Why a callback cannot be deferred until then."""
        return self.why_not(callback) or (None if at < until <= at + LATEST else WhyNot.PASSED)

    def why_not_reassign(self, callback: str, service: str) -> WhyNot | None:
        """Why a callback cannot be given to this service."""
        known = self.views.callbacks.get(callback)
        if known is None or (why := self.why_not(callback)) is not None:
            return WhyNot.OVER if known is None else why
        if known.service == service or rules_of(self.views.settings.services.get(service)) is None:
            return WhyNot.SERVICE
        return WhyNot.EXISTING if self.views.callbacks.of_owner(service, known.number) is not None else None

    def answer(self, request: str) -> Request | None:
        """What came of a request for a callback."""
        return self.views.callbacks.requests.get(request)

    def end_at_closing(self, service: str) -> bool:
        """Whether the waiting callbacks of a service end when it closes."""
        rules = rules_of(self.views.settings.services.get(service))
        return rules is not None and rules.at_closing == "expire"

    # --- the rules -------------------------------------------------------------------------------

    def deferred(self, event: CallbackDeferred, at: datetime) -> Decision:
        """It is dialled again at that time, or at the next call hours."""
        callback = self.views.callbacks.get(event.callback)
        if callback is None or self.why_not_defer(event.callback, event.until, at) is not None:
            return NOTHING
        return self.attempts.postponed(callback, BY, at, event.until, callback.attempts)

    def moved_up(self, event: CallbackMovedUp, _at: datetime) -> Decision:
        """It is the first of its queue now. It keeps the promise's own time, by which promises are judged."""
        callback = self.views.callbacks.get(event.callback)
        if callback is None or self.why_not(event.callback) is not None:
            return NOTHING
        there = replace(callback, state=Waiting())
        if (head := self._head(callback)) is not None:
            there = replace(there, priority=max(there.priority, -head[0]), joined_at=head[1] - _BEFORE)
        fact = self.attempts.fact(CallbackMoved, callback, position=1, by=BY)
        timers = (CancelTimer(CallbackWaits(callback=callback.callback)),)
        return Decision(changes=(Put(there),), facts=(fact,), timers=timers)

    def reassigned(self, event: OtherServiceWanted, _at: datetime) -> Decision:
        """It waits for the other service, in the order of its joining."""
        callback = self.views.callbacks.get(event.callback)
        if callback is None or self.why_not_reassign(event.callback, event.service) is not None:
            return NOTHING
        queue = self.views.settings.services[event.service].queue
        there = replace(callback, service=event.service, queue=queue)
        fact = self.attempts.fact(CallbackReassigned, there, before=callback.service, by=BY)
        return Decision(changes=(Put(there),), facts=(fact,))

    def _head(self, callback: Callback) -> Rank | None:
        """The rank of the first caller or callback in the queue; None where there is no other."""
        calls, queue = self.views.queues.calls, callback.queue
        ranks = [calls.calls[call].rank for call in calls.waiting(queue)[:1] if call in calls.calls]
        first = next((one for one in self.views.callbacks.first_queued(queue, 2) if one.key != callback.key), None)
        return min((*ranks, *(() if first is None else (first.order,))), default=None)
