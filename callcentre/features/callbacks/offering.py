"""Offers callbacks to callers: on their way into the queue, and at the exit key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.features.callbacks import limits
from callcentre.features.callbacks.elsewhere import Visiting
from callcentre.features.callbacks.facts import CallbackOffered
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.offers import Offer, Offered, Offers
from callcentre.features.callbacks.returning import Returning
from callcentre.features.callbacks.rules import Refusal, may_offer, minutes_prompt
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.situation import Situations
from callcentre.features.callbacks.speaking import Speaking
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.telephony.effects import ContinueCall
from callcentre.telephony.events import Channel, ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueJoined
from callcentre.telephony.prompts.model import place_prompt
from callcentre.telephony.queue_view.model import CallArrived
from callcentre.telephony.queue_view.overload import left_out
from callcentre.values.languages import chosen, spoken
from callcentre.values.numbers import Allowed

if TYPE_CHECKING:
    from callcentre.config.settings import Service


@dataclass(slots=True)
class Offering:
    """The rules of offering."""

    views: Views
    offers: Offers
    situations: Situations
    speaking: Speaking
    returning: Returning
    visiting: Visiting

    def arrived(self, event: CallArrived, at: datetime) -> Decision:
        """A call on its way into the queue, or out of it by the exit key; the agents on duty have been read."""
        match event.arguments:
            case ("enter", service, *_) if service in self.views.settings.services:
                return self._enters(event.channel, service, at)
            case ("exit", queue, *_):
                return self._chose(event.channel, queue, at)
            case _:
                return Decision(effects=(ContinueCall(call=event.channel.id, at_once=True),))

    def _enters(self, channel: Channel, name: str, at: datetime) -> Decision:
        service = self.views.settings.services[name]
        if rules_of(service) is None or self.views.dialling is None:
            return Decision(effects=(ContinueCall(call=channel.id, at_once=True),))
        live = self.views.queues.calls.live.get(channel.id)
        joined_at = (live.joined_at if live else None) or at
        offer = self._offer_for(channel, name, service, joined_at, spoken(channel.language))
        if (promised := self._promised_to(channel)) is not None:
            return Decision(changes=(Put(offer),)) + self._say_promise_again(offer, promised, at)
        held = None if offer.number is None else self.views.callbacks.of_owner(name, offer.number)
        if held is not None:
            return self.returning.returned(held, offer, at)
        if (away := self._open_elsewhere(offer)) is not None:
            return self._returned_from(*away, offer, at)
        # A call in the middle of an offer was only reported again, after a new connection.
        if channel.id in self.offers.offered and channel.id not in self.offers.by_call:
            place = self.situations.of(name, service.queue, offer.rank, at).place
            return self.speaking.refused(offer, Refusal.OFFERED_BEFORE, place) + self._straight_on(offer, at)
        if self.views.queues.calls.overload is not None:
            # The caller would hear nothing for as long as the events are late.
            place = self.situations.of(name, service.queue, offer.rank, at).place
            return self.speaking.refused(offer, Refusal.OVERLOAD, place) + self._straight_on(offer, at)
        decision, refusal = self._offered(offer, service, at)
        return decision if refusal is None else decision + self._straight_on(offer, at)

    def joined(self, fact: QueueJoined, _at: datetime) -> Decision:
        """Count a caller who came during an overload, and was not offered a callback for that reason."""
        service = self.views.settings.services.get(fact.service or "")
        calls = self.views.queues.calls
        if calls.overload is None or service is None or rules_of(service) is None or self.views.dialling is None:
            return NOTHING
        return NOTHING if fact.call in self.offers.offered else left_out(calls, offers=1)

    def _straight_on(self, offer: Offer, at: datetime) -> Decision:
        """Into the queue without a prompt: as the last, without a place, unless somebody there joined later."""
        behind_all = self.views.queues.calls.expected(offer.queue).stop
        if self.views.queues.position_for(offer.queue, offer.rank) < behind_all:
            return self.speaking.onwards(offer, at)
        return Decision(effects=(ContinueCall(call=offer.call, at_once=True),))

    def _chose(self, channel: Channel, queue: str, at: datetime) -> Decision:
        """The exit key: the rules decide again, and a caller who may not have a callback hears why."""
        known = self.views.queues.calls.on(channel.id)
        live = self.views.queues.calls.live.get(channel.id)
        name = (
            known.service
            if known
            else self.views.queues.service_of(queue, live.service if live else "", live.numbers if live else ())
        )
        service = None if name is None else self.views.settings.services.get(name)
        if name is None or service is None or rules_of(service) is None or self.views.dialling is None:
            back = self.views.queues.way_back(channel.id)
            return Decision(effects=(ContinueCall(call=channel.id, variables=back, at_once=True),))
        joined_at = known.joined_at if known else at
        offer = self._offer_for(channel, name, service, joined_at, self._chosen_language(channel))
        if (promised := self._promised_to(channel)) is not None:
            return Decision(changes=(Put(offer),)) + self._say_promise_again(offer, promised, at)
        held = None if offer.number is None else self.views.callbacks.of_owner(name, offer.number)
        if held is not None:
            place = ("callback-exists", place_prompt(self.views.place(held)), "back-in-queue")
            return Decision(changes=(Put(offer),)) + self.speaking.say(offer, "back", at, *place, wait=0)
        if self._open_elsewhere(offer) is not None:
            place = ("callback-exists", self._place_prompt(offer, at), "back-in-queue")
            return Decision(changes=(Put(offer),)) + self.speaking.say(offer, "back", at, *place, wait=0)
        if self.views.queues.calls.overload is not None:
            position = self.situations.of(name, service.queue, offer.rank, at).place
            return self.speaking.refused(offer, Refusal.OVERLOAD, position) + self.speaking.onwards(offer, at)
        decision, refusal = self._offered(offer, service, at)
        return decision if refusal is None else decision + self.speaking.hears_why(offer, refusal, at)

    def _open_elsewhere(self, offer: Offer) -> tuple[str, Callback] | None:
        """The caller's open callback on another daemon, with the daemon's name."""
        return None if offer.number is None else self.visiting.of_owner(offer.service, offer.number)

    def _returned_from(self, owner: str, callback: Callback, offer: Offer, at: datetime) -> Decision:
        """The caller keeps a callback that another daemon has, waits here at its place, or cancels it."""
        found = self.visiting.returned(owner, callback, offer, at)
        if found is None:
            return Decision(effects=(ContinueCall(call=offer.call),))
        again, held = found
        prompts = ("callback-exists", self._place_prompt(again, at), "returned")
        return held + Decision(changes=(Put(again),)) + self.speaking.say(again, "returned", at, *prompts)

    def _place_prompt(self, offer: Offer, at: datetime) -> str:
        return place_prompt(self.situations.of(offer.service, offer.queue, offer.rank, at).place)

    def _promised_to(self, channel: Channel) -> Callback | None:
        """The callback that was promised on this call before a break, and not yet confirmed."""
        promised = self.views.callbacks.promised_on(channel.id)
        return None if promised is None or promised.call == channel.id else promised

    def _say_promise_again(self, offer: Offer, promised: Callback, at: datetime) -> Decision:
        if promised.number != offer.number:
            return self.speaking.say_taken(offer, at)
        return self.speaking.say_promise(offer, self.views.place(promised), at)

    def _offer_for(
        self, channel: Channel, name: str, service: Service, joined_at: datetime, language: str | None
    ) -> Offer:
        known, live = self.views.queues.calls.on(channel.id), self.views.queues.calls.live.get(channel.id)
        # This is known of a call that waited: after a restart its variables may not be.
        priority, prefix = (live.priority, live.name_prefix) if live is not None else (0, "")
        number, caller_name = self.views.queues.caller_of(channel)
        if known is not None:
            priority, prefix = known.priority, known.name_prefix
            number, caller_name = known.number, known.caller_name
        verdict = self.views.numbers.may_dial(number)
        return Offer(
            call=channel.id, service=name, queue=service.queue,
            number=verdict.e164 if isinstance(verdict, Allowed) else None,
            caller=limits.caller(self.views, number), caller_name=caller_name, language=language or service.language,
            joined_at=joined_at, priority=priority, name_prefix=prefix,
        )  # fmt: skip

    def _chosen_language(self, channel: Channel) -> str | None:
        """The language chosen for a call at the exit key. In our own entry the dialplan has set it."""
        live = self.views.queues.calls.live.get(channel.id)
        if live is None or live.by_us:
            return spoken(channel.language)
        return chosen(channel.language, began=live.began, named=live.language)

    def _offered(self, offer: Offer, service: Service, at: datetime) -> tuple[Decision, Refusal | None]:
        rules = rules_of(service)
        assert rules is not None  # noqa: S101 - every caller of this method checked it
        now = self.situations.of(offer.service, offer.queue, offer.rank, at)
        refusal = may_offer(rules.offer, rules.dial, service.opening_hours, now, at)
        if refusal is None:
            refusal = limits.why_not(self.views, offer.caller, offer.queue, rules.offer, at)
        # A row is read for this, so it is asked last.
        may_key_in = refusal is None and rules.offer.other_number and limits.may_key_in(self.views, offer.caller, at)
        if refusal is None and offer.number is None and not may_key_in:
            refusal = Refusal.PER_CALLER if rules.offer.other_number else Refusal.NUMBER
        if refusal is None and offer.number is not None:
            refusal = self._not_at_this_hour(offer.number, offer.service, at)
        if refusal is not None:
            return self.speaking.refused(offer, refusal, now.place), refusal
        wait = ("offer-wait-unknown",) if now.wait is None else ("offer-wait-before", minutes_prompt(now.wait))
        choice = "offer-callback"
        if offer.number is None:
            choice = "offer-callback-other"
        elif not may_key_in:
            choice = "offer-callback-same"
        fact = CallbackOffered(position=now.place, **self.speaking.about(offer))
        offered = Decision(
            changes=(Put(offer), Put(self.offers.offered.get(offer.call) or Offered(call=offer.call))), facts=(fact,)
        )
        return offered + self.speaking.say(offer, "choice", at, *wait, choice), None

    def _not_at_this_hour(self, number: str, service: str, at: datetime) -> Refusal | None:
        """A caller whose phone may not ring now is not offered a callback: it would come another day."""
        return Refusal.CALL_HOURS if self.views.own_calls.next_call(number, service, at) > at else None

    # --- calls that are gone ----------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, _at: datetime) -> Decision:
        """A call that was offered a callback is gone."""
        known = event.call in self.offers.offered
        return Decision(changes=(Delete(Offered(call=event.call)),)) if known else NOTHING

    def synchronised(self, event: Synchronised, _at: datetime) -> Decision:
        """After a break, calls that are gone are removed, and calls in a queue may have been offered a callback."""
        present = {channel.id for channel in event.channels}
        gone = tuple(Delete(one) for one in self.offers.offered.values() if one.call not in present)
        return Decision(changes=(*gone, *(Put(Offered(call=call)) for call in self.views.queues.calls.calls)))
