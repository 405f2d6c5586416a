"""The answers of a caller who is offered a callback: a key, another number, or nothing.

With every answer but yes, the caller continues to wait at the same place. A promise is on disk before the caller hears
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from callcentre.features.callbacks import limits
from callcentre.features.callbacks.elsewhere import Visiting
from callcentre.features.callbacks.facts import CallbackDeclined
from callcentre.features.callbacks.model import Callback, callback_of
from callcentre.features.callbacks.offers import Offer, Offered, Offers
from callcentre.features.callbacks.promise import Promises
from callcentre.features.callbacks.returning import ON_THE_PHONE, Returning
from callcentre.features.callbacks.rules import Refusal, digit_prompts, may_promise
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.situation import Situations
from callcentre.features.callbacks.speaking import Speaking
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.limits.model import WITHHELD
from callcentre.telephony.effects import HangUp
from callcentre.telephony.prompts.model import CallerAnswered, CallerGone, place_prompt
from callcentre.values.numbers import Allowed

if TYPE_CHECKING:
    from callcentre.config.settings import Service
    from callcentre.features.callbacks.settings import OfferSettings

MOST_TRIES = 3
"""How often a caller may begin to key in another number."""


@dataclass(slots=True)
class Answering:
    """The rules for answers to an offer."""

    views: Views
    offers: Offers
    situations: Situations
    speaking: Speaking
    promises: Promises
    returning: Returning
    visiting: Visiting

    def answered(self, signal: CallerAnswered, at: datetime) -> Decision:
        """A key, a number, or nothing."""
        offer = self.offers.by_call.get(signal.call)
        if signal.topic != "offer" or offer is None:
            return NOTHING
        service = self.views.settings.services.get(offer.service)
        rules = rules_of(service)
        if service is None or rules is None:
            return self.speaking.back(offer, "configuration", at)
        may_key_in = rules.offer.other_number and limits.may_key_in(self.views, offer.caller, at)
        match signal.step, signal.answer:
            case "choice", "1" if offer.number is not None:
                return self._take(offer, offer.number, service, at)
            case "choice", "2" if may_key_in:
                return self._ask_number(offer, at)
            case "number", str(digits):
                return self._heard_number(offer, digits, at)
            case "confirm", "1" if offer.keyed is not None:
                return self._take(offer, offer.keyed, service, at)
            case "confirm", "2":
                return self._ask_number(offer, at)
            case "promised", _:
                return Decision(changes=(Delete(offer),), effects=(HangUp(call=offer.call),))
            case "back", _:
                return self.speaking.onwards(offer, at)
            case "returned", "2" if offer.call in self.visiting.held:
                return self.visiting.cancelled(offer.call, at) + self.returning.says_cancelled(offer, at)
            case "returned", answer:
                return self.returning.kept_or_cancelled(offer, answer, at)
            case _:
                return self.speaking.back(offer, "no_key" if signal.answer is None else "key", at)

    def _ask_number(self, offer: Offer, at: datetime, *before: str) -> Decision:
        if offer.tries == MOST_TRIES:
            return self.speaking.back(offer, "number", at)
        again = replace(offer, tries=offer.tries + 1, keyed=None)
        asked = self.speaking.say(again, "number", at, *before, "enter-number", digits=True)
        return Decision(changes=(Put(again),)) + asked

    def _heard_number(self, offer: Offer, digits: str, at: datetime) -> Decision:
        verdict = self.views.numbers.may_dial(digits)
        if not isinstance(verdict, Allowed):
            return self._ask_number(offer, at, "number-refused")
        if self.views.own_calls.next_call_of_service(verdict.e164, offer.service, at) is None:
            # If the service is never open at an hour when that phone may ring, the promise could not be kept.
            return self._refuses_number(offer, Refusal.CALL_HOURS, at)
        if verdict.e164 != offer.number and not limits.may_be_keyed_in(self.views, verdict.e164, at):
            return self._refuses_number(offer, Refusal.PER_NUMBER, at)
        keyed = replace(offer, keyed=verdict.e164)
        heard = ("number-heard", *digit_prompts(digits), "number-confirm")
        return Decision(changes=(Put(keyed),)) + self.speaking.say(keyed, "confirm", at, *heard)

    def _refuses_number(self, offer: Offer, refusal: Refusal, at: datetime) -> Decision:
        """The number that the caller keyed in may not have a callback. The caller may key in another one."""
        place = self.situations.of(offer.service, offer.queue, offer.rank, at).place
        return self.speaking.refused(offer, refusal, place) + self._ask_number(offer, at, "number-refused")

    def _take(self, offer: Offer, number: str, service: Service, at: datetime) -> Decision:
        """The promise: committed with this decision, and spoken only after that.

        During the prompt others may have taken the last callback, so it is checked once more whether there is one.
        """
        held = self.views.callbacks.of_owner(offer.service, number)
        is_theirs = number == offer.number
        if held is not None and is_theirs:
            place = place_prompt(self.views.place(held))
            return self.speaking.say(offer, "promised", at, "callback-exists", place, "goodbye", wait=0)
        now = self.situations.of(offer.service, offer.queue, offer.rank, at)
        away = None if held is not None else self.visiting.of_owner(offer.service, number)
        if away is not None and is_theirs:
            return self.speaking.say(
                offer, "promised", at, "callback-exists", place_prompt(now.place), "goodbye", wait=0
            )
        rules = rules_of(service)
        assert rules is not None  # noqa: S101 - the caller of this method checked it
        refusal = may_promise(rules.offer, service.opening_hours, now, at)
        if refusal is None:
            refusal = self._past_a_limit(offer, None if is_theirs else number, rules.offer, at)
        if refusal is not None:
            return self.speaking.refused(offer, refusal, now.place) + self.speaking.hears_why(offer, refusal, at)
        # It counts also where no new callback is made: otherwise a limit would reveal that the number has a callback.
        counted = limits.taken(self.views, offer.caller, None if is_theirs else number, at)
        # A caller who keys in a number cannot prove that it is theirs. The caller hears the same prompt whether or not
        # the number has a callback: that it will be called, which is true in both cases, and no place, which would be
        # that of another person. No second callback is made.
        if held is not None and held.phase not in ON_THE_PHONE and not is_theirs:
            # It uses the share of withheld callers like a new one, so that their next offer reveals nothing either.
            of_share = replace(held, withheld=held.withheld or offer.caller == WITHHELD)
            return counted + Decision(changes=(Put(of_share),)) + self.speaking.say_taken(offer, at)
        if away is not None and away[1].phase not in ON_THE_PHONE:
            return counted + self.speaking.say_taken(offer, at)
        live = self.views.queues.calls.live.get(offer.call)
        known = self.offers.offered.get(offer.call)
        another = (live is not None and live.arrived is None) or (known is not None and known.promised)
        callback = Callback(
            callback=callback_of(offer.call, self.visiting.nodes.name, at if another else None),
            service=offer.service, queue=offer.queue, number=number,
            # The name belongs to the number that the caller showed: a person at another number must not get it.
            caller_name=offer.caller_name if is_theirs else "",
            language=offer.language, joined_at=offer.joined_at, taken_at=at,
            priority=offer.priority, name_prefix=offer.name_prefix, withheld=offer.caller == WITHHELD,
        )  # fmt: skip
        counted += Decision(changes=(Put(Offered(call=offer.call, promised=True)),))
        promise = counted + self.promises.promised(callback, now, service, at, by="customer", call=offer.call)
        if is_theirs:
            return promise + self.speaking.say_promise(offer, now.place, at)
        return promise + self.speaking.say_taken(offer, at)

    def _past_a_limit(self, offer: Offer, other: str | None, rules: OfferSettings, at: datetime) -> Refusal | None:
        """Why the limits of the day refuse this callback; `other` is its number where that is not the caller's own."""
        refusal = limits.why_not(self.views, offer.caller, offer.queue, rules, at)
        if refusal is not None or other is None:
            return refusal
        if not limits.may_key_in(self.views, offer.caller, at):
            return Refusal.PER_CALLER
        return None if limits.may_be_keyed_in(self.views, other, at) else Refusal.PER_NUMBER

    def gone(self, signal: CallerGone, _at: datetime) -> Decision:
        """The caller hung up during the dialogue, or was released into the queue."""
        offer = self.offers.by_call.get(signal.call)
        if signal.topic != "offer" or offer is None:
            return NOTHING
        coming = self.views.coming.by_call.get(signal.call)
        gone = Decision(changes=(Delete(offer), *(() if coming is None else (Delete(coming),))))
        if signal.step in ("promised", "back", "returned"):
            return gone
        return gone + Decision(facts=(CallbackDeclined(reason="hung_up", **self.speaking.about(offer)),))
