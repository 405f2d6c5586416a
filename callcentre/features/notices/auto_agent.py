"""The Auto Agent: calls that tell people that their callback is near, and hear by keys whether they still want it.

As with callbacks, an attempt is committed before it is made, and a committed attempt counts as made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from callcentre.features.callbacks.model import Callback, CancelCallback, Phase
from callcentre.features.notices.facts import NoticeAnswered, NoticeDelivered, NoticeFailed, NoticeSent
from callcentre.features.notices.model import Meaning, Notice, State, rules_of
from callcentre.features.notices.rules import MOST_CALLS, fact
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import Tick, TimerDue
from callcentre.telephony.contexts import NOTICE_CONTEXT
from callcentre.telephony.dialling.outcome import Outcome, far_half
from callcentre.telephony.dialling.outgoing import CallInVain, Denied, Dialled, Granted, permission, ringing
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.effects import HangUp, Originate
from callcentre.telephony.events import ChannelDestroyed, StasisStarted, Synchronised
from callcentre.telephony.prompts.model import AskCaller, CallerAnswered, Question, place_prompt
from callcentre.values.days import day_of
from callcentre.values.endpoints import endpoint_for
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.sections import Dialling

_KEY_SECONDS = 8.0
_LOST = timedelta(seconds=30)
"""So long after the phone should have stopped ringing, an attempt of which nothing was heard is over."""

_RINGING = "notice rings "
_TOPIC = "notice"


@dataclass(slots=True)
class AutoAgent:
    """The rules of the Auto Agent, over the world."""

    world: World

    # --- calling ---------------------------------------------------------------------------------

    def beat(self, _event: Tick, at: datetime) -> Decision:
        """Call those who are to be called, as far as there is room; end calls that are not needed any more."""
        dialling = self.world.settings.dialling
        if dialling is None or not self.world.calls.link.up:
            return NOTHING
        decision = self._superfluous()
        room = dialling.in_flight - self.world.in_flight()
        route = self.world.outgoing.route
        due = self.world.notices.due()
        if route.raised:
            # Our calls find no way out: one alone tries now and then, first one that has not met with that.
            if is_paused(route, at) or not self.world.may_try():
                return decision
            room = min(room, 1)
            due = sorted(due, key=lambda notice: notice.caller in route.unrouted)
        rung: set[str] = set()
        for notice in due:
            callback = self.world.callbacks.open.get(notice.callback)
            if room <= 0:
                break
            if callback is None or callback.number in rung or not self._may_ring(notice, callback, at):
                continue
            room -= 1
            rung.add(callback.number)
            decision += self._call(notice, callback, dialling, at, decision)
        return decision

    def _superfluous(self) -> Decision:
        """Nobody's phone rings who called us themselves meanwhile."""
        calls = (
            notice.call
            for notice in self.world.notices.called()
            if notice.state is State.RINGING
            and (callback := self.world.callbacks.open.get(notice.callback)) is not None
            and callback.phase is Phase.RETURNED
        )
        return Decision(effects=tuple(HangUp(call=call) for call in calls if call is not None))

    def _may_ring(self, notice: Notice, callback: Callback, at: datetime) -> bool:
        service = self.world.settings.services.get(notice.service)
        return (
            service is not None
            and service.notify is not None
            and callback.is_queued
            and (notice.not_before is None or notice.not_before <= at)
            and service.opening_hours.is_open(at)
            and self.world.next_call(callback.number, notice.service, at) <= at
            and notice.promised_on not in self.world.calls.live
            and not self.world.is_on_the_line(callback.number)
        )

    def _call(self, notice: Notice, callback: Callback, dialling: Dialling, at: datetime, before: Decision) -> Decision:
        """Dial, counting with `before`, what was decided in the same look and is not in the world yet."""
        counted = next((c.record for c in reversed(before.changes) if isinstance(c.record, Dialled)), None)
        verdict = permission(
            counted or self.world.outgoing.dialled, callback.number, dialling, self.world.numbers,
            key=self.world.key, day=day_of(at, self.world.settings.timezone), at=at,
            zone=self.world.zone_of(notice.service),
            spare=1,  # The callback itself is worth more than its notice.
        )  # fmt: skip
        match verdict:
            case Denied(reason, decision):
                return decision + self._failed(notice, reason)
            case Granted(number, dialled):
                return self._originate(notice, callback, number, dialled, dialling, at)
            case _:
                assert_never(verdict)

    def _originate(
        self, notice: Notice, callback: Callback, number: str, dialled: Dialled, dialling: Dialling, at: datetime
    ) -> Decision:
        attempt = notice.attempts + 1
        call = f"{notice.callback}-notice-{attempt}"
        rings = replace(
            notice, state=State.RINGING, attempts=attempt, call=call, number=number,
            position=self.world.place(callback), not_before=None, promised_on=None,
        )  # fmt: skip
        heard = ringing(self.world, call, notice.callback, number, dialling.endpoint)
        originate = Originate(
            call=call, other=far_half(call) if heard.local else None, codec=dialling.codec if heard.local else None,
            endpoint=endpoint_for(dialling.endpoint, number, self.world.settings.region),
            caller_id=dialling.caller_id, context=NOTICE_CONTEXT, ring=int(dialling.ring.total_seconds()),
            variables=(("CALLCENTRE_CALLBACK", notice.callback), ("CHANNEL(language)", notice.language)),
        )  # fmt: skip
        sent = fact(NoticeSent, self.world, rings, "voice", position=rings.position, attempt=attempt)
        return Decision(
            changes=(Put(rings), Put(dialled), Put(heard)),
            facts=(sent,),
            effects=(originate,),
            timers=(SetTimer(f"{_RINGING}{notice.callback}", at + dialling.ring + _LOST),),
        )

    # --- attempts in vain ------------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, _at: datetime) -> Decision:
        """Our call ended after they took it."""
        notice = self.world.notices.of_call(event.call)
        return NOTHING if notice is None or notice.state is State.RINGING else self._told(notice)

    def in_vain(self, told: CallInVain, at: datetime) -> Decision:
        """Nobody took our call."""
        notice = self.world.notices.of_call(told.call)
        if notice is None or notice.state is not State.RINGING:
            return NOTHING
        return self._in_vain(notice, told.outcome, at)

    def due(self, event: TimerDue, at: datetime) -> Decision:
        """An attempt of which nothing was heard is over."""
        notice = self.world.notices.by_callback.get(event.key.removeprefix(_RINGING))
        if not event.key.startswith(_RINGING) or notice is None or notice.state is not State.RINGING:
            return NOTHING
        return self._in_vain(notice, "no_answer", at) + Decision(effects=(HangUp(call=notice.call or ""),))

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After having been away: calls that live are adopted, attempts whose call is gone were in vain."""
        present = {channel.id for channel in event.channels}
        decision = NOTHING
        for notice in self.world.notices.called():
            if notice.call in present:
                continue
            ringing = notice.state is State.RINGING
            decision += self._in_vain(notice, "no_answer", at) if ringing else self._told(notice)
        return decision

    def _in_vain(self, notice: Notice, reason: str, at: datetime) -> Decision:
        """Nobody took the call: once more later, or not any more. The callback keeps its place."""
        service = self.world.settings.services.get(notice.service)
        wanted = notice.ended is None and notice.answer is None
        once_more = notice.attempts < MOST_CALLS and reason != "impossible" and wanted
        failed = self._failed(notice, reason)
        if reason == Outcome.NO_ROUTE and wanted:
            # Not theirs: called as soon as our calls find a way out again.
            again = replace(notice, state=State.CALL_DUE, call=None, attempts=notice.attempts - 1)
            return failed + Decision(changes=(Put(again),))
        if not once_more or service is None or service.callback is None:
            return failed
        later = at + service.callback.dial.retry_after.after(reason)
        again = replace(notice, state=State.CALL_DUE, call=None, not_before=later)
        return failed + Decision(changes=(Put(again),))

    def _failed(self, notice: Notice, reason: str) -> Decision:
        failed = fact(
            NoticeFailed, self.world, notice, "voice", position=notice.position, attempt=notice.attempts or None,
            reason=reason,
        )  # fmt: skip
        return Decision(facts=(failed,)) + self._off_the_line(notice, State.FAILED)

    def _told(self, notice: Notice) -> Decision:
        return self._off_the_line(notice, State.TOLD)

    def _off_the_line(self, notice: Notice, state: State) -> Decision:
        """The call is over; so is the notice, when its callback is and no text can be answered late."""
        after = replace(notice, state=state, call=None)
        forgotten = notice.answer_to is None and notice.callback not in self.world.callbacks.open
        timers = (CancelTimer(f"{_RINGING}{notice.callback}"),)
        return Decision(changes=(Delete(after) if forgotten else Put(after),), timers=timers)

    # --- on the phone ----------------------------------------------------------------------------

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The customer answered, or is found in our hands after a restart."""
        if event.arguments[:1] != ("notice",):
            return NOTHING
        call = event.channel.id
        notice = self.world.notices.of_call(call)
        rules = None if notice is None else rules_of(self.world.settings.services, notice.service)
        if notice is None or rules is None or notice.ended is not None or notice.answer is not None:
            return Decision(effects=(HangUp(call=call),))
        decision = NOTHING
        if notice.state is State.RINGING:
            taken = fact(
                NoticeDelivered, self.world, notice, "voice", position=notice.position, attempt=notice.attempts
            )
            decision = Decision(
                changes=(Put(replace(notice, state=State.TALKING)),),
                facts=(taken,),
                timers=(CancelTimer(f"{_RINGING}{notice.callback}"),),
            )
        told = ("notice-intro", "notice-place", place_prompt(notice.position))
        if not rules.two_way:
            return decision + self._say(notice, "farewell", at, *told, "goodbye")
        return decision + self._say(notice, "choice", at, *told, "notice-choice", wait=_KEY_SECONDS)

    def _say(self, notice: Notice, step: str, at: datetime, *prompts: str, wait: float = 0) -> Decision:
        ask = AskCaller(
            at=at, call=notice.call or "", topic=_TOPIC, step=step, language=notice.language,
            question=Question(prompts=prompts, wait=wait),
        )  # fmt: skip
        return Decision(commands=(ask,))

    def answered(self, told: CallerAnswered, at: datetime) -> Decision:
        """1 stays, 2 cancels; they are asked once more without one of these."""
        notice = self.world.notices.of_call(told.call)
        if told.topic != _TOPIC:
            return NOTHING
        if notice is None or notice.ended is not None or told.step == "farewell":
            return Decision(effects=(HangUp(call=told.call),))
        match told.answer, told.step:
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
        said = fact(NoticeAnswered, self.world, notice, "voice", position=notice.position, reason=answer.value)
        return Decision(changes=(Put(replace(notice, answer=answer)),), facts=(said,))
