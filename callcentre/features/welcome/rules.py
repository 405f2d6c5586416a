"""Which callers get a text when they join a queue, and with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from callcentre.config.settings import Service, Settings
from callcentre.features.welcome.facts import WelcomeSkipped
from callcentre.features.welcome.model import WELCOME, Considered, Greeting, Greetings, greeting_key
from callcentre.features.welcome.settings import WelcomeSettings
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import FromSettings, SettingsInForce
from callcentre.messaging.facts import SmsFailed, SmsRefused
from callcentre.messaging.interface import NotTexted, Texts
from callcentre.messaging.model import Text, TextWanted, WithdrawText
from callcentre.telephony.facts import CallEnded, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call


def skip(rules: WelcomeSettings, *, waiting: int, welcomed_at: datetime | None, at: datetime) -> str | None:
    """Why a caller whose number may be texted is not welcomed; None when they are.

    `waiting` counts the callers in the queue, the new one included; `welcomed_at` is the caller's last welcome,
    which may be later than `at`, because the clock was set back since.
    """
    if waiting < rules.min_waiting:
        return "few_waiting"
    if welcomed_at is not None and abs(at - welcomed_at) < rules.cooldown:
        return "cooldown"
    return None


def minutes(wait: float | None) -> int | None:
    """A wait in seconds as a text says it: whole minutes, rounded up. None, written as nothing, when it is unknown."""
    return None if wait is None else ceil(wait / 60)


def _longest_cooldown(settings: Settings) -> timedelta | None:
    welcomes = (service.section(WelcomeSettings) for service in settings.services.values())
    return max((rules.cooldown for rules in welcomes if rules), default=None)


@dataclass(slots=True)
class Welcome:
    """The rules for welcoming. `called_back` says whether a call was made by us for a callback."""

    rules: SettingsInForce
    people: People
    queues: QueueView
    texts: Texts
    greetings: Greetings
    called_back: Callable[[str], bool]
    _longest: FromSettings[timedelta | None] = field(init=False)
    """The longest cooldown."""

    def __post_init__(self) -> None:
        self._longest = FromSettings(self.rules, _longest_cooldown)

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """A caller joined: send a welcome, or say why not. It is decided once for a call."""
        call = self.queues.calls.calls.get(fact.call or "")
        if call is None or call.call in self.greetings.considered:
            return NOTHING
        service = self.rules.settings.services.get(call.service)
        welcome = None if service is None else service.section(WelcomeSettings)
        if service is None or welcome is None:
            return NOTHING
        once = Decision(changes=(Put(Considered(call=call.call)),))
        text = self._text(call, fact, service, welcome, at)
        if isinstance(text, NotTexted):
            return once + self._skipped(call, text.reason)
        caller = self.people.caller(text.number)
        greeting = Greeting(service=call.service, caller=caller, message=text.message, at=at)
        return once + Decision(changes=(Put(greeting),), commands=(text,))

    def _text(
        self, call: Call, fact: QueueJoined, service: Service, welcome: WelcomeSettings, at: datetime
    ) -> TextWanted | NotTexted:
        if self.called_back(call.call):
            # We called this person, who was in the queue before.
            return NotTexted("callback")
        reached = self.texts.may_text(call.number)
        if isinstance(reached, NotTexted):
            return reached
        before = self.greetings.latest.get(greeting_key(call.service, reached.caller))
        reason = skip(welcome, waiting=fact.waiting, welcomed_at=before.at if before else None, at=at)
        if reason is not None:
            return NotTexted(reason)
        words: dict[str, str | int | None] = {
            "name": spoken_name(call),
            "position": fact.position,
            "waiting": fact.waiting,
            "service": service.title,
            "wait_minutes": minutes(self.queues.estimated_wait(call, fact.position)),
        }
        return self.texts.prepare(
            WELCOME, welcome.text, words, message=_message_of(call.call), number=reached.number, at=at,
            service=call.service, queue=call.queue, call=call.call,
        )  # fmt: skip

    def _skipped(self, call: Call, reason: str) -> Decision:
        fact = WelcomeSkipped(
            service=call.service, queue=call.queue, call=call.call, reason=reason, **self.people.who(call.number)
        )
        return Decision(facts=(fact,))

    def cooldowns_began(self, at: datetime) -> datetime | None:
        """The time before which a welcome is older than every cooldown. None when nobody is welcomed now."""
        longest = self._longest.value
        return None if longest is None else at - longest

    def still_wanted(self, text: Text, _at: datetime) -> str | None:
        """A welcome is for callers who wait: it does not go out once the caller has left."""
        waits = text.call is not None and self.queues.calls.is_waiting(text.call)
        return None if waits else "left"

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """A caller waits no more: withdraw the welcome, if it has not gone out."""
        message = _message_of(fact.call or "")
        if self.texts.get(message) is None:
            return NOTHING
        return Decision(commands=(WithdrawText(at=at, message=message, reason="left"),))

    def not_sent(self, fact: SmsRefused | SmsFailed, _at: datetime) -> Decision:
        """A welcome that did not go out welcomed nobody: the next call may be welcomed."""
        if fact.kind != WELCOME.name:
            return NOTHING
        greeting = self.greetings.latest.get(greeting_key(fact.service or "", fact.caller or ""))
        if greeting is None or greeting.message != fact.message:
            return NOTHING
        return Decision(changes=(Delete(greeting),))

    def ended(self, fact: CallEnded, _at: datetime) -> Decision:
        """The call is over, and its id does not come again."""
        considered = self.greetings.considered.get(fact.call)
        return NOTHING if considered is None else Decision(changes=(Delete(considered),))


def _message_of(call: str) -> str:
    """What the welcome of a call is known by."""
    return f"welcome-{call}"
