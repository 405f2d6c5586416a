"""One attempt to call a customer back: dialling, the customer's answer, and the consequences.

An attempt is committed before it is made, and a committed attempt counts as made. After a crash its channel is adopted
if it exists; otherwise the attempt has failed. So nobody is dialled twice for one attempt.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, assert_never

import msgspec
from msgspec.structs import replace

from callcentre.features.callbacks.agents import connect, end_talk, free, part
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.facts import (
    CallbackCancelled,
    CallbackCompleted,
    CallbackConfirmed,
    CallbackConnected,
    CallbackDialled,
    CallbackExpired,
    CallbackFact,
    CallbackFailed,
    CallbackNotDialled,
    CallbackPostponed,
    CallbackQueued,
)
from callcentre.features.callbacks.model import (
    GIVEN_UP,
    WITHDRAWN,
    Accepted,
    Asking,
    Callback,
    Connected,
    Dialling,
    DialTime,
    Phase,
    Postponed,
    Reserving,
    Returned,
    Waiting,
)
from callcentre.features.callbacks.rules import POSTPONED
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.timers import CallbackWaits, CustomerRings, HoldEnds
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.messaging.interface import NotTexted
from callcentre.messaging.model import MessageKind
from callcentre.telephony.contexts import CALLBACK_CONTEXT
from callcentre.telephony.dialling.outcome import Outcome, far_half
from callcentre.telephony.dialling.outgoing import CallInVain, Granted
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.effects import HangUp, Originate
from callcentre.telephony.events import ChannelDestroyed, OriginateFailed, StasisStarted, Synchronised
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts.model import AskCaller, CallerAnswered, CallerGone, Question
from callcentre.telephony.queue_entry.model import EnterQueue
from callcentre.telephony.queue_view.callers import as_before, shown_name, spoken_name
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS
from callcentre.values.endpoints import endpoint_for
from callcentre.values.numbers import Allowed

if TYPE_CHECKING:
    from callcentre.config.templates import TextTemplate

_ACCEPT_SECONDS = 10.0
_LOST = timedelta(seconds=30)
"""Grace period after the ring timeout. A call with no event by then is treated as lost."""


def over_at(callback: Callback, at: datetime, ring: timedelta) -> Decision:
    """Set the time by which a call that rings from now on must have been answered or have ended."""
    return Decision(timers=(SetTimer(CustomerRings(callback=callback.callback), at + ring + _LOST),))


def timers_off(callback: Callback) -> Decision:
    """Cancel the timers of a callback."""
    kinds = (CustomerRings, CallbackWaits, HoldEnds)
    return Decision(timers=tuple(CancelTimer(kind(callback=callback.callback)) for kind in kinds))


def wake(callback: Callback, waits: Postponed, *, wall: bool = False) -> Decision:
    """Queue a postponed callback again in time; `wall`: at that time of day, whatever it waits for."""
    wall = wall or bool(waits.wall_times)
    return Decision(timers=(SetTimer(CallbackWaits(callback=callback.callback), waits.until, wall=wall),))


def queued_again(callback: Callback) -> Decision:
    """Queue a postponed callback again at once."""
    timers = (CancelTimer(CallbackWaits(callback=callback.callback)),)
    return Decision(changes=(Put(replace(callback, state=Waiting())),), timers=timers)


@dataclass(slots=True)
class Attempts:
    """The rules of an attempt."""

    views: Views

    @property
    def _callbacks(self) -> Callbacks:
        return self.views.callbacks

    # --- dialling --------------------------------------------------------------------------------

    def dial(
        self, callback: Callback, granted: Granted, dialling: DiallingSettings, position: int, at: datetime
    ) -> Decision:
        """Ring the customer. The attempt and its count are committed with this decision."""
        attempt = callback.attempts + 1
        call = f"{callback.callback}-{attempt}"
        heard = self.views.own_calls.ringing(
            call, callback.callback, callback.service, granted.number, dialling.endpoint
        )
        originate = Originate(
            call=call, other=far_half(call) if heard.local else None, codec=dialling.codec if heard.local else None,
            endpoint=endpoint_for(dialling.endpoint, granted.number, self.views.settings.region),
            caller_id=dialling.caller_id, context=CALLBACK_CONTEXT, ring=int(dialling.ring.total_seconds()),
            variables=(
                ("CALLCENTRE_CALLBACK", callback.callback),
                ("CALLCENTRE_SERVICE", callback.service),
                ("CHANNEL(language)", callback.language),
            ),
        )  # fmt: skip
        rings = Dialling(call=call, dialled_at=at, agent_call=callback.agent_call)
        flying = replace(callback, state=rings, attempts=attempt)
        return Decision(
            changes=(Put(flying), *granted.counted(call, at), Put(heard)),
            facts=(self.fact(CallbackDialled, flying, attempt=attempt, position=position),),
            effects=(originate,),
        ) + over_at(callback, at, dialling.ring)

    # --- the customer on the phone ---------------------------------------------------------------

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The customer answered, or is found in Stasis after a restart."""
        call = event.channel.id
        callback = self._callbacks.of_call(call)
        service = None if callback is None else self.views.settings.services.get(callback.service)
        state = None if callback is None else callback.state
        if isinstance(state, Connected):
            return NOTHING
        rules = rules_of(service)
        if callback is None or rules is None:
            return Decision(effects=(HangUp(call=call),))
        if isinstance(state, Accepted):
            return self._put_through(callback, state, at)
        if not isinstance(state, Dialling | Asking):
            return Decision(effects=(HangUp(call=call),))
        answers = Asking(call=state.call, dialled_at=state.dialled_at, agent_call=state.agent_call)
        asking = replace(callback, state=answers)
        answered = Decision(changes=(Put(asking),), timers=(CancelTimer(CustomerRings(callback=callback.callback)),))
        if not rules.dial.press_to_accept:
            return answered + self._say(asking, "introduced", at, "call-intro")
        return answered + self._say(asking, "accept", at, "call-intro", "call-accept", wait=_ACCEPT_SECONDS)

    def _say(self, callback: Callback, step: str, at: datetime, *prompts: str, wait: float = 0) -> Decision:
        command = AskCaller(
            at=at, call=callback.call or "", topic="call", step=step, language=callback.language,
            question=Question(prompts=prompts, wait=wait),
        )  # fmt: skip
        return Decision(commands=(command,))

    def answered(self, signal: CallerAnswered, at: datetime) -> Decision:
        """1 accepts, 2 cancels, 3 postpones. Anything else was a machine, or nobody."""
        if signal.topic != "call":
            return NOTHING
        if signal.step == "farewell":
            return Decision(effects=(HangUp(call=signal.call),))
        callback = self._callbacks.of_call(signal.call)
        if callback is None or not isinstance(callback.state, Asking):
            return Decision(effects=(HangUp(call=signal.call),))
        match signal.answer:
            case _ if signal.step == "introduced":
                return self._confirmed(callback, callback.state, at)
            case "1":
                return self._confirmed(callback, callback.state, at)
            case "2":
                return self.cancelled(callback, "customer", at) + self._say(callback, "farewell", at, "call-cancelled")
            case "3":
                until = at + POSTPONED
                later = self.postponed(callback, "customer", at, until, callback.attempts - 1)
                # If the call hours end before, the customer is not told that it is a matter of minutes.
                is_soon = self.views.own_calls.next_call(callback.number, callback.service, until) == until
                return later + self._say(callback, "farewell", at, "call-postponed" if is_soon else "goodbye")
            case _:
                return self._in_vain(callback, "no_answer", at) + Decision(effects=(HangUp(call=signal.call),))

    def gone(self, signal: CallerGone, at: datetime) -> Decision:
        """The customer hung up without a key, or after the exit key and an answer while waiting."""
        callback = self._callbacks.of_call(signal.call)
        signs = self.views.queues.calls.signs.get(signal.call)
        match signal.topic, None if callback is None else callback.phase:
            case "call", Phase.ASKING if callback is not None:
                return self._in_vain(callback, "no_answer", at)
            case "offer", Phase.ACCEPTED if callback is not None and signs is not None and signs.hung_up:
                return self.cancelled(callback, "customer", at)
            case _:
                return NOTHING

    def _confirmed(self, callback: Callback, asking: Asking, at: datetime) -> Decision:
        accepts = Accepted(call=asking.call, agent_call=asking.agent_call)
        accepted = replace(callback, state=accepts)
        confirmed = self.fact(CallbackConfirmed, callback, attempt=callback.attempts)
        before = self._callbacks.dial_time
        took = max(0.0, (at - asking.dialled_at).total_seconds())
        seconds = (*(before.seconds if before else ()), took)[-REMEMBERED_CALLS:]
        decision = Decision(changes=(Put(accepted), Put(DialTime(seconds=seconds))), facts=(confirmed,))
        return decision + self._put_through(accepted, accepts, at)

    def _put_through(self, callback: Callback, accepted: Accepted, at: datetime) -> Decision:
        """Connect the customer with the reserved agent, else send the customer into `Queue()` with their own name."""
        if accepted.agent_call is not None:
            return connect(callback)
        variables = (
            ("CALLERID(num)", callback.number),
            ("CALLERID(name)", shown_name(callback)),
            ("CALLCENTRE_ACCEPTED", "yes"),
            *as_before(callback.priority, callback.name_prefix),
        )
        enter = EnterQueue(
            at=at, call=accepted.call, queue=callback.queue, joined_at=callback.joined_at,
            priority=callback.priority, variables=variables,
        )  # fmt: skip
        return Decision(commands=(enter,))

    def agent_gone(self, callback: Callback, at: datetime) -> Decision:
        """The reserved agent hung up before the conversation: the customer goes into the queue now."""
        match callback.state:
            case Reserving():
                return Decision(changes=(Put(replace(callback, state=Waiting())),))
            case Accepted() as accepted:
                alone = msgspec.structs.replace(accepted, agent_call=None)
                customer = replace(callback, state=alone)
                return Decision(changes=(Put(customer),)) + part(callback) + self._put_through(customer, alone, at)
            case Dialling() | Asking() as state:
                without = replace(callback, state=msgspec.structs.replace(state, agent_call=None))
                return Decision(changes=(Put(without),))
            case Connected():
                return end_talk(callback, self.views, at)
            case Waiting() | Postponed() | Returned():
                return NOTHING
            case _:
                assert_never(callback.state)

    # --- in the queue ----------------------------------------------------------------------------

    def joined(self, fact: QueueJoined, _at: datetime) -> Decision:
        """The customer waits on the line."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or callback.phase is not Phase.ACCEPTED:
            return NOTHING
        queued = self.fact(CallbackQueued, callback, position=fact.position, attempt=callback.attempts)
        return Decision(facts=(queued,))

    def connected(self, fact: QueueAnswered, _at: datetime) -> Decision:
        """An agent took the call."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or not isinstance(callback.state, Accepted):
            return NOTHING
        state = Connected(call=callback.state.call, agent=fact.agent, agent_name=fact.agent_name)
        talks = replace(callback, state=state)
        connected = self.fact(
            CallbackConnected, callback, wait=fact.wait, agent=fact.agent, agent_name=fact.agent_name,
            attempt=callback.attempts,
        )  # fmt: skip
        return Decision(changes=(Put(talks),), facts=(connected,))

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """The customer left the queue without an agent. It is cancelled if the customer hung up, else open again."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or callback.phase is not Phase.ACCEPTED or fact.reason in ("answered", "key"):
            return NOTHING
        if fact.reason == "abandoned":
            return self.cancelled(callback, "customer", at)
        return self._in_vain(callback, "failed", at)

    def ended(self, fact: CallEnded, _at: datetime) -> Decision:
        """The conversation is over: the callback is completed."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or not isinstance(callback.state, Connected):
            return NOTHING
        agent, name = callback.state.agent, callback.state.agent_name
        completed = self.fact(CallbackCompleted, callback, agent=agent, agent_name=name, talk=fact.talk)
        return Decision(changes=(Delete(callback),), facts=(completed,))

    # --- failed attempts -------------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """Our call to the customer ended after it was answered, or the call to a reserved agent ended."""
        callback = self._callbacks.of_call(event.call)
        if callback is not None and event.call == callback.agent_call:
            return self.agent_gone(callback, event.when if callback.phase is Phase.CONNECTED else at)
        if callback is None or event.call != callback.call:
            return NOTHING
        match callback.phase:
            case Phase.ASKING:
                return self._in_vain(callback, "no_answer", at)
            case Phase.ACCEPTED if event.call not in self.views.queues.calls.calls:
                # It never entered the queue: our dialplan may have released it during a break in the connection.
                return self._in_vain(callback, "failed", at)
            case Phase.CONNECTED if callback.agent_call is not None:
                return end_talk(callback, self.views, event.when)
            case _:
                return NOTHING

    def not_dialled(self, event: OriginateFailed, at: datetime) -> Decision:
        """Asterisk did not begin to ring an agent."""
        callback = self._callbacks.of_call(event.call)
        if callback is None or event.call != callback.agent_call:
            return NOTHING
        return self.agent_gone(callback, at)

    def in_vain(self, signal: CallInVain, at: datetime) -> Decision:
        """Nobody answered our call."""
        callback = self._callbacks.get(signal.callback)
        if callback is None:
            return NOTHING
        if signal.reserves:
            # It waits again. If other calls find a route and only this one does not, it is tried later without
            # counting.
            if signal.outcome is Outcome.NO_ROUTE or not callback.is_queued:
                return NOTHING
            return self._later(callback, signal.outcome, at)
        if callback.call != signal.call or callback.phase is not Phase.DIALLING:
            return NOTHING
        if signal.outcome in {Outcome.NO_ROUTE, Outcome.LIMIT}:
            return self._not_dialled(callback, signal.outcome, at)
        return self._in_vain(callback, signal.outcome, at)

    def _not_dialled(self, callback: Callback, reason: Outcome, at: datetime) -> Decision:
        """The callback is queued as before: a missing route or a cap is not the customer's fault."""
        waits = replace(callback, state=Waiting(), attempts=callback.attempts - 1)
        return Decision(
            changes=(Put(waits),),
            facts=(self.fact(CallbackNotDialled, callback, reason=reason, attempt=callback.attempts),),
            timers=(CancelTimer(CustomerRings(callback=callback.callback)),),
        ) + free(callback, self.views, at)

    def waited(self, timer: CallbackWaits, _at: datetime) -> Decision:
        """A postponed callback is queued again."""
        callback = self._callbacks.get(timer.callback)
        if callback is None or not isinstance(callback.state, Postponed):
            return NOTHING
        return Decision(changes=(Put(replace(callback, state=Waiting())),))

    def lost(self, timer: CustomerRings, at: datetime) -> Decision:
        """There was no event of a call for longer than it can have rung: it is treated as over."""
        callback = self._callbacks.get(timer.callback)
        return NOTHING if callback is None else self._lost(callback, at)

    def _lost(self, callback: Callback, at: datetime) -> Decision:
        match callback.state:
            case Dialling(call=call):
                return self._in_vain(callback, "no_answer", at) + Decision(effects=(HangUp(call=call),))
            case Reserving(agent_call=agent_call):
                return self.agent_gone(callback, at) + Decision(effects=(HangUp(call=agent_call),))
            case _:
                return NOTHING

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After a break, calls that still exist are adopted, and attempts whose call is gone have failed."""
        present = {channel.id for channel in event.channels}
        # Decided at once: the queue view reports its lost calls in the same event, and knows less about each.
        decisions = (self._without_its_call(one, present, at) for one in self._callbacks.with_calls())
        return sum(decisions, NOTHING)

    def _without_its_call(self, callback: Callback, present: Container[str], at: datetime) -> Decision:
        call, agent_call = callback.call, callback.agent_call
        if call is not None and self._carrier(call) not in present:
            return self._call_gone(callback, at)
        return NOTHING if agent_call is None or agent_call in present else self.agent_gone(callback, at)

    def _carrier(self, call: str) -> str:
        """The channel that carries a call now: a Local channel to a customer may have optimised away."""
        known = self.views.queues.calls.calls.get(call)
        return call if known is None else known.on

    def _call_gone(self, callback: Callback, at: datetime) -> Decision:
        match callback.phase:
            case Phase.DIALLING | Phase.ASKING:
                return self._in_vain(callback, "no_answer", at)
            case Phase.ACCEPTED:
                return self._in_vain(callback, "failed", at)
            case Phase.CONNECTED if callback.agent_call is not None:
                return end_talk(callback, self.views, at)
            case Phase.CONNECTED:
                completed = self.fact(CallbackCompleted, callback, reason="unknown")
                return Decision(changes=(Delete(callback),), facts=(completed,))
            case Phase.WAITING | Phase.RESERVING | Phase.RETURNED:
                return NOTHING
            case _:
                assert_never(callback.phase)

    def _in_vain(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """An attempt did not reach the customer: try later, or give up."""
        service = self.views.settings.services.get(callback.service)
        rules = rules_of(service)
        if rules is None or reason == "impossible":
            return self.failed(callback, reason, at)
        # A customer who accepted was reached, and keeps the callback when no agent came.
        if callback.attempts >= rules.dial.attempts and callback.phase is not Phase.ACCEPTED:
            return self.failed(callback, reason, at)
        return self._later(callback, reason, at)

    def _later(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """Try again after the pause for this reason."""
        service = self.views.settings.services.get(callback.service)
        rules = rules_of(service)
        if rules is None:
            return NOTHING
        pause = rules.dial.retry_after.after(reason)
        return self.postponed(callback, reason, at, at + pause, callback.attempts)

    def postponed(self, callback: Callback, reason: str, at: datetime, until: datetime, attempts: int) -> Decision:
        """The callback is dialled again later, within call hours. It has no place until then."""
        pause_over = until
        until = self.views.own_calls.next_call(callback.number, callback.service, until)
        waits = Postponed(until=until, why=reason)
        later = replace(callback, state=waits, attempts=attempts)
        return (
            Decision(
                changes=(Put(later),),
                facts=(self.fact(CallbackPostponed, callback, reason=reason, attempt=callback.attempts),),
                timers=(CancelTimer(CustomerRings(callback=callback.callback)),),
            )
            + wake(later, waits, wall=until != pause_over)
            + free(callback, self.views, at)
        )

    def failed(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """The customer could not be reached, and no further attempt follows."""
        failed = self.fact(CallbackFailed, callback, reason=reason, attempt=callback.attempts)
        return self._over(callback, failed, at) + self._sorry(callback, at)

    def expired(self, callback: Callback, at: datetime) -> Decision:
        """The service closed before its turn."""
        expired = self.fact(CallbackExpired, callback, reason="closed")
        return self._over(callback, expired, at) + self._sorry(callback, at)

    def cancelled(self, callback: Callback, by: str, at: datetime) -> Decision:
        """The callback is no longer wanted. A customer who relies on it gets a text when staff cancels it."""
        over = self._over(callback, self.fact(CallbackCancelled, callback, by=by), at)
        return over + self._withdrawn(callback, at) if by == "staff" else over

    def _over(self, callback: Callback, fact: CallbackFact, at: datetime) -> Decision:
        over = Decision(changes=(Delete(callback),), facts=(fact,))
        return over + timers_off(callback) + free(callback, self.views, at)

    def _sorry(self, callback: Callback, at: datetime) -> Decision:
        """The text to a customer who was not reached."""
        rules = rules_of(self.views.settings.services.get(callback.service))
        return self._text(GIVEN_UP, "given-up", None if rules is None else rules.give_up_text, callback, at)

    def _withdrawn(self, callback: Callback, at: datetime) -> Decision:
        """The text to a customer whose callback staff has cancelled."""
        rules = rules_of(self.views.settings.services.get(callback.service))
        return self._text(WITHDRAWN, "withdrawn", None if rules is None else rules.cancelled_text, callback, at)

    def _text(
        self, kind: MessageKind, name: str, template: TextTemplate | None, callback: Callback, at: datetime
    ) -> Decision:
        service = self.views.settings.services.get(callback.service)
        if service is None or template is None:
            return NOTHING
        if not isinstance(self.views.numbers.may_text(callback.number), Allowed):
            return NOTHING
        words = {"name": spoken_name(callback), "service": service.title, "number": callback.number}
        text = self.views.texts.prepare(
            kind, template, words, message=f"{name}-{callback.callback}", number=callback.number, at=at,
            service=callback.service, queue=callback.queue, callback=callback.callback,
        )  # fmt: skip
        return NOTHING if isinstance(text, NotTexted) else Decision(commands=(text,))

    # --- facts -----------------------------------------------------------------------------------

    def fact(self, kind: type[CallbackFact], callback: Callback, **more: Any) -> CallbackFact:
        """A fact about a callback, with these fields more."""
        about: dict[str, Any] = {**self.views.people.who(callback.number), **more}
        return kind(
            service=callback.service, queue=callback.queue, callback=callback.callback, call=callback.call, **about
        )
