"""Requests of staff, other systems and customers about callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from callcentre.features.callbacks.attempts import Attempts, queued_again
from callcentre.features.callbacks.elsewhere import Visiting
from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.model import Callback, CancelCallback, MoveCallback, Postponed, Request, Returned
from callcentre.features.callbacks.offers import Offers
from callcentre.features.callbacks.promise import Promises
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.situation import Situations
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.erasure.rules import nameless
from callcentre.telephony.effects import HangUp
from callcentre.telephony.queue_view.order import rank
from callcentre.values.numbers import Refused, caller_hash


@dataclass(slots=True)
class Requests:
    """The rules for requests."""

    views: Views
    offers: Offers
    situations: Situations
    promises: Promises
    attempts: Attempts
    visiting: Visiting

    def requested(self, event: CallbackRequested, at: datetime) -> Decision:
        """Accept a callback, or say why not. The answer is stored with the request."""
        known = self.views.callbacks.requests
        if event.request in known:
            return NOTHING
        return self._decided(event, at)

    def _decided(self, event: CallbackRequested, at: datetime) -> Decision:
        service = self.views.settings.services.get(event.service)
        verdict = self.views.numbers.may_dial(event.number)
        rules = rules_of(service)
        if service is None or rules is None or self.views.dialling is None:
            return self._answer(event, at, refusal="service")
        if isinstance(verdict, Refused):
            return self._answer(event, at, refusal=verdict.reason.value)
        held = self.views.callbacks.of_owner(event.service, verdict.e164)
        if held is not None:
            return self._answer(event, at, callback=held.callback, existing=True)
        if (away := self.visiting.of_owner(event.service, verdict.e164)) is not None:
            return self._answer(event, at, callback=away[1].callback, existing=True)
        callback = Callback(
            callback=f"cb-{event.request}", service=event.service, queue=service.queue, number=verdict.e164,
            caller_name=event.caller_name, language=service.language, joined_at=at, taken_at=at,
        )  # fmt: skip
        if callback.callback in self.views.callbacks:
            # The callback of an old request with this name is open, for another customer.
            return self._answer(event, at, refusal="request")
        if rules.at_closing == "expire" and not service.opening_hours.is_open(at):
            # It would expire at once.
            return self._answer(event, at, refusal="closed")
        now = self.situations.of(event.service, service.queue, rank(at), at)
        if now.is_full(rules.offer):
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
            request=event.request, at=at, fingerprint=fingerprint(self.views.people.key, event),
            callback=callback, existing=existing, refusal=refusal,
        )  # fmt: skip
        return Decision(changes=(Put(request),))

    def withdrawn(self, event: CallbackWithdrawn, at: datetime) -> Decision:
        """Staff or another system cancels a callback. Our call ends, unless the customer talks with an agent."""
        callback = self.views.callbacks.get(event.callback)
        return NOTHING if callback is None else self._taken_back(callback, event.by, at)

    def cancelled(self, command: CancelCallback, at: datetime) -> Decision:
        """The customer no longer wants a callback."""
        callback = self.views.callbacks.get(command.callback)
        return NOTHING if callback is None else self._taken_back(callback, command.by, at)

    def erased(self, event: ErasureBegun, at: datetime) -> Decision:
        """The person is to be erased: the callbacks to the number end, by the person's own request."""
        theirs = self.views.callbacks.of_number(event.erasure.number)
        return sum((nameless(self._taken_back(one, "customer", at)) for one in theirs), NOTHING)

    def moved(self, command: MoveCallback, _at: datetime) -> Decision:
        """The customer wants the callback at another number."""
        callback = self.views.callbacks.get(command.callback)
        if callback is None:
            return NOTHING
        # The name belongs to the old number: a person at another number must not get it.
        name = callback.caller_name if command.number == callback.number else ""
        there = replace(callback, number=command.number, caller_name=name)
        # If it waits for call hours, these were those of the old number.
        match there.state:
            case Postponed(why="call_hours"):
                return queued_again(there)
            case Returned(agreed=Postponed(why="call_hours")) as state:
                return Decision(changes=(Put(replace(there, state=replace(state, agreed=None))),))
            case _:
                return Decision(changes=(Put(there),))

    def _taken_back(self, callback: Callback, by: str, at: datetime) -> Decision:
        ours = callback.call if callback.is_in_flight else None
        listener = self.offers.hears_of(callback.callback)
        calls = (ours, None if listener is None else listener.call)
        hang_up = Decision(effects=tuple(HangUp(call=call) for call in calls if call is not None))
        return self.attempts.cancelled(callback, by, at) + hang_up


def fingerprint(key: bytes, event: CallbackRequested) -> str:
    """The contents of a request as a keyed hash. The same id with other contents is a mistake of the sender."""
    return caller_hash(key, "\n".join((event.service, event.number, event.caller_name)))
