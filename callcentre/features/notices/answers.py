"""What people answer to a notice by text: they cancel, keep, or move their callback."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from callcentre.config.templates import TextError, render
from callcentre.features.callbacks.model import Callback, CancelCallback, MoveCallback
from callcentre.features.notices.facts import NoticeAnswered
from callcentre.features.notices.model import Ended, Meaning, Notice, State, addressed, as_number, meaning
from callcentre.features.notices.rules import MOST_REPLIES, fact
from callcentre.features.notices.words import ENDLESS, Reply, template_for
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.limits.model import Bounded, person
from callcentre.messaging.model import AnswerReceived, TextWanted
from callcentre.messaging.model import State as TextState
from callcentre.telephony.effects import HangUp
from callcentre.values.days import day_of
from callcentre.values.numbers import Allowed
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service


@dataclass(slots=True)
class Answers:
    """The rules for answers by text, over the world."""

    world: World

    def received(self, ask: AnswerReceived, at: datetime) -> Decision:
        """A text from a phone: perhaps it answers a notice."""
        notice = addressed(self.world, ask.number, ask.recipient)
        service = None if notice is None else self.world.settings.services.get(notice.service)
        if notice is None or service is None or service.notify is None:
            return NOTHING
        callback = None if notice.ended is not None else self.world.callbacks.open.get(notice.callback)
        says = meaning(ask.body, service.notify.cancel_words, service.notify.keep_words)
        if callback is None or says is Meaning.UNCLEAR:
            if self.world.surveys.open_for(ask.number, ask.recipient) is not None:
                return NOTHING  # It is meant for the survey, which asks from the same number.
            return self._late(notice, service, at) if callback is None else self._unclear(notice, service, at)
        match says:
            case Meaning.CANCEL:
                return self._cancelled(notice, callback, service, at)
            case Meaning.KEEP:
                return self._said(notice, says.value) + Decision(changes=(Put(_heard(notice, says)),))
            case Meaning.NUMBER:
                return self._another_number(notice, callback, ask.body, service, at)
            case _:
                assert_never(says)

    # --- what they say ---------------------------------------------------------------------------

    def _cancelled(self, notice: Notice, callback: Callback, service: Service, at: datetime) -> Decision:
        after, wish = _heard(notice, Meaning.CANCEL), CancelCallback(at=at, callback=callback.callback, by="sms")
        done = self._reply(after, Reply.CANCELLED, callback.number, service, at)
        return self._said(notice, Meaning.CANCEL.value) + Decision(commands=(wish,)) + done

    def _another_number(
        self, notice: Notice, callback: Callback, body: str, service: Service, at: datetime
    ) -> Decision:
        verdict = self.world.numbers.may_dial(as_number(body))
        if not isinstance(verdict, Allowed):
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        if self.world.next_call_of_service(verdict.e164, callback.service, at) is None:
            # The service is never open at an hour at which that phone may ring: it would be called there never.
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        counts = () if verdict.e164 == notice.number else self._counted(notice, verdict.e164, at)
        if counts is None:
            return self._refused(notice, Reply.REFUSED, callback, service, at)
        # Whether the number has a callback of its own is nothing that they may learn: then it gets both.
        after = _heard(notice, Meaning.NUMBER)
        wish = MoveCallback(at=at, callback=callback.callback, number=verdict.e164)
        done = self._reply(after, Reply.MOVED, verdict.e164, service, at)
        return self._said(notice, Meaning.NUMBER.value) + Decision(changes=counts, commands=(wish,)) + done

    def _counted(self, notice: Notice, number: str, at: datetime) -> tuple[Put, Put] | None:
        """The changes that count a move to a number that they cannot prove to be theirs; None past a bound."""
        bounds, limits = self.world.bounds, self.world.settings.limits
        day, target = day_of(at, self.world.settings.timezone), person(self.world.key, number)
        move = bounds.take(Bounded.MOVES, notice.caller, day, limits.moves_per_caller_per_day)
        by_others = bounds.take(Bounded.BY_OTHERS, target, day, limits.by_others_per_number_per_day)
        return None if move is None or by_others is None else (move, by_others)

    def _refused(self, notice: Notice, reply: Reply, callback: Callback, service: Service, at: datetime) -> Decision:
        refused = self._reply(self._read(notice), reply, callback.number, service, at)
        return Decision(facts=(self._fact(notice, reply.value),)) + refused

    def _unclear(self, notice: Notice, service: Service, at: datetime) -> Decision:
        """Not our words: they get help, once."""
        after = self._read(notice)
        said = Decision(changes=(Put(after),), facts=(self._fact(notice, Meaning.UNCLEAR.value),))
        if notice.helped:
            return said
        return said + self._reply(replace(after, helped=True), Reply.HELP, notice.number, service, at)

    def _late(self, notice: Notice, service: Service, at: datetime) -> Decision:
        """It changes nothing any more, and they are told so, once as long as the reason is the same."""
        said = Decision(facts=(self._fact(notice, Reply.LATE.value),))
        if notice.late:
            return said
        return said + self._reply(replace(notice, late=True), Reply.LATE, notice.number, service, at)

    def _read(self, notice: Notice) -> Notice:
        """The notice after an answer that settles nothing: they have the text, unless it is to be sent again."""
        text = self.world.texts.open.get(notice.message)
        again = text is not None and text.state is TextState.QUEUED
        unsure = notice.state is State.TEXTED or (notice.state is State.CALL_DUE and not notice.opted_out)
        return replace(notice, state=State.DELIVERED) if unsure and not again else notice

    # --- and what is said in return --------------------------------------------------------------

    def _said(self, notice: Notice, reason: str) -> Decision:
        """They have answered; a phone of theirs that the Auto Agent rings needs not."""
        quiet = (HangUp(call=notice.call),) if notice.state is State.RINGING and notice.call is not None else ()
        return Decision(facts=(self._fact(notice, reason),), effects=quiet)

    def _reply(self, notice: Notice, reply: Reply, number: str, service: Service, at: datetime) -> Decision:
        """Text something in return, in the thread in which they wrote; `notice` is as it is from now on."""
        rules = service.notify
        kept = Decision(changes=(Put(notice),))
        if rules is None or notice.answer_to is None or (reply in ENDLESS and notice.replies >= MOST_REPLIES):
            return kept
        try:
            body = render(
                template_for(rules, reply, notice.language), service=service.title, number=number,
                cancel_word=_first(rules.cancel_words), keep_word=_first(rules.keep_words),
                why=(notice.ended or Ended.OVER).value,
            )  # fmt: skip
        except TextError:
            return kept
        text = TextWanted(
            at=at, message=f"notice-{notice.callback}-{reply.value}-{notice.replies + 1}", kind=reply.kind,
            number=notice.number, sender=notice.answer_to, body=body, service=notice.service,
            queue=notice.queue, callback=notice.callback, answers=True,
        )  # fmt: skip
        return Decision(changes=(Put(replace(notice, replies=notice.replies + 1)),), commands=(text,))

    def _fact(self, notice: Notice, reason: str) -> NoticeAnswered:
        return fact(NoticeAnswered, self.world, notice, "sms", position=notice.position, reason=reason)


def _heard(notice: Notice, says: Meaning) -> Notice:
    """The notice after a clear answer: they have read it, so no call of the Auto Agent is needed any more."""
    unsure = notice.state in (State.TEXTED, State.CALL_DUE)
    return replace(notice, answer=says, state=State.DELIVERED if unsure else notice.state)


def _first(words: tuple[str, ...]) -> str:
    """The word that a text names: the first, as people write it."""
    return words[0].upper() if words else ""
