"""One attempt to call somebody back: dialling the customer, what they answer, and what follows.

An attempt is committed before it is made, and a committed attempt counts as made: after a crash its channel is adopted
if it lives, else the attempt was in vain. So nobody is dialled twice for one attempt.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from callcentre.config.templates import TextError, render
from callcentre.features.callbacks.agents import connect, end_talk, free
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
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import TimerDue
from callcentre.messaging.model import Kind, TextWanted
from callcentre.telephony.contexts import CALLBACK_CONTEXT
from callcentre.telephony.dialling.outcome import Outcome, far_half
from callcentre.telephony.dialling.outgoing import CallInVain, Granted
from callcentre.telephony.effects import HangUp, Originate
from callcentre.telephony.events import ChannelDestroyed, OriginateFailed, StasisStarted, Synchronised
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts.model import AskCaller, CallerAnswered, CallerGone, Question
from callcentre.telephony.queue_entry.model import EnterQueue
from callcentre.telephony.queue_view.callers import as_before, shown_name, spoken_name
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS
from callcentre.values.endpoints import endpoint_for
from callcentre.values.numbers import Allowed
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.sections import Dialling as DiallingSettings

_ACCEPT_SECONDS = 10.0
_LOST = timedelta(seconds=30)
"""So long after a phone should have stopped ringing, a call of which nothing was heard is over."""

_AGAIN = "callback again "
_RINGING = "callback rings "


def over_at(callback: Callback, at: datetime, ring: timedelta) -> Decision:
    """A call of ours that rings from now on is over at last, even if nothing is heard of it."""
    return Decision(timers=(SetTimer(f"{_RINGING}{callback.callback}", at + ring + _LOST),))


def timers_off(callback: Callback) -> Decision:
    """Nothing is waited for any more."""
    timers = (CancelTimer(f"{_RINGING}{callback.callback}"), CancelTimer(f"{_AGAIN}{callback.callback}"))
    return Decision(timers=timers)


def wake(callback: Callback, waits: Postponed, *, wall: bool = False) -> Decision:
    """Let a postponed callback be queued again in time; `wall`: at that time of day, whatever it waits for."""
    wall = wall or bool(waits.wall_times)
    return Decision(timers=(SetTimer(f"{_AGAIN}{callback.callback}", waits.until, wall=wall),))


def queued_again(callback: Callback) -> Decision:
    """Nothing keeps a postponed callback from its turn any more."""
    timers = (CancelTimer(f"{_AGAIN}{callback.callback}"),)
    return Decision(changes=(Put(replace(callback, state=Waiting())),), timers=timers)


@dataclass(slots=True)
class Attempts:
    """The rules of an attempt, over the world."""

    world: World

    @property
    def _callbacks(self) -> Callbacks:
        return self.world.callbacks

    # --- dialling --------------------------------------------------------------------------------

    def dial(
        self, callback: Callback, granted: Granted, dialling: DiallingSettings, position: int, at: datetime
    ) -> Decision:
        """Ring the customer. The attempt and its count are committed with this."""
        attempt = callback.attempts + 1
        call = f"{callback.callback}-{attempt}"
        heard = self.world.own_calls.ringing(call, callback.callback, granted.number, dialling.endpoint)
        originate = Originate(
            call=call, other=far_half(call) if heard.local else None, codec=dialling.codec if heard.local else None,
            endpoint=endpoint_for(dialling.endpoint, granted.number, self.world.settings.region),
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
            changes=(Put(flying), *granted.counted, Put(heard)),
            facts=(self._fact(CallbackDialled, flying, attempt=attempt, position=position),),
            effects=(originate,),
        ) + over_at(callback, at, dialling.ring)

    # --- the customer on the phone ---------------------------------------------------------------

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The customer answered, or is found in our hands after a restart."""
        call = event.channel.id
        callback = self._callbacks.of_call(call)
        service = None if callback is None else self.world.settings.services.get(callback.service)
        state = None if callback is None else callback.state
        if isinstance(state, Connected):
            return NOTHING
        if callback is None or service is None or service.callback is None:
            return Decision(effects=(HangUp(call=call),))
        if isinstance(state, Accepted):
            return self._put_through(callback, state, at)
        if not isinstance(state, Dialling | Asking):
            return Decision(effects=(HangUp(call=call),))
        answers = Asking(call=state.call, dialled_at=state.dialled_at, agent_call=state.agent_call)
        asking = replace(callback, state=answers)
        answered = Decision(changes=(Put(asking),), timers=(CancelTimer(f"{_RINGING}{callback.callback}"),))
        if not service.callback.dial.press_to_accept:
            return answered + self._say(asking, "introduced", at, "call-intro")
        return answered + self._say(asking, "accept", at, "call-intro", "call-accept", wait=_ACCEPT_SECONDS)

    def _say(self, callback: Callback, step: str, at: datetime, *prompts: str, wait: float = 0) -> Decision:
        ask = AskCaller(
            at=at, call=callback.call or "", topic="call", step=step, language=callback.language,
            question=Question(prompts=prompts, wait=wait),
        )  # fmt: skip
        return Decision(commands=(ask,))

    def answered(self, told: CallerAnswered, at: datetime) -> Decision:
        """1 accepts, 2 cancels, 3 postpones; anything else was a machine, or nobody."""
        if told.topic != "call":
            return NOTHING
        if told.step == "farewell":
            return Decision(effects=(HangUp(call=told.call),))
        callback = self._callbacks.of_call(told.call)
        if callback is None or not isinstance(callback.state, Asking):
            return Decision(effects=(HangUp(call=told.call),))
        match told.answer:
            case _ if told.step == "introduced":
                return self._confirmed(callback, callback.state, at)
            case "1":
                return self._confirmed(callback, callback.state, at)
            case "2":
                return self.cancelled(callback, "customer", at) + self._say(callback, "farewell", at, "call-cancelled")
            case "3":
                until = at + POSTPONED
                later = self.postponed(callback, "customer", at, until, callback.attempts - 1)
                # Where the call hours end before, nobody is told that it is a matter of minutes.
                is_soon = self.world.next_call(callback.number, callback.service, until) == until
                return later + self._say(callback, "farewell", at, "call-postponed" if is_soon else "goodbye")
            case _:
                return self._in_vain(callback, "no_answer", at) + Decision(effects=(HangUp(call=told.call),))

    def gone(self, told: CallerGone, at: datetime) -> Decision:
        """The customer hung up without a key; or while waiting, when they had used the exit key and heard an answer."""
        callback = self._callbacks.of_call(told.call)
        signs = self.world.calls.signs.get(told.call)
        match told.topic, None if callback is None else callback.phase:
            case "call", Phase.ASKING if callback is not None:
                return self._in_vain(callback, "no_answer", at)
            case "offer", Phase.ACCEPTED if callback is not None and signs is not None and signs.hung_up:
                return self.cancelled(callback, "customer", at)
            case _:
                return NOTHING

    def _confirmed(self, callback: Callback, asking: Asking, at: datetime) -> Decision:
        accepts = Accepted(call=asking.call, agent_call=asking.agent_call)
        accepted = replace(callback, state=accepts)
        confirmed = self._fact(CallbackConfirmed, callback, attempt=callback.attempts)
        before = self._callbacks.dial_time
        took = max(0.0, (at - asking.dialled_at).total_seconds())
        seconds = (*(before.seconds if before else ()), took)[-REMEMBERED_CALLS:]
        decision = Decision(changes=(Put(accepted), Put(DialTime(seconds=seconds))), facts=(confirmed,))
        return decision + self._put_through(accepted, accepts, at)

    def _put_through(self, callback: Callback, accepted: Accepted, at: datetime) -> Decision:
        """Connect the customer with the agent who is reserved, else send them into `Queue()`, under their own name."""
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
        """The agent who was reserved hung up before they talked: the customer is one for the queue now."""
        match callback.state:
            case Reserving():
                return Decision(changes=(Put(replace(callback, state=Waiting())),))
            case Accepted() as accepted:
                alone = msgspec.structs.replace(accepted, agent_call=None)
                customer = replace(callback, state=alone)
                return Decision(changes=(Put(customer),)) + self._put_through(customer, alone, at)
            case Dialling() | Asking() as state:
                without = replace(callback, state=msgspec.structs.replace(state, agent_call=None))
                return Decision(changes=(Put(without),))
            case Connected():
                return end_talk(callback, self.world, at)
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
        queued = self._fact(CallbackQueued, callback, position=fact.position, attempt=callback.attempts)
        return Decision(facts=(queued,))

    def connected(self, fact: QueueAnswered, _at: datetime) -> Decision:
        """An agent took the call."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or not isinstance(callback.state, Accepted):
            return NOTHING
        state = Connected(call=callback.state.call, agent=fact.agent, agent_name=fact.agent_name)
        talks = replace(callback, state=state)
        told = self._fact(
            CallbackConnected, callback, wait=fact.wait, agent=fact.agent, agent_name=fact.agent_name,
            attempt=callback.attempts,
        )  # fmt: skip
        return Decision(changes=(Put(talks),), facts=(told,))

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """The customer left the queue without an agent: on their own it is cancelled, else it is open again."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or callback.phase is not Phase.ACCEPTED or fact.reason in ("answered", "key"):
            return NOTHING
        if fact.reason == "abandoned":
            return self.cancelled(callback, "customer", at)
        return self._in_vain(callback, "failed", at)

    def ended(self, fact: CallEnded, _at: datetime) -> Decision:
        """The conversation is over: the promise is kept."""
        callback = self._callbacks.of_call(fact.call)
        if callback is None or not isinstance(callback.state, Connected):
            return NOTHING
        agent, name = callback.state.agent, callback.state.agent_name
        completed = self._fact(CallbackCompleted, callback, agent=agent, agent_name=name, talk=fact.talk)
        return Decision(changes=(Delete(callback),), facts=(completed,))

    # --- attempts in vain ------------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """Our call to the customer ended after they took it, or that to an agent who was reserved."""
        callback = self._callbacks.of_call(event.call)
        if callback is not None and event.call == callback.agent_call:
            return self.agent_gone(callback, event.when if callback.phase is Phase.CONNECTED else at)
        if callback is None or event.call != callback.call:
            return NOTHING
        match callback.phase:
            case Phase.ASKING:
                return self._in_vain(callback, "no_answer", at)
            case Phase.ACCEPTED if event.call not in self.world.calls.calls:
                # It never came into the queue: our dialplan may have let it go while we were away.
                return self._in_vain(callback, "failed", at)
            case Phase.CONNECTED if callback.agent_call is not None:
                return end_talk(callback, self.world, event.when)
            case _:
                return NOTHING

    def not_dialled(self, event: OriginateFailed, at: datetime) -> Decision:
        """Asterisk did not begin to ring an agent."""
        callback = self._callbacks.of_call(event.call)
        if callback is None or event.call != callback.agent_call:
            return NOTHING
        return self.agent_gone(callback, at)

    def in_vain(self, told: CallInVain, at: datetime) -> Decision:
        """Nobody took our call."""
        callback = self._callbacks.open.get(told.callback)
        if callback is None:
            return NOTHING
        if told.reserves:
            # It waits again. Where others find a way, it alone does not: it is tried later, and costs no attempt.
            if told.outcome is Outcome.NO_ROUTE or not callback.is_queued:
                return NOTHING
            return self._later(callback, told.outcome, at)
        if callback.call != told.call or callback.phase is not Phase.DIALLING:
            return NOTHING
        if told.outcome is Outcome.NO_ROUTE:
            return self._not_dialled(callback, at)
        return self._in_vain(callback, told.outcome, at)

    def _not_dialled(self, callback: Callback, at: datetime) -> Decision:
        """It stands as before: that our calls find no way out is not the customer's."""
        waits = replace(callback, state=Waiting(), attempts=callback.attempts - 1)
        return Decision(
            changes=(Put(waits),),
            facts=(self._fact(CallbackNotDialled, callback, reason=Outcome.NO_ROUTE, attempt=callback.attempts),),
            timers=(CancelTimer(f"{_RINGING}{callback.callback}"),),
        ) + free(callback, self.world, at)

    def due(self, event: TimerDue, at: datetime) -> Decision:
        """A postponed callback stands again; an attempt of which nothing was heard is over."""
        if event.key.startswith(_AGAIN):
            callback = self._callbacks.open.get(event.key.removeprefix(_AGAIN))
            if callback is None or not isinstance(callback.state, Postponed):
                return NOTHING
            return Decision(changes=(Put(replace(callback, state=Waiting())),))
        if event.key.startswith(_RINGING):
            callback = self._callbacks.open.get(event.key.removeprefix(_RINGING))
            return NOTHING if callback is None else self._lost(callback, at)
        return NOTHING

    def _lost(self, callback: Callback, at: datetime) -> Decision:
        """Nothing was heard of a call of ours for longer than it can have rung."""
        match callback.state:
            case Dialling(call=call):
                return self._in_vain(callback, "no_answer", at) + Decision(effects=(HangUp(call=call),))
            case Reserving(agent_call=agent_call):
                return self.agent_gone(callback, at) + Decision(effects=(HangUp(call=agent_call),))
            case _:
                return NOTHING

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After having been away: calls that live are adopted, attempts whose call is gone were in vain."""
        present = {channel.id for channel in event.channels}
        # Decided at once: the queue view tells in the same event which calls it has lost, and knows less of each.
        decisions = (self._without_its_call(one, present, at) for one in tuple(self._callbacks.with_calls()))
        return sum(decisions, NOTHING)

    def _without_its_call(self, callback: Callback, present: Container[str], at: datetime) -> Decision:
        call, agent_call = callback.call, callback.agent_call
        if call is not None and self._carrier(call) not in present:
            return self._call_gone(callback, at)
        return NOTHING if agent_call is None or agent_call in present else self.agent_gone(callback, at)

    def _carrier(self, call: str) -> str:
        """The channel that carries a call by now: a Local channel to a customer may have optimised away."""
        known = self.world.calls.calls.get(call)
        return call if known is None else known.on

    def _call_gone(self, callback: Callback, at: datetime) -> Decision:
        match callback.phase:
            case Phase.DIALLING | Phase.ASKING:
                return self._in_vain(callback, "no_answer", at)
            case Phase.ACCEPTED:
                return self._in_vain(callback, "failed", at)
            case Phase.CONNECTED if callback.agent_call is not None:
                return end_talk(callback, self.world, at)
            case Phase.CONNECTED:
                completed = self._fact(CallbackCompleted, callback, reason="unknown")
                return Decision(changes=(Delete(callback),), facts=(completed,))
            case Phase.WAITING | Phase.RESERVING | Phase.RETURNED:
                return NOTHING
            case _:
                assert_never(callback.phase)

    def _in_vain(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """An attempt did not reach the customer: again later, or not any more."""
        service = self.world.settings.services.get(callback.service)
        if service is None or service.callback is None or reason == "impossible":
            return self.failed(callback, reason, at)
        # Who accepted was reached: that no agent came must not cost them the callback.
        if callback.attempts >= service.callback.dial.attempts and callback.phase is not Phase.ACCEPTED:
            return self.failed(callback, reason, at)
        return self._later(callback, reason, at)

    def _later(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """Again after the pause of its reason."""
        service = self.world.settings.services.get(callback.service)
        if service is None or service.callback is None:
            return NOTHING
        pause = service.callback.dial.retry_after.after(reason)
        return self.postponed(callback, reason, at, at + pause, callback.attempts)

    def postponed(self, callback: Callback, reason: str, at: datetime, until: datetime, attempts: int) -> Decision:
        """It is dialled again later, within call hours, and stands before nobody until then."""
        pause_over = until
        until = self.world.next_call(callback.number, callback.service, until)
        waits = Postponed(until=until, why=reason)
        later = replace(callback, state=waits, attempts=attempts)
        return (
            Decision(
                changes=(Put(later),),
                facts=(self._fact(CallbackPostponed, callback, reason=reason, attempt=callback.attempts),),
                timers=(CancelTimer(f"{_RINGING}{callback.callback}"),),
            )
            + wake(later, waits, wall=until != pause_over)
            + free(callback, self.world, at)
        )

    def failed(self, callback: Callback, reason: str, at: datetime) -> Decision:
        """The customer could not be reached, and no further attempt follows."""
        failed = self._fact(CallbackFailed, callback, reason=reason, attempt=callback.attempts)
        return self._over(callback, failed, at) + self._sorry(callback, at)

    def expired(self, callback: Callback, at: datetime) -> Decision:
        """The service closed before its turn."""
        expired = self._fact(CallbackExpired, callback, reason="closed")
        return self._over(callback, expired, at) + self._sorry(callback, at)

    def cancelled(self, callback: Callback, by: str, at: datetime) -> Decision:
        """It is not wanted any more."""
        return self._over(callback, self._fact(CallbackCancelled, callback, by=by), at)

    def _over(self, callback: Callback, fact: CallbackFact, at: datetime) -> Decision:
        over = Decision(changes=(Delete(callback),), facts=(fact,))
        return over + timers_off(callback) + free(callback, self.world, at)

    def _sorry(self, callback: Callback, at: datetime) -> Decision:
        """The text for somebody whom we did not reach."""
        service = self.world.settings.services.get(callback.service)
        template = None if service is None or service.callback is None else service.callback.give_up_text
        if service is None or template is None:
            return NOTHING
        if not isinstance(self.world.numbers.may_text(callback.number), Allowed):
            return NOTHING
        try:
            body = render(template, name=spoken_name(callback), service=service.title, number=callback.number)
        except TextError:
            return NOTHING
        text = TextWanted(
            at=at, message=f"given-up-{callback.callback}", kind=Kind.CALLBACK_GIVEN_UP, number=callback.number,
            sender=self.world.settings.sms.sender, body=body, service=callback.service, queue=callback.queue,
            callback=callback.callback,
        )  # fmt: skip
        return Decision(commands=(text,))

    # --- facts -----------------------------------------------------------------------------------

    def _fact(self, kind: type[CallbackFact], callback: Callback, **more: Any) -> CallbackFact:
        about: dict[str, Any] = {**self.world.who(callback.number), **more}
        return kind(
            service=callback.service, queue=callback.queue, callback=callback.callback, call=callback.call, **about
        )
