"""Answers to a notice by text: the customer cancels, keeps or moves the callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, assert_never

import msgspec
from msgspec.structs import replace

from callcentre.features.callbacks.interface import Callback, CancelCallback, Counted, LimitSettings, MoveCallback
from callcentre.features.notices.facts import NoticeAnswered
from callcentre.features.notices.meaning import Meaning, as_number, meaning_of
from callcentre.features.notices.model import CallDue, Delivered, How, Notice, Notices, Ringing, Texted
from callcentre.features.notices.policy import MOST_REPLIES, fact
from callcentre.features.notices.settings import NotifySettings
from callcentre.features.notices.words import ENDLESS, Reply, template_for
from callcentre.kernel.decision import Decision, Put, Take
from callcentre.kernel.limits.model import Bounds, person
from callcentre.messaging.inbound import ReceivedText
from callcentre.messaging.interface import NotTexted, Texts
from callcentre.messaging.model import State as TextState
from callcentre.telephony.effects import HangUp
from callcentre.values.days import day_of
from callcentre.values.numbers import Allowed, normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Service
    from callcentre.features.callbacks.interface import OpenCallbacks
    from callcentre.kernel.people import People
    from callcentre.kernel.settings_in_force.interface import SettingsInForce
    from callcentre.telephony.dialling.interface import OwnCalls

MOVES: Final = "moves"
"""Moves of a callback to another number are counted for each person and day."""


@dataclass(frozen=True, slots=True)
class _Answered:
    """A notice that a text answers, with the service that sent it."""

    notice: Notice
    service: Service
    rules: NotifySettings


@dataclass(slots=True)
class Answers:
    """The rules for answers by text."""

    notices: Notices
    in_force: SettingsInForce
    people: People
    own_calls: OwnCalls
    callbacks: OpenCallbacks
    texts: Texts
    bounds: Bounds

    # --- claims ----------------------------------------------------------------------------------

    def clear(self, text: ReceivedText, at: datetime) -> Decision | None:
        """Claim a clear answer to the notice of an open callback."""
        found = self._answered_by(text)
        callback = None if found is None else self._open(found.notice)
        if found is None or callback is None:
            return None
        notice, service = found.notice, found.service
        says = meaning_of(text.body, found.rules.cancel_words, found.rules.keep_words)
        match says:
            case Meaning.CANCEL:
                return self._cancelled(notice, callback, service, at)
            case Meaning.KEEP:
                return self._answered(notice, says.value) + Decision(changes=(Put(_read_by(notice, says)),))
            case Meaning.NUMBER:
                return self._another_number(notice, callback, text.body, service, at)
            case Meaning.UNCLEAR:
                return None
            case _:
                assert_never(says)

    def other(self, text: ReceivedText, at: datetime) -> Decision | None:
        """Claim any other text to a number that a notice was sent from: it is unclear, or too late."""
        found = self._answered_by(text)
        if found is None:
            return None
        if self._open(found.notice) is None:
            return self._late(found.notice, found.service, at)
        return self._unclear(found.notice, found.service, at)

    def cancels(self, text: ReceivedText) -> bool:
        """Whether a text is a cancel word of the notice that it answers, in time or too late."""
        found = self._answered_by(text)
        if found is None:
            return False
        return meaning_of(text.body, found.rules.cancel_words, found.rules.keep_words) is Meaning.CANCEL

    def asked(self, notice: Notice, text: ReceivedText) -> datetime | None:
        """When a notice, perhaps one of another daemon, was sent that a text may answer; None where it cannot."""
        to = notice.answer_to
        answers = to is not None and _is_same(to, text.recipient, self.in_force.settings.region)
        return notice.told_at if answers else None

    def _answered_by(self, text: ReceivedText) -> _Answered | None:
        """The notice that a text answers, with the settings of its service; None when it answers none.

        An answer carries no id. Of the notices that were sent from the number it goes to, it answers the newest that
        has no answer yet; else the newest that has one, since the customer may change it; else the newest whose
        callback has ended. A notice whose text certainly did not arrive comes after the others.
        """
        region = self.in_force.settings.region
        asked = [
            notice
            for notice in self.notices.of_caller(self.people.caller(text.number))
            if notice.answer_to is not None
            and _is_same(notice.answer_to, text.recipient, region)
            and not self._is_held_back(notice)
        ]
        newest = max(
            asked,
            key=lambda one: (one.ended is None, one.is_by_text, one.answer is None, one.told_at),
            default=None,
        )
        service = None if newest is None else self.in_force.settings.services.get(newest.service)
        rules = None if service is None else service.section(NotifySettings)
        if newest is None or service is None or rules is None:
            return None
        return _Answered(newest, service, rules)

    def _is_held_back(self, notice: Notice) -> bool:
        """Whether the text of a notice was never handed to the gateway, so that nobody can answer it."""
        text = self.texts.get(notice.message)
        return text is not None and text.state is TextState.QUEUED and text.attempts == 0

    def _open(self, notice: Notice) -> Callback | None:
        """The callback of a notice, as long as an answer changes something."""
        return None if notice.ended is not None else self.callbacks.get(notice.callback)

    # --- clear answers -------------------------------------------------------------------------------

    def _cancelled(self, notice: Notice, callback: Callback, service: Service, at: datetime) -> Decision:
        after, command = _read_by(notice, Meaning.CANCEL), CancelCallback(at=at, callback=callback.callback, by="sms")
        done = self._reply(after, Reply.CANCELLED, callback.number, service, at)
        return self._answered(notice, Meaning.CANCEL.value) + Decision(commands=(command,)) + done

    def _another_number(
        self, notice: Notice, callback: Callback, body: str, service: Service, at: datetime
    ) -> Decision:
        verdict = self.in_force.numbers.may_dial(as_number(body))
        if not isinstance(verdict, Allowed):
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        if self.own_calls.next_call_of_service(verdict.e164, callback.service, at) is None:
            # The service is never open at an hour at which that phone may ring.
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        counts = () if verdict.e164 == notice.number else self._counted(notice, verdict.e164, at)
        if counts is None:
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        # The sender must not learn whether the number has a callback of its own. If it has, it then has two.
        after = _read_by(notice, Meaning.NUMBER)
        command = MoveCallback(at=at, callback=callback.callback, number=verdict.e164)
        done = self._reply(after, Reply.MOVED, verdict.e164, service, at)
        return self._answered(notice, Meaning.NUMBER.value) + Decision(changes=counts, commands=(command,)) + done

    def _counted(self, notice: Notice, number: str, at: datetime) -> tuple[Take, Take] | None:
        """The changes that count a move to a number that may be somebody else's; None when a limit is reached."""
        bounds, limits = self.bounds, self.in_force.settings.section(LimitSettings)
        day, target = day_of(at, self.in_force.settings.timezone), person(self.people.key, number)
        move = bounds.take(MOVES, notice.caller, day, limits.moves_per_caller_per_day)
        by_others = bounds.take(Counted.BY_OTHERS, target, day, limits.by_others_per_number_per_day)
        return None if move is None or by_others is None else (move, by_others)

    def _refused(self, notice: Notice, reply: Reply, callback: Callback, service: Service, at: datetime) -> Decision:
        refused = self._reply(self._read(notice), reply, callback.number, service, at)
        return Decision(facts=(self._fact(notice, reply.value),)) + refused

    def _unclear(self, notice: Notice, service: Service, at: datetime) -> Decision:
        """The answer is not understood. The customer gets a text with help, once."""
        after = self._read(notice)
        answered = Decision(changes=(Put(after),), facts=(self._fact(notice, Meaning.UNCLEAR.value),))
        if notice.helped:
            return answered
        return answered + self._reply(replace(after, helped=True), Reply.HELP, notice.number, service, at)

    def _late(self, notice: Notice, service: Service, at: datetime) -> Decision:
        """The answer is too late. The customer gets a text that says so, once for each reason."""
        answered = Decision(facts=(self._fact(notice, Reply.LATE.value),))
        if notice.ended is not None:
            if notice.ended.answered_late:
                return answered
            notice = replace(notice, ended=msgspec.structs.replace(notice.ended, answered_late=True))
        return answered + self._reply(notice, Reply.LATE, notice.number, service, at)

    def _read(self, notice: Notice) -> Notice:
        """The notice after an answer that decides nothing: the phone has the text, unless it is to be sent again."""
        text = self.texts.get(notice.message)
        again = text is not None and text.state is TextState.QUEUED
        call_due = isinstance(notice.state, CallDue) and not notice.opted_out
        unsure = isinstance(notice.state, Texted) or call_due
        return replace(notice, state=Delivered()) if unsure and not again else notice

    # --- texts in return -----------------------------------------------------------------------------

    def _answered(self, notice: Notice, reason: str) -> Decision:
        """The customer has replied, so stop the Auto Agent if it is still ringing them."""
        quiet = (HangUp(call=notice.state.call),) if isinstance(notice.state, Ringing) else ()
        return Decision(facts=(self._fact(notice, reason),), effects=quiet)

    def _reply(self, notice: Notice, reply: Reply, number: str, service: Service, at: datetime) -> Decision:
        """Send a text in return, from the number that the customer wrote to. `notice` is stored as it is given."""
        rules = service.section(NotifySettings)
        kept = Decision(changes=(Put(notice),))
        if rules is None or notice.answer_to is None or (reply in ENDLESS and notice.replies >= MOST_REPLIES):
            return kept
        why = How.OVER if notice.ended is None else notice.ended.how
        words = {
            "service": service.title, "number": number, "cancel_word": _example(rules.cancel_words),
            "keep_word": _example(rules.keep_words), "why": why.value,
        }  # fmt: skip
        text = self.texts.prepare(
            reply.kind, template_for(rules, reply, notice.language), words,
            message=f"notice-{notice.callback}-{reply.value}-{notice.replies + 1}", number=notice.number, at=at,
            sender=notice.answer_to, answers=True, service=notice.service, queue=notice.queue,
            callback=notice.callback,
        )  # fmt: skip
        if isinstance(text, NotTexted):
            return kept
        return Decision(changes=(Put(replace(notice, replies=notice.replies + 1)),), commands=(text,))

    def _fact(self, notice: Notice, reason: str) -> NoticeAnswered:
        return fact(NoticeAnswered, self.people, notice, "sms", position=notice.position, reason=reason)


def _read_by(notice: Notice, says: Meaning) -> Notice:
    """The notice after a clear answer: the customer has read it, so no call of the Auto Agent is needed."""
    unsure = isinstance(notice.state, Texted | CallDue)
    return replace(notice, answer=says, state=Delivered() if unsure else notice.state)


def _example(words: tuple[str, ...]) -> str:
    """The word that a text names: the first, in capital letters."""
    return words[0].upper() if words else ""


# --- our numbers -----------------------------------------------------------------------------------


def _is_same(answer_to: str, recipient: str, region: str) -> bool:
    """Whether two spellings are the same number of ours; gateways write one number in several ways."""
    if not recipient:
        return True
    ours = normalise(answer_to, region) or answer_to
    return ours in (normalise(recipient, region), recipient) or ours.lstrip("+") == recipient.lstrip("+")
