"""Texts from phones: each counts once, opt-out words are obeyed, and the first claim that accepts gets the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Put, Record
from callcentre.kernel.nodes.model import Nodes
from callcentre.kernel.people import People
from callcentre.kernel.records import RecordsOfOthers
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.events import TextReceived
from callcentre.messaging.facts import SmsReceived
from callcentre.messaging.model import OpenTexts, Received
from callcentre.messaging.opt_out import OptOutRules
from callcentre.messaging.words import OPT_IN, OPT_OUT, OPT_OUT_UNLESS_CANCELS, as_request
from callcentre.values.numbers import number_from_gateway, own_number

R = TypeVar("R", bound=Record)

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


@dataclass(frozen=True, slots=True)
class OpenQuestions(Generic[R]):
    """Where questions that other daemons of the database have sent are found: records with the field `caller`.

    `asked` says when a record asked what a text answers, and None where it asks nothing, or by another number of ours.
    `cancels`: its answers may be words that usually are an opt-out.
    """

    of_others: RecordsOfOthers[R]
    asked: Callable[[R, ReceivedText], datetime | None]
    cancels: bool = False


class TextForNode(Command, frozen=True, kw_only=True):
    """A text that reached another daemon and answers a question of this one. The fields are those of `ReceivedText`."""

    number: str
    recipient: str
    body: str
    taken_as: str | None


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
        nodes: Nodes,
        questions: Sequence[OpenQuestions[Any]],
    ) -> None:
        self._rules = rules
        self._people = people
        self._texts = texts
        self._opt_out = opt_out
        self._claims = claims
        self._exemptions = exemptions
        self._nodes = nodes
        self._questions = questions

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
        if number is None:
            return decision
        recipient = own_number(event.recipient, self._rules.settings.region)
        text = ReceivedText(number=number, recipient=recipient, body=event.body)
        return decision + self._meant(text, event.taken_as, at, passes_on=True)

    def passed_on(self, command: TextForNode, at: datetime) -> Decision:
        """A text that reached another daemon, which found a question of ours for it. It goes no further."""
        text = ReceivedText(number=command.number, recipient=command.recipient, body=command.body)
        return self._meant(text, command.taken_as, at, passes_on=False)

    def _meant(self, text: ReceivedText, taken_as: str | None, at: datetime, *, passes_on: bool) -> Decision:
        """Obey opt-out and opt-in words, and what the gateway treated the text as. Claims get the other texts."""
        request = as_request(text.body)
        exempt = request in OPT_OUT_UNLESS_CANCELS and any(one.rule(text) for one in self._exemptions)
        if request in OPT_OUT_UNLESS_CANCELS and not exempt and passes_on:
            owner = self._newest(text, cancels=True)
            if owner is not None:
                # What the gateway has stopped is stopped now, also when the other daemon is off.
                stopped = self._opt_out.opted_out(text.number, at, "gateway") if taken_as == "stop" else NOTHING
                return stopped + self._pass_on(owner, text, taken_as, at)
        if taken_as == "stop":
            # The gateway sends this person nothing more, whatever the word means to us: it may cancel a callback too.
            ended = self._opt_out.opted_out(text.number, at, "gateway")
            return ended + (self._claimed(text, at, passes_on=False) if exempt else NOTHING)
        if exempt:
            return self._claimed(text, at, passes_on=False)
        if request in OPT_OUT or request in OPT_OUT_UNLESS_CANCELS:
            return self._opt_out.opted_out(text.number, at, "sms")
        if taken_as == "start" or request in OPT_IN:
            return self._opt_out.opted_in(text.number, by="gateway" if taken_as else "sms")
        return self._claimed(text, at, passes_on=passes_on)

    def _claimed(self, text: ReceivedText, at: datetime, *, passes_on: bool) -> Decision:
        """The decision of the first claim that takes a text; else the text goes to the daemon that asked."""
        for claim in sorted(self._claims, key=lambda claim: claim.precedence):
            decision = claim.rule(text, at)
            if decision is not None:
                return decision
        owner = self._newest(text) if passes_on else None
        return NOTHING if owner is None else self._pass_on(owner, text, None, at)

    # --- questions of other daemons ---------------------------------------------------------------

    def _newest(self, text: ReceivedText, *, cancels: bool = False) -> str | None:
        """The daemon with the newest question to the person that the text may answer. Raises `Unreadable`."""
        caller = self._people.caller(text.number)
        asked = [
            (when, owner)
            for question in self._questions
            if question.cancels or not cancels
            for owner, record in question.of_others.find("caller", caller)
            if (when := question.asked(record, text)) is not None
        ]
        return max(asked)[1] if asked else None

    def _pass_on(self, owner: str, text: ReceivedText, taken_as: str | None, at: datetime) -> Decision:
        command = TextForNode(at=at, number=text.number, recipient=text.recipient, body=text.body, taken_as=taken_as)
        return Decision(changes=(self._nodes.send(owner, command, caller=self._people.caller(text.number)),))
