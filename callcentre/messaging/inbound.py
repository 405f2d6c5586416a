"""Texts from phones: each counts once, opt-out words are obeyed, and the first claim that accepts gets the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.events import TextReceived
from callcentre.messaging.facts import SmsReceived
from callcentre.messaging.model import OpenTexts, Received
from callcentre.messaging.opt_out import OptOutRules
from callcentre.messaging.words import OPT_IN, OPT_OUT, OPT_OUT_UNLESS_CANCELS, as_request
from callcentre.values.numbers import number_from_gateway, own_number

CLEAR_ANSWER: Final = 30
"""The precedence of claims for a clear answer to an open notice."""

SURVEY_ANSWER: Final = 40
"""The precedence of claims for an answer to a survey."""

OTHER_ANSWER: Final = 50
"""The precedence of claims for any other text from a person who got a notice."""


# --- what components declare ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedText:
    """A text from a phone that is not about texts themselves.

    `number` is the sender in E.164, `recipient` our number that it went to: E.164 too, or a short code as it is.
    """

    number: str
    recipient: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Texts that belong to a component. Claims are tried by `precedence`, the lowest first.

    `rule` returns None for a text that belongs to another component, and a decision, which may be `NOTHING`, for its
    own. The first claim that returns a decision gets the text.
    """

    precedence: int
    name: str
    rule: Callable[[ReceivedText, datetime], Decision | None]


@dataclass(frozen=True, slots=True)
class OptOutExemption:
    """Texts that answer a component although their words usually are an opt-out: `cancel`, in answer to a notice.

    Only words of `OPT_OUT_UNLESS_CANCELS` can be exempt. Such a text goes to the claims.
    """

    rule: Callable[[ReceivedText], bool]


# --- rules ---------------------------------------------------------------------------------------


class Inbound:
    """The rules for texts from phones."""

    def __init__(
        self,
        rules: SettingsInForce,
        people: People,
        texts: OpenTexts,
        opt_out: OptOutRules,
        claims: Sequence[Claim],
        exemptions: Sequence[OptOutExemption],
    ) -> None:
        self._rules = rules
        self._people = people
        self._texts = texts
        self._opt_out = opt_out
        self._claims = claims
        self._exemptions = exemptions

    def received(self, event: TextReceived, at: datetime) -> Decision:
        """A text from a phone. A second delivery of the same text changes nothing."""
        source = f"{event.gateway} {event.gateway_id}"
        if source in self._texts.received:
            return NOTHING
        number = number_from_gateway(event.sender, self._rules.settings.region)
        decision = Decision(
            changes=(Put(Received(source=source, at=at)),),
            facts=(SmsReceived(**self._people.who(number or event.sender)),),
        )
        return decision if number is None else decision + self._meant(event, number, at)

    def _meant(self, event: TextReceived, number: str, at: datetime) -> Decision:
        """Obey opt-out and opt-in words, and what the gateway treated the text as. Claims get the other texts."""
        request = as_request(event.body)
        recipient = own_number(event.recipient, self._rules.settings.region)
        text = ReceivedText(number=number, recipient=recipient, body=event.body)
        exempt = request in OPT_OUT_UNLESS_CANCELS and any(one.rule(text) for one in self._exemptions)
        if event.taken_as == "stop":
            # The gateway sends this person nothing more, whatever the word means to us: it may cancel a callback too.
            ended = self._opt_out.opted_out(number, at, "gateway")
            return ended + (self._claimed(text, at) if exempt else NOTHING)
        if exempt:
            return self._claimed(text, at)
        if request in OPT_OUT or request in OPT_OUT_UNLESS_CANCELS:
            return self._opt_out.opted_out(number, at, "sms")
        if event.taken_as == "start" or request in OPT_IN:
            return self._opt_out.opted_in(number, by="gateway" if event.taken_as else "sms")
        return self._claimed(text, at)

    def _claimed(self, text: ReceivedText, at: datetime) -> Decision:
        """The decision of the first claim that takes a text."""
        for claim in sorted(self._claims, key=lambda claim: claim.precedence):
            decision = claim.rule(text, at)
            if decision is not None:
                return decision
        return NOTHING
