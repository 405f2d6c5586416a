"""Offering a callback to somebody on the phone, and taking it: on the way into the queue, and at the exit key.

Whatever they say but yes, they go on waiting at the place they had. What they are promised is on disk before they hear
it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callcentre.config.templates import TextError, render, wait_minutes
from callcentre.features.callbacks import limits
from callcentre.features.callbacks.agents import free
from callcentre.features.callbacks.attempts import timers_off, wake
from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackDeclined,
    CallbackOffered,
    CallbackPostponed,
    CallbackRefused,
)
from callcentre.features.callbacks.model import Asking, Callback, Dialling, Phase, Postponed, Returned, Waiting
from callcentre.features.callbacks.rules import (
    Refusal,
    Situation,
    digit_prompts,
    may_offer,
    may_promise,
    minutes_prompt,
)
from callcentre.features.callbacks.settings import RetrySettings
from callcentre.features.callbacks.state import Offer, Offered, Offers
from callcentre.features.notices.model import told_at_once
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.limits.model import WITHHELD
from callcentre.messaging.model import Kind, TextWanted
from callcentre.telephony.dialling.outgoing import spent
from callcentre.telephony.effects import ContinueCall, HangUp
from callcentre.telephony.events import Channel, ChannelDestroyed, StasisStarted, Synchronised
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts.model import AskCaller, CallerAnswered, CallerGone, Question, place_prompt
from callcentre.telephony.queue_entry.model import EnterQueue, OnTheWay
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.telephony.queue_view.estimate import estimated_wait
from callcentre.telephony.queue_view.model import CallArrived, Stage
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.days import day_of
from callcentre.values.languages import chosen, spoken
from callcentre.values.numbers import Allowed
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service
    from callcentre.features.callbacks.settings import OfferSettings

MOST_TRIES = 3
"""So often a caller may begin to key in another number."""

_MAY_RETURN = frozenset({Phase.WAITING, Phase.RESERVING, Phase.DIALLING, Phase.ASKING})
"""In any other phase somebody is on the line for the callback already."""

RETURNED_WHILE_DIALLED = "caller_returned"
"""Why a callback waits when a call of ours was ended because its owner called us meanwhile."""

_ON_THE_PHONE = frozenset({Phase.ACCEPTED, Phase.CONNECTED})
"""Its call has been answered already: whoever asks for a call now means another."""

_REFUSED = {
    Refusal.CLOSED: "no-callback-closing",
    Refusal.CLOSING_SOON: "no-callback-closing",
    Refusal.NOT_SERVABLE: "no-callback-closing",
    Refusal.SHORT_WAIT: "no-callback-short",
    Refusal.NEXT_IN_TURN: "no-callback-short",
    Refusal.FULL: "no-callback-full",
}


def _name(call: str) -> str:
    """The id of the callback that is taken on a call: one at most."""
    return f"cb-{call}"


def _agreed(held: Callback) -> Postponed | None:
    """Until when the owner of a callback is not called, and why; None when it is queued or in flight."""
    match held.state:
        case Postponed() as postponed:
            return postponed
        case Returned(agreed=agreed):
            return agreed
        case _:
            return None


@dataclass(slots=True)
class Offering:
    """The rules of offering, over the world and the offers under way."""

    world: World
    offers: Offers

    # --- somebody is handed to us ----------------------------------------------------------------

    def handed_over(self, event: StasisStarted, _at: datetime) -> Decision:
        """Whoever comes to us for nothing that we know goes on; callers of a queue come by `arrived`."""
        match event.arguments:
            case ("enter" | "exit" | "callback" | "agent" | "probe" | "notice", *_):
                return NOTHING
            case _:
                return Decision(effects=(ContinueCall(call=event.channel.id),))

    def arrived(self, event: CallArrived, at: datetime) -> Decision:
        """A call on its way into the queue, or out of it by the exit key; who is on duty has been read."""
        match event.arguments:
            case ("enter", service, *_) if service in self.world.settings.services:
                return self._enters(event.channel, service, at)
            case ("exit", queue, *_):
                return self._chose(event.channel, queue, at)
            case _:
                return Decision(effects=(ContinueCall(call=event.channel.id),))

    def _enters(self, channel: Channel, name: str, at: datetime) -> Decision:
        service = self.world.settings.services[name]
        if service.callback is None or self.world.settings.dialling is None:
            return Decision(effects=(ContinueCall(call=channel.id),))
        live = self.world.calls.live.get(channel.id)
        joined_at = (live.joined_at if live else None) or at
        offer = self._offer_for(channel, name, service, joined_at, spoken(channel.language))
        if (promised := self._promised_to(channel)) is not None:
            return Decision(changes=(Put(offer),)) + self._say_promise_again(offer, promised, at)
        held = None if offer.number is None else self.world.callbacks.of_owner(name, offer.number)
        if held is not None:
            return self._returned(held, offer, at)
        # Whoever is in the middle of an offer was only found again, by a new connection.
        if channel.id in self.offers.offered and channel.id not in self.offers.by_call:
            place = self.situation(name, service.queue, offer.rank, at).place
            return self._refused(offer, Refusal.OFFERED_BEFORE, place) + self._straight_on(offer, at)
        decision, refusal = self._offered(offer, service, at)
        return decision if refusal is None else decision + self._straight_on(offer, at)

    def _straight_on(self, offer: Offer, at: datetime) -> Decision:
        """Into the queue without a word: as the last, which needs no place, unless somebody there joined later."""
        behind_all = self.world.calls.expected(offer.queue).stop
        if self.world.position_for(offer.queue, offer.rank) < behind_all:
            return self._onwards(offer, at)
        return Decision(effects=(ContinueCall(call=offer.call),))

    def _chose(self, channel: Channel, queue: str, at: datetime) -> Decision:
        """The exit key: the rules decide anew, and whoever may not have a callback hears why."""
        known = self.world.calls.on(channel.id)
        live = self.world.calls.live.get(channel.id)
        name = (
            known.service
            if known
            else self.world.service_of(queue, live.service if live else "", live.numbers if live else ())
        )
        service = None if name is None else self.world.settings.services.get(name)
        if name is None or service is None or service.callback is None or self.world.settings.dialling is None:
            return Decision(effects=(ContinueCall(call=channel.id, variables=self.world.way_back(channel.id)),))
        joined_at = known.joined_at if known else at
        offer = self._offer_for(channel, name, service, joined_at, self._chosen_language(channel))
        if (promised := self._promised_to(channel)) is not None:
            return Decision(changes=(Put(offer),)) + self._say_promise_again(offer, promised, at)
        held = None if offer.number is None else self.world.callbacks.of_owner(name, offer.number)
        if held is not None:
            place = ("callback-exists", place_prompt(self.world.place(held)), "back-in-queue")
            return Decision(changes=(Put(offer),)) + self._say(offer, "back", at, *place, wait=0)
        decision, refusal = self._offered(offer, service, at)
        return decision if refusal is None else decision + self._hears_why(offer, refusal, at)

    def _promised_to(self, channel: Channel) -> Callback | None:
        """The callback that was taken on this call: we were away before we had confirmed it."""
        promised = self.world.callbacks.open.get(_name(channel.id))
        return None if promised is None or promised.call == channel.id else promised

    def hears_of(self, callback: Callback) -> Offer | None:
        """Who is still on the line with us, having just been promised this callback."""
        return next((one for one in self.offers.by_call.values() if _name(one.call) == callback.callback), None)

    def _say_promise_again(self, offer: Offer, promised: Callback, at: datetime) -> Decision:
        if promised.number != offer.number:
            return self._say_taken(offer, at)
        return self._say_promise(offer, self.world.place(promised), at)

    def _say_taken(self, offer: Offer, at: datetime) -> Decision:
        """A promise for a number that the caller keyed in."""
        return self._say(offer, "promised", at, "callback-taken", wait=0)

    def _say_promise(self, offer: Offer, place: int, at: datetime) -> Decision:
        return self._say(offer, "promised", at, "callback-confirmed", place_prompt(place), wait=0)

    def _offer_for(
        self, channel: Channel, name: str, service: Service, joined_at: datetime, language: str | None
    ) -> Offer:
        known, live = self.world.calls.on(channel.id), self.world.calls.live.get(channel.id)
        # Of a call that waited all this is known: after a restart its variables may not be.
        priority, prefix = (live.priority, live.name_prefix) if live is not None else (0, "")
        number, caller_name = self.world.caller_of(channel)
        if known is not None:
            priority, prefix = known.priority, known.name_prefix
            number, caller_name = known.number, known.caller_name
        verdict = self.world.numbers.may_dial(number)
        return Offer(
            call=channel.id, service=name, queue=service.queue,
            number=verdict.e164 if isinstance(verdict, Allowed) else None,
            caller=limits.caller(self.world, number), caller_name=caller_name, language=language or service.language,
            joined_at=joined_at, priority=priority, name_prefix=prefix,
        )  # fmt: skip

    def _chosen_language(self, channel: Channel) -> str | None:
        """The language chosen for a call at the exit key. On our own way into the queue the dialplan has settled it."""
        live = self.world.calls.live.get(channel.id)
        if live is None or live.by_us:
            return spoken(channel.language)
        return chosen(channel.language, began=live.began, named=live.language)

    def situation(self, service: str, queue: str, order: Rank, at: datetime) -> Situation:
        """How the queue stands at `at` for somebody of this rank."""
        duty = self.world.calls.duty.get(queue)
        dialling = self.world.settings.dialling
        today = day_of(at, self.world.settings.timezone)
        live = self.world.live_before(queue, order)
        standing = self.world.callbacks.standing_before(queue, order)
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

    def _offered(self, offer: Offer, service: Service, at: datetime) -> tuple[Decision, Refusal | None]:
        rules = service.callback
        assert rules is not None  # noqa: S101 - asked for by every caller of this
        now = self.situation(offer.service, offer.queue, offer.rank, at)
        refusal = may_offer(rules.offer, rules.dial, service.opening_hours, now, at)
        if refusal is None:
            refusal = limits.why_not(self.world, offer.caller, offer.queue, rules.offer, at)
        may_key_in = rules.offer.other_number and limits.may_key_in(self.world, offer.caller, at)
        if refusal is None and offer.number is None and not may_key_in:
            refusal = Refusal.PER_CALLER if rules.offer.other_number else Refusal.NUMBER
        if refusal is None and offer.number is not None:
            refusal = self._not_at_this_hour(offer.number, offer.service, at)
        if refusal is not None:
            return self._refused(offer, refusal, now.place), refusal
        wait = ("offer-wait-unknown",) if now.wait is None else ("offer-wait-before", minutes_prompt(now.wait))
        choice = "offer-callback"
        if offer.number is None:
            choice = "offer-callback-other"
        elif not may_key_in:
            choice = "offer-callback-same"
        told = CallbackOffered(position=now.place, **self._about(offer))
        offered = Decision(changes=(Put(offer), Put(Offered(call=offer.call))), facts=(told,))
        return offered + self._say(offer, "choice", at, *wait, choice), None

    def _not_at_this_hour(self, number: str, service: str, at: datetime) -> Refusal | None:
        """A caller whose phone may not ring now is not offered a callback: it would come another day."""
        return Refusal.CALL_HOURS if self.world.next_call(number, service, at) > at else None

    def _refused(self, offer: Offer, refusal: Refusal, place: int) -> Decision:
        return Decision(facts=(CallbackRefused(reason=refusal.value, position=place, **self._about(offer)),))

    def _hears_why(self, offer: Offer, refusal: Refusal, at: datetime) -> Decision:
        """They hear why they may not have one, and are back at the place they had."""
        why = _REFUSED.get(refusal, "no-callback-now")
        return Decision(changes=(Put(offer),)) + self._say(offer, "back", at, why, "back-in-queue", wait=0)

    def _say(
        self, offer: Offer, step: str, at: datetime, *prompts: str, wait: float = 5.0, digits: bool = False
    ) -> Decision:
        coming = OnTheWay(call=offer.call, queue=offer.queue, joined_at=offer.joined_at, priority=offer.priority)
        way = Delete(coming) if step == "promised" else Put(coming)
        question = Question(prompts=prompts, wait=wait, digits=digits)
        ask = AskCaller(at=at, call=offer.call, topic="offer", step=step, language=offer.language, question=question)
        return Decision(changes=(way,), commands=(ask,))

    # --- what they answer ------------------------------------------------------------------------

    def answered(self, told: CallerAnswered, at: datetime) -> Decision:
        """A key, a number, or nothing."""
        offer = self.offers.by_call.get(told.call)
        if told.topic != "offer" or offer is None:
            return NOTHING
        service = self.world.settings.services.get(offer.service)
        if service is None or service.callback is None:
            return self._back(offer, "configuration", at)
        may_key_in = service.callback.offer.other_number and limits.may_key_in(self.world, offer.caller, at)
        match told.step, told.answer:
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
                return self._onwards(offer, at)
            case "returned", answer:
                return self._kept_or_cancelled(offer, answer, at)
            case _:
                return self._back(offer, "no_key" if told.answer is None else "key", at)

    def _back(self, offer: Offer, reason: str, at: datetime) -> Decision:
        """They go on waiting at the place they had."""
        return Decision(facts=(CallbackDeclined(reason=reason, **self._about(offer)),)) + self._onwards(offer, at)

    def _onwards(self, offer: Offer, at: datetime) -> Decision:
        live = self.world.calls.live.get(offer.call)
        # A person who calls again may have had a higher priority when the callback was taken.
        kept = offer.priority == (0 if live is None else live.priority)
        enter = EnterQueue(
            at=at, call=offer.call, queue=offer.queue, joined_at=offer.joined_at, priority=offer.priority,
            variables=() if kept else (("QUEUE_PRIO", str(offer.priority)),),
        )  # fmt: skip
        return Decision(changes=(Delete(offer),), commands=(enter,))

    def _ask_number(self, offer: Offer, at: datetime, *before: str) -> Decision:
        if offer.tries == MOST_TRIES:
            return self._back(offer, "number", at)
        again = replace(offer, tries=offer.tries + 1, keyed=None)
        return Decision(changes=(Put(again),)) + self._say(again, "number", at, *before, "enter-number", digits=True)

    def _heard_number(self, offer: Offer, digits: str, at: datetime) -> Decision:
        verdict = self.world.numbers.may_dial(digits)
        if not isinstance(verdict, Allowed):
            return self._ask_number(offer, at, "number-refused")
        if self.world.next_call_of_service(verdict.e164, offer.service, at) is None:
            # Where the service is never open at an hour at which that phone may ring, the promise could not be kept.
            place = self.situation(offer.service, offer.queue, offer.rank, at).place
            return self._refused(offer, Refusal.CALL_HOURS, place) + self._ask_number(offer, at, "number-refused")
        if verdict.e164 != offer.number and not limits.may_be_keyed_in(self.world, verdict.e164, at):
            place = self.situation(offer.service, offer.queue, offer.rank, at).place
            return self._refused(offer, Refusal.PER_NUMBER, place) + self._ask_number(offer, at, "number-refused")
        keyed = replace(offer, keyed=verdict.e164)
        heard = ("number-heard", *digit_prompts(digits), "number-confirm")
        return Decision(changes=(Put(keyed),)) + self._say(keyed, "confirm", at, *heard)

    def _take(self, offer: Offer, number: str, service: Service, at: datetime) -> Decision:
        """The promise: committed with this decision, and spoken only after that.

        While they listened others may have taken the last one: whether it can be kept is looked at once more.
        """
        held = self.world.callbacks.of_owner(offer.service, number)
        is_theirs = number == offer.number
        if held is not None and is_theirs:
            place = place_prompt(self.world.place(held))
            return self._say(offer, "promised", at, "callback-exists", place, "goodbye", wait=0)
        now = self.situation(offer.service, offer.queue, offer.rank, at)
        rules = service.callback
        assert rules is not None  # noqa: S101 - asked for by the caller of this
        refusal = may_promise(rules.offer, service.opening_hours, now, at)
        if refusal is None:
            refusal = self._past_a_limit(offer, None if is_theirs else number, rules.offer, at)
        if refusal is not None:
            return self._refused(offer, refusal, now.place) + self._hears_why(offer, refusal, at)
        # It counts also where nothing new is made: else a bound would tell that the number has a callback.
        counted = limits.taken(self.world, offer.caller, None if is_theirs else number, at)
        # Who keys in a number cannot prove that it is theirs. They hear the same whether or not it has a callback: that
        # it is called, which is true of both, and no place, which is another's. Nothing new is made where one is open.
        if held is not None and held.phase not in _ON_THE_PHONE and not is_theirs:
            # It fills the share of withheld callers as a new one would, so their next offer tells nothing either.
            of_share = replace(held, withheld=held.withheld or offer.caller == WITHHELD)
            return counted + Decision(changes=(Put(of_share),)) + self._say_taken(offer, at)
        callback = Callback(
            callback=_name(offer.call), service=offer.service, queue=offer.queue, number=number,
            # The name is that of the number that the caller showed: nobody at another number hears or reads it.
            caller_name=offer.caller_name if is_theirs else "",
            language=offer.language, joined_at=offer.joined_at, taken_at=at,
            priority=offer.priority, name_prefix=offer.name_prefix, withheld=offer.caller == WITHHELD,
        )  # fmt: skip
        promise = counted + self.promised(callback, now, service, at, by="customer", call=offer.call)
        return promise + (self._say_promise(offer, now.place, at) if is_theirs else self._say_taken(offer, at))

    def _past_a_limit(self, offer: Offer, other: str | None, rules: OfferSettings, at: datetime) -> Refusal | None:
        """Why the bounds of the day refuse this callback; `other` is its number where that is not the caller's own."""
        refusal = limits.why_not(self.world, offer.caller, offer.queue, rules, at)
        if refusal is not None or other is None:
            return refusal
        if not limits.may_key_in(self.world, offer.caller, at):
            return Refusal.PER_CALLER
        return None if limits.may_be_keyed_in(self.world, other, at) else Refusal.PER_NUMBER

    def promised(
        self, callback: Callback, now: Situation, service: Service, at: datetime, *, by: str, call: str | None = None
    ) -> Decision:
        """Take a callback in, and confirm it by a text where that is configured and no notice does."""
        who: dict[str, Any] = self.world.who(callback.number)
        fact = CallbackAccepted(
            service=callback.service, queue=callback.queue, callback=callback.callback, call=call, by=by,
            position=now.place, **who,
        )  # fmt: skip
        taken = Decision(changes=(Put(callback),), facts=(fact,))
        template = None if service.callback is None else service.callback.confirm_by_sms
        if template is None or told_at_once(service, now.place, at):
            return taken
        if not isinstance(self.world.numbers.may_text(callback.number), Allowed):
            return taken
        try:
            body = render(
                template, name=spoken_name(callback), position=now.place, service=service.title,
                wait_minutes=wait_minutes(now.wait), number=callback.number,
            )  # fmt: skip
        except TextError:
            return taken
        text = TextWanted(
            at=at, message=f"confirmation-{callback.callback}", kind=Kind.CALLBACK_CONFIRMATION,
            number=callback.number, sender=self.world.settings.sms.sender, body=body, service=callback.service,
            queue=callback.queue, call=call, callback=callback.callback,
        )  # fmt: skip
        return taken + Decision(commands=(text,))

    def gone(self, told: CallerGone, _at: datetime) -> Decision:
        """They hung up while we spoke, or were let go into the queue."""
        offer = self.offers.by_call.get(told.call)
        if told.topic != "offer" or offer is None:
            return NOTHING
        coming = self.world.coming.by_call.get(told.call)
        gone = Decision(changes=(Delete(offer), *(() if coming is None else (Delete(coming),))))
        if told.step in ("promised", "back", "returned"):
            return gone
        return gone + Decision(facts=(CallbackDeclined(reason="hung_up", **self._about(offer)),))

    # --- the person who calls again --------------------------------------------------------------

    def _returned(self, held: Callback, offer: Offer, at: datetime) -> Decision:
        """Somebody with an open callback calls: they wait at the place held, and are not dialled meanwhile."""
        if held.phase not in _MAY_RETURN and held.call != offer.call:
            return Decision(effects=(ContinueCall(call=offer.call),))
        again = replace(offer, joined_at=held.joined_at, priority=max(offer.priority, held.priority))
        taken = self._waits_themselves(held, offer.call, at) + Decision(changes=(Put(again),))
        return taken + self._say(again, "returned", at, "returned")

    def _waits_themselves(self, held: Callback, call: str, at: datetime) -> Decision:
        """The callback is about their own call from now on; ours to them, if there is one, ends."""
        ours = () if held.call is None or held.call == call else (HangUp(call=held.call),)
        rang = isinstance(held.state, Dialling | Asking)
        attempts = held.attempts - 1 if rang else held.attempts
        agreed = self._pause_after(held, at) if rang else _agreed(held)
        back = replace(held, state=Returned(call=call, agreed=agreed), attempts=attempts)
        facts = (self._postponed(held),) if rang else ()
        return Decision(changes=(Put(back),), facts=facts, effects=ours) + timers_off(held) + free(held, self.world, at)

    def _pause_after(self, held: Callback, at: datetime) -> Postponed:
        """What is agreed after a call of ours was ended because its owner, or somebody with that number, called us.

        The phone has rung, so the next call keeps the pause after an unanswered one: otherwise every such visit would
        make it ring at once. The attempt does not count. If it did, calls with a forged number could use up all
        attempts; `dialling.per_number_per_day` counts it all the same and bounds how often the phone rings.
        """
        service = self.world.settings.services.get(held.service)
        rules = RetrySettings() if service is None or service.callback is None else service.callback.dial.retry_after
        return Postponed(until=at + rules.after("no_answer"), why=RETURNED_WHILE_DIALLED)

    def _kept_or_cancelled(self, offer: Offer, answer: str | None, at: datetime) -> Decision:
        held = self.world.callbacks.of_call(offer.call)
        if answer != "2" or held is None:
            return self._onwards(offer, at)
        return self._closed(held, "customer", at) + self._say(offer, "promised", at, "returned-cancelled", wait=0)

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """Somebody with a waiting callback is in the queue by whichever way: they are not dialled meanwhile."""
        if fact.call is None or self.world.callbacks.of_call(fact.call) is not None:
            return NOTHING
        held = self._held_by(fact.call)
        if held is None or held.phase not in _MAY_RETURN:
            return NOTHING
        return self._waits_themselves(held, fact.call, at)

    def served(self, fact: QueueAnswered, at: datetime) -> Decision:
        """An agent has the person who called again, on whichever of their lines: nothing is left to call back for."""
        held = self.world.callbacks.of_call(fact.call) or self._held_by(fact.call)
        if held is None or held.phase in _ON_THE_PHONE:
            return NOTHING
        return self._closed(held, "caller_returned", at)

    def _closed(self, held: Callback, by: str, at: datetime) -> Decision:
        """Close every callback to this number but one that they are on the phone for: one may have been moved there."""
        decision = NOTHING
        for one in self.world.callbacks.all_of_owner(held.service, held.number):
            if one.phase in _ON_THE_PHONE:
                continue
            ours = () if one.call is None or one.phase is Phase.RETURNED else (HangUp(call=one.call),)
            closed = Decision(changes=(Delete(one),), facts=(self._cancelled(one, by),), effects=ours)
            decision += closed + timers_off(one) + free(one, self.world, at)
        return decision

    def _held_by(self, call: str | None) -> Callback | None:
        """The open callback to the number that a call in the queue comes from."""
        known = self.world.calls.calls.get(call or "")
        verdict = None if known is None else self.world.numbers.may_dial(known.number)
        if known is None or not isinstance(verdict, Allowed):
            return None
        return self.world.callbacks.of_owner(known.service, verdict.e164)

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """The person who called again left before an agent answered: the callback stays open."""
        if fact.reason in ("answered", "key"):
            return NOTHING
        return self._stays_open(fact.call, at)

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """A call is gone; if it was that of the person who called again, the callback stays open."""
        known = event.call in self.offers.offered
        forgotten = Decision(changes=(Delete(Offered(call=event.call)),)) if known else NOTHING
        return forgotten + self._stays_open(event.call, at)

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After having been away: calls that are gone are forgotten, those in a queue may have been offered one."""
        present = {channel.id for channel in event.channels}
        gone = tuple(Delete(Offered(call=call)) for call in self.offers.offered - present)
        decision = Decision(changes=(*gone, *(Put(Offered(call=call)) for call in self.world.calls.calls)))
        calls = [one.call for one in self.world.callbacks.open.values() if one.phase is Phase.RETURNED]
        return sum((self._stays_open(call, at) for call in calls if call not in present), decision)

    def _stays_open(self, call: str | None, at: datetime) -> Decision:
        """Their other call counts now if they have one; else they are dialled, and not earlier than was agreed."""
        held = self.world.callbacks.of_call(call)
        if held is None or not isinstance(held.state, Returned):
            return NOTHING
        agreed = held.state.agreed
        other = next((one for one in self.world.calls.waiting(held.queue) if self._held_by(one) == held), None)
        if other is not None:
            return Decision(changes=(Put(replace(held, state=Returned(call=other, agreed=agreed))),))
        if agreed is not None and agreed.until > at:
            return Decision(changes=(Put(replace(held, state=agreed)),)) + wake(held, agreed)
        return Decision(changes=(Put(replace(held, state=Waiting())),))

    # --- facts -----------------------------------------------------------------------------------

    def _postponed(self, held: Callback) -> CallbackPostponed:
        who: dict[str, Any] = self.world.who(held.number)
        return CallbackPostponed(
            service=held.service, queue=held.queue, callback=held.callback, call=held.call,
            reason=RETURNED_WHILE_DIALLED, attempt=held.attempts, **who,
        )  # fmt: skip

    def _cancelled(self, held: Callback, by: str) -> CallbackCancelled:
        who: dict[str, Any] = self.world.who(held.number)
        return CallbackCancelled(
            service=held.service, queue=held.queue, callback=held.callback, call=held.call, by=by, **who
        )

    def _about(self, offer: Offer) -> dict[str, Any]:
        who = {} if offer.number is None else self.world.who(offer.number)
        return {"service": offer.service, "queue": offer.queue, "call": offer.call, **who}
