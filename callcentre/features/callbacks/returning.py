"""A customer with a callback calls again, waits at the place of the callback, and is not dialled meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from callcentre.features.callbacks.agents import free
from callcentre.features.callbacks.attempts import timers_off, wake
from callcentre.features.callbacks.facts import CallbackCancelled, CallbackPostponed
from callcentre.features.callbacks.model import Asking, Callback, Dialling, Phase, Postponed, Returned, Waiting
from callcentre.features.callbacks.offers import Offer
from callcentre.features.callbacks.settings import RetrySettings, rules_of
from callcentre.features.callbacks.speaking import Speaking
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.telephony.effects import ContinueCall, HangUp
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.model import Call, Stage
from callcentre.values.numbers import Allowed

MAY_RETURN = frozenset({Phase.WAITING, Phase.RESERVING, Phase.DIALLING, Phase.ASKING})
"""In any other phase the customer is already on the line for the callback."""

RETURNED_WHILE_DIALLED = "caller_returned"
"""The reason of a callback that waits because our call was ended when the customer called us meanwhile."""

ON_THE_PHONE = frozenset({Phase.ACCEPTED, Phase.CONNECTED})
"""Our call about the callback has been answered: a caller who asks for a callback now means another one."""


def _agreed(held: Callback) -> Postponed | None:
    """The time until which the customer is not called, and why; None when the callback is queued or in flight."""
    match held.state:
        case Postponed() as postponed:
            return postponed
        case Returned(agreed=agreed):
            return agreed
        case _:
            return None


@dataclass(slots=True)
class Returning:
    """The rules for customers who call again."""

    views: Views
    speaking: Speaking

    def returned(self, held: Callback, offer: Offer, at: datetime) -> Decision:
        """A customer with an open callback calls, waits at its place, and is not dialled meanwhile."""
        if held.phase not in MAY_RETURN and held.call != offer.call:
            return Decision(effects=(ContinueCall(call=offer.call),))
        again = replace(offer, joined_at=held.joined_at, priority=max(offer.priority, held.priority))
        taken = self.waits_themselves(held, offer.call, at) + Decision(changes=(Put(again),))
        return taken + self.speaking.say(again, "returned", at, "returned")

    def waits_themselves(self, held: Callback, call: str, at: datetime, *, on_node: str | None = None) -> Decision:
        """From now on the callback is about the customer's own call, perhaps one to another daemon.

        Our call to the customer, if any, ends.
        """
        ours = () if held.call is None or held.call == call else (HangUp(call=held.call),)
        rang = isinstance(held.state, Dialling | Asking)
        attempts = held.attempts - 1 if rang else held.attempts
        agreed = self._pause_after(held, at) if rang else _agreed(held)
        back = replace(held, state=Returned(call=call, agreed=agreed, on_node=on_node), attempts=attempts)
        facts = (self._postponed(held),) if rang else ()
        return Decision(changes=(Put(back),), facts=facts, effects=ours) + timers_off(held) + free(held, self.views, at)

    def _pause_after(self, held: Callback, at: datetime) -> Postponed:
        """The pause after our call was ended because the customer, or somebody with that number, called us.

        The phone has rung, so the next call keeps the pause after an unanswered one. Otherwise every such visit would
        make it ring at once. The attempt does not count: otherwise calls with a forged number could use up all
        attempts. `dialling.per_number_per_day` counts it anyway and limits how often the phone rings.
        """
        service = self.views.settings.services.get(held.service)
        known = rules_of(service)
        rules = RetrySettings() if known is None else known.dial.retry_after
        return Postponed(until=at + rules.after("no_answer"), why=RETURNED_WHILE_DIALLED)

    def kept_or_cancelled(self, offer: Offer, answer: str | None, at: datetime) -> Decision:
        held = self.views.callbacks.of_call(offer.call)
        if answer != "2" or held is None:
            return self.speaking.onwards(offer, at)
        return self.closed(held, "customer", at) + self.says_cancelled(offer, at)

    def says_cancelled(self, offer: Offer, at: datetime) -> Decision:
        """The caller hears that the callback is cancelled, and the call ends."""
        return self.speaking.say(offer, "promised", at, "returned-cancelled", wait=0)

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """A customer with a waiting callback is in the queue by any way, and is not dialled meanwhile."""
        if fact.call is None or self.views.callbacks.of_call(fact.call) is not None:
            return NOTHING
        held = self._held_by(fact.call)
        if held is None or held.phase not in MAY_RETURN:
            return NOTHING
        return self.waits_themselves(held, fact.call, at)

    def served(self, fact: QueueAnswered, at: datetime) -> Decision:
        """An agent has the customer who called again, on any line: there is no reason left to call back."""
        held = self.views.callbacks.of_call(fact.call) or self._held_by(fact.call)
        if held is None or held.phase in ON_THE_PHONE:
            return NOTHING
        return self.closed(held, "caller_returned", at)

    def closed(self, held: Callback, by: str, at: datetime) -> Decision:
        """Close every callback to this number except one in a conversation: another may have been moved there."""
        decision = NOTHING
        for one in self.views.callbacks.all_of_owner(held.service, held.number):
            if one.phase in ON_THE_PHONE:
                continue
            ours = () if one.call is None or one.phase is Phase.RETURNED else (HangUp(call=one.call),)
            closed = Decision(changes=(Delete(one),), facts=(self._cancelled(one, by),), effects=ours)
            decision += closed + timers_off(one) + free(one, self.views, at)
        return decision

    def _held_by(self, call: str | None) -> Callback | None:
        """The open callback to the calling number of a call in the queue."""
        known = self.views.queues.calls.calls.get(call or "")
        verdict = None if known is None else self.views.numbers.may_dial(known.number)
        if known is None or not isinstance(verdict, Allowed):
            return None
        return self.views.callbacks.of_owner(known.service, verdict.e164)

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """The customer who called again left before an agent answered: the callback stays open."""
        if fact.reason in ("answered", "key"):
            return NOTHING
        return self._stays_open(fact.call, at)

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """The call of the customer who called again is gone: the callback stays open."""
        return self._stays_open(event.call, at)

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After a break, customers who called again may have hung up meanwhile."""
        present = {channel.id for channel in event.channels}
        states = [one.state for one in self.views.callbacks.with_calls()]
        calls = (state.call for state in states if isinstance(state, Returned) and state.call not in present)
        return sum((self._stays_open(call, at) for call in calls), NOTHING)

    def _stays_open(self, call: str | None, at: datetime) -> Decision:
        held = self.views.callbacks.of_call(call)
        return NOTHING if held is None else self.stays_open(held, at)

    def stays_open(self, held: Callback, at: datetime) -> Decision:
        """The callback is about another call of the customer, or is dialled again, not before the agreed time."""
        if not isinstance(held.state, Returned):
            return NOTHING
        agreed = held.state.agreed
        if (other := self._other_call(held)) is not None:
            return Decision(changes=(Put(replace(held, state=Returned(call=other.call, agreed=agreed))),))
        if agreed is not None and agreed.until > at:
            return Decision(changes=(Put(replace(held, state=agreed)),)) + wake(held, agreed)
        return Decision(changes=(Put(replace(held, state=Waiting())),))

    def _other_call(self, held: Callback) -> Call | None:
        """The first call in the queue from the number of a callback, of those that are about it."""
        calls, region = self.views.queues.calls, self.views.settings.region
        waiting = (one for one in calls.of_number(held.number, region) if one.stage is Stage.WAITING)
        theirs = (one for one in waiting if one.queue == held.queue and self._held_by(one.call) == held)
        return min(theirs, key=lambda one: one.rank, default=None)

    def _postponed(self, held: Callback) -> CallbackPostponed:
        who: dict[str, Any] = self.views.people.who(held.number)
        return CallbackPostponed(
            service=held.service, queue=held.queue, callback=held.callback, call=held.call,
            reason=RETURNED_WHILE_DIALLED, attempt=held.attempts, **who,
        )  # fmt: skip

    def _cancelled(self, held: Callback, by: str) -> CallbackCancelled:
        who: dict[str, Any] = self.views.people.who(held.number)
        return CallbackCancelled(
            service=held.service, queue=held.queue, callback=held.callback, call=held.call, by=by, **who
        )
