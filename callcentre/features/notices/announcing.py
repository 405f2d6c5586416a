"""Announcing a callback whose turn is near: by a text, or by a call of the Auto Agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from callcentre.config.templates import wait_minutes
from callcentre.features.callbacks.interface import (
    Callback,
    CallbackAccepted,
    CallbackCancelled,
    CallbackCompleted,
    CallbackDialled,
    CallbackExpired,
    CallbackFailed,
    CallbackNotDialled,
)
from callcentre.features.notices.facts import NoticeDelivered, NoticeFailed, NoticeSent
from callcentre.features.notices.kinds import NOTICE
from callcentre.features.notices.model import CallDue, Delivered, Ended, Failed, How, Notice, Notices, Skipped, Texted
from callcentre.features.notices.policy import (
    CLOSED,
    REMEMBERED,
    channel_for,
    fact,
    is_announced_at_once,
    may_be_announced,
    report_due,
    rules_of,
)
from callcentre.features.notices.settings import NotifySettings
from callcentre.features.notices.timers import AutoAgentRings, DeliveryAwaited, NoticeForgotten
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import Tick
from callcentre.kernel.settings_in_force.interface import FromSettings
from callcentre.messaging.facts import NumberOptedOut, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.interface import NotTexted, Texts
from callcentre.messaging.settings import SmsSettings
from callcentre.telephony.effects import HangUp
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.telephony.queue_view.estimate import estimated_wait
from callcentre.values.numbers import Allowed

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings
    from callcentre.features.callbacks.interface import OpenCallbacks
    from callcentre.kernel.people import People
    from callcentre.kernel.settings_in_force.interface import SettingsInForce
    from callcentre.messaging.model import Text
    from callcentre.telephony.queue_view.interface import QueueView


@dataclass(slots=True)
class Announcing:
    """The rules for announcing a callback, and for the fate of the notice."""

    notices: Notices
    in_force: SettingsInForce
    people: People
    queue_view: QueueView
    callbacks: OpenCallbacks
    texts: Texts
    _farthest: FromSettings[Mapping[str, int]] = field(init=False)
    """The queues with a service that announces, and the farthest place at which one does."""

    def __post_init__(self) -> None:
        self._farthest = FromSettings(self.in_force, _farthest)

    # --- which callbacks are near ----------------------------------------------------------------

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look at the queues whose turn it is in this second, while places are known."""
        decision = NOTHING
        if not self.queue_view.calls.link.tells_places(at):
            return decision
        farthest = self._farthest.value
        for queue in self.queue_view.looked_at(at):
            if queue in farthest:
                decision += self._look(queue, farthest[queue], at)
        return decision

    def moved(self, left: QueueLeft | CallEnded, at: datetime) -> Decision:
        """A caller left, so those behind moved up. A caller who left by the exit key comes back."""
        if left.queue is None or left.reason == "key" or not self.queue_view.calls.link.tells_places(at):
            return NOTHING
        farthest = self._farthest.value.get(left.queue)
        return NOTHING if farthest is None else self._look(left.queue, farthest, at)

    def _look(self, queue: str, farthest: int, at: datetime) -> Decision:
        """Announce the callbacks that are near enough to the head and have no notice yet."""
        decision = NOTHING
        for callback in self.callbacks.first_queued(queue, farthest):
            if callback.callback in self.notices:
                continue
            place = self.callbacks.place(callback)
            if place > farthest:
                break
            service = self.in_force.settings.services.get(callback.service)
            if service is not None and service.queue == queue:
                decision += self._near(callback, service, place, at)
        return decision

    def _near(self, callback: Callback, service: Service, place: int, at: datetime) -> Decision:
        rules = service.section(NotifySettings)
        is_open = service.opening_hours.is_open(at)
        if rules is None or not may_be_announced(callback, place=place, at_position=rules.at_position, is_open=is_open):
            return NOTHING
        return self._announce(self._notice(callback, place, at), callback, service, rules, at)

    def accepted(self, event: CallbackAccepted, at: datetime) -> Decision:
        """Announce a callback at once if it begins near enough. A call waits until the customer has hung up."""
        callback = self.callbacks.get(event.callback)
        service = None if callback is None else self.in_force.settings.services.get(callback.service)
        rules = None if service is None else service.section(NotifySettings)
        if callback is None or service is None or rules is None:
            return NOTHING
        # A notice with this id is that of an earlier callback, long ago.
        before = self.notices.get(callback.callback)
        decision = NOTHING if before is None else _forgotten(before)
        place = event.position or self.callbacks.place(callback)
        if not is_announced_at_once(service, place, at):
            return decision
        notice = replace(self._notice(callback, place, at), promised_on=event.call)
        return decision + self._announce(notice, callback, service, rules, at)

    def _notice(self, callback: Callback, place: int, at: datetime) -> Notice:
        return Notice(
            callback=callback.callback, service=callback.service, queue=callback.queue, number=callback.number,
            caller=self.people.caller(callback.number), language=callback.language, position=place,
            state=Texted(), told_at=at,
        )  # fmt: skip

    def _announce(
        self, notice: Notice, callback: Callback, service: Service, rules: NotifySettings, at: datetime
    ) -> Decision:
        verdict = self.in_force.numbers.may_text(notice.number)
        opted_out = self.texts.is_opted_out(notice.caller)
        notice = replace(notice, opted_out=opted_out)
        match channel_for(rules.by, may_text=isinstance(verdict, Allowed), opted_out=opted_out):
            case "sms":
                return self._text(notice, callback, service, rules, at)
            case "voice":
                return Decision(changes=(Put(replace(notice, state=CallDue())),))
            case None:
                reason = "opted_out" if isinstance(verdict, Allowed) else verdict.reason.value
                return self._not_by_text(notice, reason, rules)
            case unknown:
                assert_never(unknown)

    # --- by text ---------------------------------------------------------------------------------

    def _text(
        self, notice: Notice, callback: Callback, service: Service, rules: NotifySettings, at: datetime
    ) -> Decision:
        sms = self.in_force.settings.section(SmsSettings)
        answer_to = sms.reply_number if rules.two_way else None
        wait = estimated_wait(
            notice.position, self.queue_view.calls.duty.get(notice.queue), self.queue_view.handle_time(notice.service)
        )
        texted = replace(notice, answer_to=answer_to)
        words: dict[str, str | int | None] = {
            "name": spoken_name(callback), "position": notice.position, "service": service.title,
            "wait_minutes": wait_minutes(wait), "number": notice.number,
        }  # fmt: skip
        text = self.texts.prepare(
            NOTICE, rules.text, words, message=notice.message, number=notice.number, at=at, sender=answer_to,
            service=notice.service, queue=notice.queue, callback=notice.callback,
        )  # fmt: skip
        if isinstance(text, NotTexted):
            return self._not_by_text(texted, text.reason, rules)
        due = report_due(rules, quiet=sms.quiet_hours, at=at, zone=self.in_force.settings.timezone)
        # In quiet hours the time for a report begins at their end, which is a time of day.
        wall = due is not None and due - at != rules.voice_if_undelivered
        return Decision(
            changes=(Put(texted),),
            facts=(fact(NoticeSent, self.people, texted, "sms", position=notice.position),),
            timers=() if due is None else (SetTimer(DeliveryAwaited(callback=notice.callback), due, wall=wall),),
            commands=(text,),
        )

    def still_wanted(self, text: Text, at: datetime) -> str | None:
        """Why the text of a notice must not go out now; None while it is still wanted."""
        notice = self.notices.get(text.callback)
        if notice is None:
            return How.OVER.value
        if notice.ended is not None:
            return notice.ended.how.value
        if not isinstance(notice.state, Texted):
            return "voice"
        service = self.in_force.settings.services.get(notice.service)
        return CLOSED if service is not None and not service.opening_hours.is_open(at) else None

    def delivered(self, event: SmsDelivered, _at: datetime) -> Decision:
        """The phone has the text, so a call that was not made yet is not needed."""
        notice = self._of_text(event)
        if notice is None:
            return NOTHING
        delivered = fact(NoticeDelivered, self.people, notice, "sms", position=notice.position)
        decision = Decision(facts=(delivered,), timers=(_settled(notice),))
        uncalled = isinstance(notice.state, CallDue) and not notice.opted_out
        if isinstance(notice.state, Texted) or uncalled:
            decision += Decision(changes=(Put(replace(notice, state=Delivered())),))
        return decision

    def not_delivered(self, event: SmsFailed | SmsRefused, _at: datetime) -> Decision:
        """The text did not reach the phone: call instead, or send another text after the opening."""
        notice = self._of_text(event)
        if notice is None or not isinstance(notice.state, Texted) or notice.ended is not None:
            return NOTHING
        if event.reason == CLOSED:
            failed = fact(NoticeFailed, self.people, notice, "sms", position=notice.position, reason=event.reason)
            return Decision(facts=(failed,)) + _forgotten(notice)
        return self._not_by_text(notice, event.reason, rules_of(self.in_force.settings.services, notice.service))

    def forgotten(self, timer: NoticeForgotten, _at: datetime) -> Decision:
        """A late answer is no longer expected."""
        notice = self.notices.get(timer.callback)
        return NOTHING if notice is None else _forgotten(notice)

    def no_report(self, timer: DeliveryAwaited, _at: datetime) -> Decision:
        """No delivery report came in time."""
        notice = self.notices.get(timer.callback)
        if notice is None or not isinstance(notice.state, Texted) or notice.ended is not None:
            return NOTHING
        return self._not_by_text(notice, "no_report", rules_of(self.in_force.settings.services, notice.service))

    def _of_text(self, event: SmsDelivered | SmsFailed | SmsRefused) -> Notice | None:
        if event.kind != NOTICE.name:
            return None
        return self.notices.get(event.callback)

    def _not_by_text(self, notice: Notice, reason: str | None, rules: NotifySettings | None) -> Decision:
        """Call instead, where the settings allow it."""
        by_voice = rules is not None and rules.by == "auto"
        after = replace(notice, state=CallDue() if by_voice else Failed())
        failed = fact(NoticeFailed, self.people, notice, "sms", position=notice.position, reason=reason)
        return Decision(changes=(Put(after),), facts=(failed,), timers=(_settled(notice),))

    def opted_out(self, event: NumberOptedOut, _at: datetime) -> Decision:
        """The customer wants no texts. The callback stays, and a call announces it where the settings allow one."""
        decision = NOTHING
        for notice in self.notices.of_caller(event.caller):
            rules = rules_of(self.in_force.settings.services, notice.service)
            after = replace(notice, opted_out=True)
            unanswered = notice.answer is None and notice.ended is None
            if notice.is_by_text and unanswered and rules is not None and rules.by == "auto":
                after = replace(after, state=CallDue())
            decision += Decision(changes=(Put(after),), timers=(_settled(notice),))
        return decision

    def erased(self, event: ErasureBegun, _at: datetime) -> Decision:
        """The person is to be erased: the notices end, and a call of the Auto Agent."""
        decision = NOTHING
        for notice in self.notices.of_caller(event.erasure.caller):
            line = () if notice.call is None else (HangUp(call=notice.call),)
            rings = (CancelTimer(AutoAgentRings(callback=notice.callback)),)
            decision += _forgotten(notice) + Decision(effects=line, timers=rings)
        return decision

    # --- the fate of the callback ----------------------------------------------------------------

    def dialled(self, event: CallbackDialled, at: datetime) -> Decision:
        """The callback is dialled: it is too late to announce it, and to answer."""
        notice = self.notices.get(event.callback)
        callback = self.callbacks.get(event.callback)
        if notice is not None:
            return Decision(changes=(Put(_closed(notice, How.DIALLED)),))
        if callback is None or rules_of(self.in_force.settings.services, callback.service) is None:
            return NOTHING
        skipped = self._notice(callback, event.position or 1, at)
        return Decision(changes=(Put(replace(skipped, state=Skipped(), ended=Ended(how=How.DIALLED))),))

    def not_dialled(self, event: CallbackNotDialled, _at: datetime) -> Decision:
        """The phone did not ring after all: the callback may still be announced, and the customer may answer."""
        notice = self.notices.get(event.callback)
        if notice is None or notice.ended is None or notice.ended.how is not How.DIALLED:
            return NOTHING
        if not isinstance(notice.state, Skipped):
            return Decision(changes=(Put(replace(notice, ended=None)),))
        if notice.answer_to is None and not notice.attempts:
            return _forgotten(notice)
        return Decision(changes=(Put(replace(notice, state=notice.state.due or CallDue(), ended=None)),))

    def cancelled(self, event: CallbackCancelled, at: datetime) -> Decision:
        """The callback is cancelled. The Auto Agent stays on the line with a customer who cancelled through it."""
        # A customer who called again and was served did not cancel.
        how = How.OVER if event.by == "caller_returned" else How.CANCELLED
        return self._ended(event.callback, how, at, hangs_up=event.by != "auto_agent")

    def over(self, event: CallbackCompleted | CallbackFailed | CallbackExpired, at: datetime) -> Decision:
        """The callback has ended."""
        return self._ended(event.callback, How.OVER, at, hangs_up=True)

    def _ended(self, callback: str | None, how: How, at: datetime, *, hangs_up: bool) -> Decision:
        notice = self.notices.get(callback)
        if notice is None:
            return NOTHING
        report = (_settled(notice),)
        if notice.answer_to is None and notice.call is None:
            return Decision(changes=(Delete(notice),), timers=report)
        line = (HangUp(call=notice.call),) if hangs_up and notice.call is not None else ()
        return Decision(
            changes=(Put(_closed(notice, how)),),
            effects=line,
            timers=(*report, SetTimer(NoticeForgotten(callback=notice.callback), at + REMEMBERED)),
        )


def _farthest(settings: Settings) -> Mapping[str, int]:
    farthest: dict[str, int] = {}
    for service in settings.services.values():
        if (rules := service.section(NotifySettings)) is not None:
            farthest[service.queue] = max(rules.at_position, farthest.get(service.queue, 0))
    return farthest


def _settled(notice: Notice) -> CancelTimer:
    """No delivery report is awaited any more."""
    return CancelTimer(DeliveryAwaited(callback=notice.callback))


def _forgotten(notice: Notice) -> Decision:
    """Delete a notice and its timers."""
    timers = (_settled(notice), CancelTimer(NoticeForgotten(callback=notice.callback)))
    return Decision(changes=(Delete(notice),), timers=timers)


def _closed(notice: Notice, how: How) -> Notice:
    """The notice of a callback that is dialled or has ended: the Auto Agent does not call about it any more."""
    state = Skipped(due=notice.state) if isinstance(notice.state, CallDue) else notice.state
    same = notice.ended is not None and notice.ended.how is how
    return replace(notice, state=state, ended=notice.ended if same else Ended(how=how))
