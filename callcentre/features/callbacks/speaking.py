"""The prompts to a caller about a callback, and what follows each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcentre.features.callbacks.facts import CallbackDeclined, CallbackRefused
from callcentre.features.callbacks.offers import Offer
from callcentre.features.callbacks.rules import Refusal
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import Decision, Delete, Put
from callcentre.telephony.prompts.model import AskCaller, Question, place_prompt
from callcentre.telephony.queue_entry.model import EnterQueue, OnTheWay

_REFUSED = {
    Refusal.CLOSED: "no-callback-closing",
    Refusal.CLOSING_SOON: "no-callback-closing",
    Refusal.NOT_SERVABLE: "no-callback-closing",
    Refusal.SHORT_WAIT: "no-callback-short",
    Refusal.NEXT_IN_TURN: "no-callback-short",
    Refusal.FULL: "no-callback-full",
}


@dataclass(slots=True)
class Speaking:
    """Dialogues with callers who are offered a callback."""

    views: Views

    def say(
        self, offer: Offer, step: str, at: datetime, *prompts: str, wait: float = 5.0, digits: bool = False
    ) -> Decision:
        coming = OnTheWay(call=offer.call, queue=offer.queue, joined_at=offer.joined_at, priority=offer.priority)
        way = Delete(coming) if step == "promised" else Put(coming)
        question = Question(prompts=prompts, wait=wait, digits=digits)
        command = AskCaller(
            at=at, call=offer.call, topic="offer", step=step, language=offer.language, question=question
        )
        return Decision(changes=(way,), commands=(command,))

    def say_taken(self, offer: Offer, at: datetime) -> Decision:
        """A promise for a number that the caller keyed in."""
        return self.say(offer, "promised", at, "callback-taken", wait=0)

    def say_promise(self, offer: Offer, place: int, at: datetime) -> Decision:
        return self.say(offer, "promised", at, "callback-confirmed", place_prompt(place), wait=0)

    def hears_why(self, offer: Offer, refusal: Refusal, at: datetime) -> Decision:
        """The caller hears why there is no callback, and continues to wait at the same place."""
        why = _REFUSED.get(refusal, "no-callback-now")
        return Decision(changes=(Put(offer),)) + self.say(offer, "back", at, why, "back-in-queue", wait=0)

    def refused(self, offer: Offer, refusal: Refusal, place: int) -> Decision:
        return Decision(facts=(CallbackRefused(reason=refusal.value, position=place, **self.about(offer)),))

    def back(self, offer: Offer, reason: str, at: datetime) -> Decision:
        """The caller continues to wait at the same place."""
        return Decision(facts=(CallbackDeclined(reason=reason, **self.about(offer)),)) + self.onwards(offer, at)

    def onwards(self, offer: Offer, at: datetime) -> Decision:
        live = self.views.queues.calls.live.get(offer.call)
        # A customer who calls again may have had a higher priority when the callback was accepted.
        kept = offer.priority == (0 if live is None else live.priority)
        enter = EnterQueue(
            at=at, call=offer.call, queue=offer.queue, joined_at=offer.joined_at, priority=offer.priority,
            variables=() if kept else (("QUEUE_PRIO", str(offer.priority)),),
        )  # fmt: skip
        return Decision(changes=(Delete(offer),), commands=(enter,))

    def about(self, offer: Offer) -> dict[str, Any]:
        who = {} if offer.number is None else self.views.people.who(offer.number)
        return {"service": offer.service, "queue": offer.queue, "call": offer.call, **who}
