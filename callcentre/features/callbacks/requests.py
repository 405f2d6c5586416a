"""Callbacks that staff or other systems wish for, and take back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from callcentre.features.callbacks.attempts import Attempts, queued_again
from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.model import Callback, CancelCallback, MoveCallback, Postponed, Request, Returned
from callcentre.features.callbacks.offers import Offers
from callcentre.features.callbacks.promise import Promises
from callcentre.features.callbacks.situation import Situations
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.telephony.effects import HangUp
from callcentre.telephony.queue_view.order import rank
from callcentre.values.numbers import Refused, caller_hash
from callcentre.world import World

REMEMBERED = timedelta(days=1)
"""So long a wish made again gets the answer of the first time."""


@dataclass(slots=True)
class Requests:
    """The rules for wishes from outside."""

    world: World
    offers: Offers
    situations: Situations
    promises: Promises
    attempts: Attempts

    def requested(self, event: CallbackRequested, at: datetime) -> Decision:
        """Take a callback in, or say why not; the answer is kept with the request."""
        known = self.world.callbacks.requests
        if event.request in known:
            return NOTHING
        return self._decided(event, at) + self._oldest_forgotten(at)

    def _oldest_forgotten(self, at: datetime) -> Decision:
        """Forget the oldest requests. One comes in with each look, so two are looked at, and they grow no further.

        A callback is named after its request: while it is open, its request is remembered for another day.
        """
        changes: list[Change] = []
        for request in islice(self.world.callbacks.requests.values(), 2):
            if at - request.at <= REMEMBERED:
                break
            is_open = request.callback in self.world.callbacks.open
            changes.append(Put(replace(request, at=at)) if is_open else Delete(request))
        return Decision(changes=tuple(changes))

    def _decided(self, event: CallbackRequested, at: datetime) -> Decision:
        service = self.world.settings.services.get(event.service)
        verdict = self.world.numbers.may_dial(event.number)
        if service is None or service.callback is None or self.world.settings.dialling is None:
            return self._answer(event, at, refusal="service")
        if isinstance(verdict, Refused):
            return self._answer(event, at, refusal=verdict.reason.value)
        held = self.world.callbacks.of_owner(event.service, verdict.e164)
        if held is not None:
            return self._answer(event, at, callback=held.callback, existing=True)
        callback = Callback(
            callback=f"cb-{event.request}", service=event.service, queue=service.queue, number=verdict.e164,
            caller_name=event.caller_name, language=service.language, joined_at=at, taken_at=at,
        )  # fmt: skip
        if callback.callback in self.world.callbacks.open:
            # An old wish under this name stands open for somebody else, whose promise it is.
            return self._answer(event, at, refusal="request")
        if service.callback.at_closing == "expire" and not service.opening_hours.is_open(at):
            # It would expire at once.
            return self._answer(event, at, refusal="closed")
        now = self.situations.of(event.service, service.queue, rank(at), at)
        if now.open_callbacks >= service.callback.offer.max_open:
            return self._answer(event, at, refusal="full")
        taken = self.promises.promised(callback, now, service, at, by=event.by)
        return taken + self._answer(event, at, callback=callback.callback)

    def _answer(
        self,
        event: CallbackRequested,
        at: datetime,
        *,
        callback: str | None = None,
        existing: bool = False,
        refusal: str | None = None,
    ) -> Decision:
        request = Request(
            request=event.request, at=at, fingerprint=fingerprint(self.world.key, event),
            callback=callback, existing=existing, refusal=refusal,
        )  # fmt: skip
        return Decision(changes=(Put(request),))

    def withdrawn(self, event: CallbackWithdrawn, at: datetime) -> Decision:
        """Somebody takes a callback back; a call of ours ends, unless the customer talks with an agent already."""
        callback = self.world.callbacks.open.get(event.callback)
        return NOTHING if callback is None else self._taken_back(callback, event.by, at)

    def cancelled(self, ask: CancelCallback, at: datetime) -> Decision:
        """Its owner does not want it any more."""
        callback = self.world.callbacks.open.get(ask.callback)
        return NOTHING if callback is None else self._taken_back(callback, ask.by, at)

    def moved(self, ask: MoveCallback, _at: datetime) -> Decision:
        """Its owner wants it at another number."""
        callback = self.world.callbacks.open.get(ask.callback)
        if callback is None:
            return NOTHING
        # The name is that of the number before: nobody at another number hears or reads it.
        name = callback.caller_name if ask.number == callback.number else ""
        there = replace(callback, number=ask.number, caller_name=name)
        # The call hours that it waits for, if any, were those of the number before.
        match there.state:
            case Postponed(why="call_hours"):
                return queued_again(there)
            case Returned(call=call, agreed=Postponed(why="call_hours")):
                return Decision(changes=(Put(replace(there, state=Returned(call=call))),))
            case _:
                return Decision(changes=(Put(there),))

    def _taken_back(self, callback: Callback, by: str, at: datetime) -> Decision:
        ours = callback.call if callback.is_in_flight else None
        told = self.offers.hears_of(callback.callback)
        calls = (ours, None if told is None else told.call)
        hang_up = Decision(effects=tuple(HangUp(call=call) for call in calls if call is not None))
        return self.attempts.cancelled(callback, by, at) + hang_up


def fingerprint(key: bytes, event: CallbackRequested) -> str:
    """What a wish says, as a keyed hash: the same request with other words is another wish, and a mistake."""
    return caller_hash(key, "\n".join((event.service, event.number, event.caller_name)))
