"""The Auto Agent: calls that announce a callback and ask by keys whether the customer still wants it.

An attempt is committed before it is made, as for callbacks, and a committed attempt counts as made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from callcentre.features.callbacks.interface import Callback, CallbackSettings, CancelCallback, Phase
from callcentre.features.notices.facts import NoticeAnswered, NoticeDelivered, NoticeFailed, NoticeSent
from callcentre.features.notices.meaning import Meaning
from callcentre.features.notices.model import CallDue, Failed, Heard, Notice, Notices, Ringing, State, Talking
from callcentre.features.notices.policy import MOST_CALLS, fact, rules_of
from callcentre.features.notices.settings import NotifySettings
from callcentre.features.notices.timers import AutoAgentRings
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import Tick
from callcentre.telephony.contexts import NOTICE_CONTEXT
from callcentre.telephony.dialling.outcome import Outcome, far_half
from callcentre.telephony.dialling.outgoing import CallInVain, Denied, Granted
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.effects import HangUp, Originate
from callcentre.telephony.events import ChannelDestroyed, StasisStarted, Synchronised
from callcentre.telephony.prompts.model import AskCaller, CallerAnswered, Question, place_prompt
from callcentre.values.endpoints import endpoint_for

if TYPE_CHECKING:
    from callcentre.features.callbacks.interface import OpenCallbacks
    from callcentre.kernel.people import People
    from callcentre.kernel.settings_in_force.interface import SettingsInForce
    from callcentre.telephony.dialling.interface import OwnCalls
    from callcentre.telephony.queue_view.calls import Calls

_KEY_SECONDS = 8.0
_LOST = timedelta(seconds=30)
"""Grace period after the ring timeout. A call with no event by then is treated as lost."""

_TOPIC = "notice"


class CallNext(Command, frozen=True, kw_only=True):
    """Call the next customer who waits for the Auto Agent. `passed` are the callbacks that this tick looked at."""

    passed: frozenset[str] = frozenset()


@dataclass(slots=True)
class AutoAgent:
    """The rules of the Auto Agent."""

    notices: Notices
    in_force: SettingsInForce
    people: People
    own_calls: OwnCalls
    calls: Calls
    callbacks: OpenCallbacks

    # --- calling ---------------------------------------------------------------------------------

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Call customers as far as the limits allow, and end calls that are not needed any more."""
        if self.in_force.settings.section(DiallingSettings) is None or not self.calls.link.up:
            return NOTHING
        next_call = (CallNext(at=at),) if self.notices.due() else ()
        return Decision(effects=tuple(self._superfluous()), commands=next_call)

    def call_next(self, command: CallNext, at: datetime) -> Decision:
        """Call the first customer who may be called, and look for the next with that call counted."""
        dialling = self.in_force.settings.section(DiallingSettings)
        if dialling is None or not self.calls.link.up or dialling.in_flight <= self.own_calls.in_flight():
            return NOTHING
        passed = set(command.passed)
        for notice in self._in_order(at):
            if notice.callback in passed:
                continue
            passed.add(notice.callback)
            callback = self.callbacks.get(notice.callback)
            if callback is not None and self._may_ring(notice, callback, at):
                more = Decision(commands=(CallNext(at=at, passed=frozenset(passed)),))
                return self._call(notice, callback, dialling, at) + more
        return NOTHING

    def _in_order(self, at: datetime) -> list[Notice]:
        """The notices that are to be given by a call.

        While calls find no route, one at a time is tried now and then: first one whose number was not affected.
        """
        due, route = self.notices.due(), self.own_calls.outgoing.route
        if not route.raised:
            return due
        if is_paused(route, at) or not self.own_calls.may_try():
            return []
        return sorted(due, key=lambda notice: notice.caller in route.unrouted)

    def _superfluous(self) -> Iterator[HangUp]:
        """Hang up calls to customers who called us themselves meanwhile."""
        for notice in self.notices.called():
            callback = self.callbacks.get(notice.callback)
            returned = callback is not None and callback.phase is Phase.RETURNED
            if returned and isinstance(notice.state, Ringing):
                yield HangUp(call=notice.state.call)

    def _may_ring(self, notice: Notice, callback: Callback, at: datetime) -> bool:
        service = self.in_force.settings.services.get(notice.service)
        return (
            service is not None
            and service.section(NotifySettings) is not None
            and callback.is_queued
            and isinstance(notice.state, CallDue)
            and (notice.state.not_before is None or notice.state.not_before <= at)
            and service.opening_hours.is_open(at)
            and self.own_calls.next_call(callback.number, notice.service, at) <= at
            and notice.promised_on not in self.calls.live
            and not self.own_calls.is_on_the_line(callback.number)
        )

    def _call(self, notice: Notice, callback: Callback, dialling: DiallingSettings, at: datetime) -> Decision:
        """Dial the customer, or say why not."""
        # One call stays for the callback itself.
        verdict = self.own_calls.permission(callback.number, notice.service, dialling, at, spare=1)
        match verdict:
            case Denied(reason, decision):
                return decision + self._failed(notice, reason)
            case Granted():
                return self._originate(notice, callback, verdict, dialling, at)
            case _:
                assert_never(verdict)

    def _originate(
        self, notice: Notice, callback: Callback, granted: Granted, dialling: DiallingSettings, at: datetime
    ) -> Decision:
        number = granted.number
        attempt = notice.attempts + 1
        call = f"{notice.callback}-notice-{attempt}"
        rings = replace(
            notice, state=Ringing(call=call), attempts=attempt, number=number, position=self.callbacks.place(callback)
        )  # fmt: skip
        heard = self.own_calls.ringing(call, notice.callback, notice.service, number, dialling.endpoint)
        originate = Originate(
            call=call, other=far_half(call) if heard.local else None, codec=dialling.codec if heard.local else None,
            endpoint=endpoint_for(dialling.endpoint, number, self.in_force.settings.region),
            caller_id=dialling.caller_id, context=NOTICE_CONTEXT, ring=int(dialling.ring.total_seconds()),
            variables=(("CALLCENTRE_CALLBACK", notice.callback), ("CHANNEL(language)", notice.language)),
        )  # fmt: skip
        sent = fact(NoticeSent, self.people, rings, "voice", position=rings.position, attempt=attempt)
        return Decision(
            changes=(Put(rings), *granted.counted(call, at), Put(heard)),
            facts=(sent,),
            effects=(originate,),
            timers=(SetTimer(AutoAgentRings(callback=notice.callback), at + dialling.ring + _LOST),),
        )

    # --- calls that reach nobody -----------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, _at: datetime) -> Decision:
        """A call ended after the customer had answered it."""
        notice = self.notices.of_call(event.call)
        return NOTHING if notice is None or isinstance(notice.state, Ringing) else self._given(notice)

    def in_vain(self, command: CallInVain, at: datetime) -> Decision:
        """Nobody answered the call."""
        notice = self.notices.of_call(command.call)
        if notice is None or not isinstance(notice.state, Ringing):
            return NOTHING
        return self._in_vain(notice, command.outcome, at)

    def lost(self, timer: AutoAgentRings, at: datetime) -> Decision:
        """A call with no event by now is lost."""
        notice = self.notices.get(timer.callback)
        if notice is None or not isinstance(notice.state, Ringing):
            return NOTHING
        return self._in_vain(notice, "no_answer", at) + Decision(effects=(HangUp(call=notice.state.call),))

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After a break the calls that still exist are kept. A call that is gone and rang counts as not answered."""
        present = {channel.id for channel in event.channels}
        decision = NOTHING
        for notice in self.notices.called():
            if notice.call in present:
                continue
            rings = isinstance(notice.state, Ringing)
            decision += self._in_vain(notice, "no_answer", at) if rings else self._given(notice)
        return decision

    def _in_vain(self, notice: Notice, reason: str, at: datetime) -> Decision:
        """Nobody answered: call once more later, or give up. The callback keeps its place."""
        service = self.in_force.settings.services.get(notice.service)
        wanted = notice.ended is None and notice.answer is None
        once_more = notice.attempts < MOST_CALLS and reason != "impossible" and wanted
        failed = self._failed(notice, reason)
        if reason in {Outcome.NO_ROUTE, Outcome.LIMIT} and wanted:
            # It is not the customer's fault: call as soon as calls find a route again.
            again = replace(notice, state=CallDue(), attempts=notice.attempts - 1)
            return failed + Decision(changes=(Put(again),))
        callbacks = None if service is None else service.section(CallbackSettings)
        if not once_more or callbacks is None:
            return failed
        later = at + callbacks.dial.retry_after.after(reason)
        again = replace(notice, state=CallDue(not_before=later))
        return failed + Decision(changes=(Put(again),))

    def _failed(self, notice: Notice, reason: str) -> Decision:
        failed = fact(
            NoticeFailed, self.people, notice, "voice", position=notice.position, attempt=notice.attempts or None,
            reason=reason,
        )  # fmt: skip
        return Decision(facts=(failed,)) + self._hung_up(notice, Failed())

    def _given(self, notice: Notice) -> Decision:
        return self._hung_up(notice, Heard())

    def _hung_up(self, notice: Notice, state: State) -> Decision:
        """The call has ended. Delete the notice if its callback has ended too and no text can be answered late."""
        after = replace(notice, state=state)
        forgotten = notice.answer_to is None and self.callbacks.get(notice.callback) is None
        timers = (CancelTimer(AutoAgentRings(callback=notice.callback)),)
        return Decision(changes=(Delete(after) if forgotten else Put(after),), timers=timers)

    # --- talking to the customer -----------------------------------------------------------------

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The customer answered, or is found in Stasis after a restart."""
        call = event.channel.id
        notice = self.notices.of_call(call)
        rules = None if notice is None else rules_of(self.in_force.settings.services, notice.service)
        if notice is None or rules is None or notice.ended is not None or notice.answer is not None:
            return Decision(effects=(HangUp(call=call),))
        decision = NOTHING
        if isinstance(notice.state, Ringing):
            taken = fact(
                NoticeDelivered, self.people, notice, "voice", position=notice.position, attempt=notice.attempts
            )
            decision = Decision(
                changes=(Put(replace(notice, state=Talking(call=call))),),
                facts=(taken,),
                timers=(CancelTimer(AutoAgentRings(callback=notice.callback)),),
            )
        news = ("notice-intro", "notice-place", place_prompt(notice.position))
        if not rules.two_way:
            return decision + self._say(notice, "farewell", at, *news, "goodbye")
        return decision + self._say(notice, "choice", at, *news, "notice-choice", wait=_KEY_SECONDS)

    def _say(self, notice: Notice, step: str, at: datetime, *prompts: str, wait: float = 0) -> Decision:
        ask = AskCaller(
            at=at, call=notice.call or "", topic=_TOPIC, step=step, language=notice.language,
            question=Question(prompts=prompts, wait=wait),
        )  # fmt: skip
        return Decision(commands=(ask,))

    def answered(self, event: CallerAnswered, at: datetime) -> Decision:
        """Key 1 keeps the callback, key 2 cancels it. Without one of these the question is repeated once."""
        notice = self.notices.of_call(event.call)
        if event.topic != _TOPIC:
            return NOTHING
        if notice is None or notice.ended is not None or event.step == "farewell":
            return Decision(effects=(HangUp(call=event.call),))
        match event.answer, event.step:
            case "1", _:
                return self._answer(notice, Meaning.KEEP) + self._say(notice, "farewell", at, "notice-kept")
            case "2", _:
                cancel = CancelCallback(at=at, callback=notice.callback, by="auto_agent")
                over = self._answer(notice, Meaning.CANCEL) + Decision(commands=(cancel,))
                return over + self._say(notice, "farewell", at, "call-cancelled")
            case _, "choice":
                return self._say(notice, "again", at, "notice-again", wait=_KEY_SECONDS)
            case _:
                return self._say(notice, "farewell", at, "notice-kept")

    def _answer(self, notice: Notice, answer: Meaning) -> Decision:
        said = fact(NoticeAnswered, self.people, notice, "voice", position=notice.position, reason=answer.value)
        return Decision(changes=(Put(replace(notice, answer=answer)),), facts=(said,))
