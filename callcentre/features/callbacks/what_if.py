"""Which callers would have been offered a callback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callcentre.features.callbacks.rules import Refusal, Situation, may_offer
from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.queue_view.estimate import estimated_wait
from callcentre.values.numbers import Refused
from callcentre.what_if.past import Quiet, Verdict
from callcentre.what_if.replay import Arrival

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings


class PastOffer(Quiet):
    """The rule of the offer."""

    name = "callback"
    says_yes = "offered"
    column = 2

    def is_configured(self, service: Service, settings: Settings) -> bool:
        """Whether a service has callbacks."""
        return service.section(CallbackSettings) is not None and settings.section(DiallingSettings) is not None

    def arrived(self, arrival: Arrival, name: str, service: Service) -> Iterable[Verdict]:
        """Whether the caller would have been offered a callback."""
        rules = service.section(CallbackSettings)
        if rules is not None:
            refusal = self._refusal(arrival, name, service, rules)
            yield Verdict(arrival.at, name, self.name, None if refusal is None else refusal.value)

    def _refusal(self, arrival: Arrival, name: str, service: Service, rules: CallbackSettings) -> Refusal | None:
        handle_time = self.past.handle_time(name)
        place = arrival.ahead + 1
        situation = Situation(
            place=place,
            wait=estimated_wait(place, arrival.duty, handle_time),
            ahead=arrival.ahead,
            on_duty=arrival.duty.on_duty,
            handle_time=handle_time,
            calls_left=True,
            open_callbacks=0,
        )
        refusal = may_offer(rules.offer, rules.dial, service.opening_hours, situation, arrival.at)
        if refusal is not None:
            return refusal
        verdict = self.past.numbers.may_dial(arrival.number)
        if isinstance(verdict, Refused):
            return None if rules.offer.other_number else Refusal.NUMBER
        rings_at = self.past.numbers.next_call(verdict.e164, arrival.at, service.timezone)
        return Refusal.CALL_HOURS if rings_at > arrival.at else None


PAST_RULES = (PastOffer,)
