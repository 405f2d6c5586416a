"""Whom to welcome by a text when they join a queue, and with which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from math import ceil
from typing import TYPE_CHECKING

from callcentre.config.templates import TextError, render
from callcentre.features.welcome.facts import WelcomeSkipped
from callcentre.features.welcome.settings import WelcomeSettings
from callcentre.features.welcome.state import Considered, Greeting, Greetings
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.messaging.facts import SmsFailed, SmsRefused
from callcentre.messaging.model import Kind, TextWanted
from callcentre.telephony.facts import CallEnded, QueueJoined
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.telephony.queue_view.model import Call
from callcentre.values.numbers import Refused, caller_hash
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service


def skip(
    rules: WelcomeSettings, *, waiting: int, opted_out: bool, greeted_at: datetime | None, at: datetime
) -> str | None:
    """Say why a caller whose number may be texted is not welcomed; None when they are.

    `waiting` counts the callers in the queue, the new one included; `greeted_at` is their last welcome.
    """
    if opted_out:
        return "opted_out"
    if waiting < rules.min_waiting:
        return "few_waiting"
    if greeted_at is not None and at - greeted_at < rules.cooldown:
        return "cooldown"
    return None


def minutes(wait: float | None) -> int | None:
    """A wait in seconds as a text says it: whole minutes, rounded up; None, written as nothing, when not known."""
    return None if wait is None else ceil(wait / 60)


@dataclass(slots=True)
class Welcome:
    """The rules for welcoming, over what they look at."""

    world: World
    greetings: Greetings

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """A caller joined: welcome them, or say why not. Decided once for a call."""
        call = self.world.calls.calls.get(fact.call or "")
        if call is None or call.call in self.greetings.considered:
            return NOTHING
        service = self.world.settings.services.get(call.service)
        if service is None or service.welcome is None:
            return NOTHING
        rules = service.welcome
        if (callback := self.world.callbacks.of_call(call.call)) is not None and callback.attempts:
            # It is we who called them: they were in this queue before.
            return Decision(changes=(Put(Considered(call=call.call)),)) + self._skipped(call, "callback")
        once = Decision(changes=(Put(Considered(call=call.call)),))
        verdict = self.world.numbers.may_text(call.number)
        if isinstance(verdict, Refused):
            return once + self._skipped(call, verdict.reason.value)
        caller = caller_hash(self.world.key, verdict.e164)
        before = self.greetings.latest.get(f"{call.service} {caller}")
        reason = skip(
            rules,
            waiting=fact.waiting,
            opted_out=caller in self.world.suppressions,
            greeted_at=before.at if before else None,
            at=at,
        )
        if reason is not None:
            return once + self._skipped(call, reason)
        try:
            body = self._words(service, rules, call, fact)
        except TextError:
            return once + self._skipped(call, "broken_text")
        message = f"welcome-{call.call}"
        greeting = Greeting(service=call.service, caller=caller, message=message, at=at)
        text = TextWanted(
            at=at,
            message=message,
            kind=Kind.WELCOME,
            number=verdict.e164,
            sender=self.world.settings.sms.sender,
            body=body,
            service=call.service,
            queue=call.queue,
            call=call.call,
        )
        return once + self._forget_old(at) + Decision(changes=(Put(greeting),), commands=(text,))

    def _words(self, service: Service, rules: WelcomeSettings, call: Call, fact: QueueJoined) -> str:
        return render(
            rules.text,
            name=spoken_name(call),
            position=fact.position,
            waiting=fact.waiting,
            service=service.title,
            wait_minutes=minutes(self.world.estimated_wait(call, fact.position)),
        )

    def _skipped(self, call: Call, reason: str) -> Decision:
        fact = WelcomeSkipped(
            service=call.service, queue=call.queue, call=call.call, reason=reason, **self.world.who(call.number)
        )
        return Decision(facts=(fact,))

    def _forget_old(self, at: datetime) -> Decision:
        """Greetings older than every cooldown say nothing any more; the oldest stand first."""
        longest = max(
            (service.welcome.cooldown for service in self.world.settings.services.values() if service.welcome),
            default=timedelta(0),
        )
        old = takewhile(lambda greeting: at - greeting.at > longest, self.greetings.latest.values())
        return Decision(changes=tuple(Delete(greeting) for greeting in old))

    def not_sent(self, fact: SmsRefused | SmsFailed, _at: datetime) -> Decision:
        """A welcome that did not go out greeted nobody: the next call may be welcomed."""
        if fact.kind != Kind.WELCOME:
            return NOTHING
        greeting = self.greetings.latest.get(f"{fact.service} {fact.caller}")
        if greeting is None or greeting.message != fact.message:
            return NOTHING
        return Decision(changes=(Delete(greeting),))

    def ended(self, fact: CallEnded, _at: datetime) -> Decision:
        """The call is over, and its id does not come again."""
        if fact.call is None or fact.call not in self.greetings.considered:
            return NOTHING
        return Decision(changes=(Delete(Considered(call=fact.call)),))
