"""What staff does: writes a single text, sends one again, and opts people out and in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.kernel.effect import Crash
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.events import OptedInByStaff, OptedOutByStaff, TextAgain, TextByStaff
from callcentre.messaging.facts import SmsRefused
from callcentre.messaging.model import DeliveryPolicy, FailedText, Lane, MessageKind, OpenTexts, TextWanted
from callcentre.messaging.opt_out import STAFF, OptOutRules
from callcentre.messaging.settings import SmsSettings
from callcentre.values.numbers import Allowed, normalise
from callcentre.values.sms_text import measure

BY_STAFF: Final = MessageKind(
    name="staff",
    policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=12), lane=Lane.PROMISED),
)
"""A text that a person of the staff wrote, or sent again. The person sees whether it arrived, and can send it again."""

LONGEST: Final = 1000
"""Characters of a text."""


@dataclass(frozen=True, slots=True)
class StaffTexts:
    """The rules, and what pages ask before they submit."""

    rules: SettingsInForce
    people: People
    texts: OpenTexts
    opt_out: OptOutRules

    # --- what pages ask --------------------------------------------------------------------------

    def e164(self, number: str) -> str | None:
        """A number in E.164; None for what nobody can have."""
        return normalise(number, self.rules.settings.region)

    def why_not(self, number: str) -> str | None:
        """Why no text may go to a number: `opted_out`, or a `NumberRefusal`; None where it may."""
        verdict = self.rules.numbers.may_text(number)
        if not isinstance(verdict, Allowed):
            return verdict.reason.value
        return "opted_out" if self.is_opted_out(verdict.e164) else None

    def is_opted_out(self, number: str) -> bool:
        """Whether the person with this number (E.164) wants no texts. Raises `Unreadable`."""
        return self.opt_out.opt_outs.is_opted_out(self.people.caller(number))

    def failed(self, message: str) -> FailedText | None:
        """A text that can be sent again."""
        return self.texts.failed.get(message)

    # --- the rules -------------------------------------------------------------------------------

    def written(self, event: TextByStaff, at: datetime) -> Decision:
        """Queue the text, or say why not."""
        service = self.rules.settings.services.get(event.service)
        body = event.body.strip()[:LONGEST]
        if service is None or not body:
            return NOTHING
        verdict = self.rules.numbers.may_text(event.number)
        if not isinstance(verdict, Allowed):
            refused = SmsRefused(
                kind=BY_STAFF.name, parts=measure(body).parts, message=event.message, service=event.service,
                queue=service.queue, reason=verdict.reason.value, **self.people.who(event.number),
            )  # fmt: skip
            return Decision(facts=(refused,))
        sender = self.rules.settings.section(SmsSettings).sender
        wanted = TextWanted(
            at=at, message=event.message, kind=BY_STAFF.name, number=verdict.e164, sender=sender, body=body,
            service=event.service, queue=service.queue,
        )  # fmt: skip
        return Decision(commands=(wanted,))

    def again(self, event: TextAgain, at: datetime) -> Decision:
        """Queue a text that failed once more. It cannot be sent a third time: the new one can, if it fails."""
        text = self.texts.failed.get(event.message)
        if text is None:
            return NOTHING
        wanted = TextWanted(
            at=at, message=event.again, kind=BY_STAFF.name, number=text.number, sender=text.sender, body=text.body,
            service=text.service, queue=text.queue, call=text.call, callback=text.callback,
        )  # fmt: skip
        return Decision(changes=(Delete(text),), commands=(wanted,))

    def opted_out(self, event: OptedOutByStaff, at: datetime) -> Decision:
        """No text goes to the number any more."""
        number = self.e164(event.number)
        return NOTHING if number is None else self.opt_out.opted_out(number, at, STAFF)

    def opted_in(self, event: OptedInByStaff, _at: datetime) -> Decision:
        """Texts go to the number again, also where staff had opted the person out."""
        number = self.e164(event.number)
        return NOTHING if number is None else self.opt_out.opted_in(number, STAFF)
