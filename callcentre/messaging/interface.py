"""How features send texts, and what they may read about open texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.config.templates import TextError, render
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.model import MessageKind, OpenTexts, Text, TextWanted
from callcentre.messaging.opt_out import OptOuts
from callcentre.messaging.settings import SmsSettings
from callcentre.values.numbers import Refused

if TYPE_CHECKING:
    from callcentre.config.templates import TextTemplate

__all__ = ["NotTexted", "OptOuts", "Reached", "Texts"]


@dataclass(frozen=True, slots=True)
class Reached:
    """A number that may be texted: in E.164, and as the keyed hash that identifies the person."""

    number: str
    caller: str


@dataclass(frozen=True, slots=True)
class NotTexted:
    """Why there is no text: `opted_out`, `broken_text`, or a `NumberRefusal`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Texts:
    """How a feature sends a text: `may_text` the number, `prepare` the text, and return it as a command."""

    rules: SettingsInForce
    people: People
    open_texts: OpenTexts
    opt_outs: OptOuts

    def may_text(self, number: str | None) -> Reached | NotTexted:
        """Whether a text may go to a number, which may be in any form: E.164, with 00, or national."""
        verdict = self.rules.numbers.may_text(number)
        if isinstance(verdict, Refused):
            return NotTexted(verdict.reason.value)
        caller = self.people.caller(verdict.e164)
        return NotTexted("opted_out") if self.is_opted_out(caller) else Reached(verdict.e164, caller)

    def prepare(
        self,
        kind: MessageKind,
        template: TextTemplate,
        words: Mapping[str, str | int | None],
        *,
        message: str,
        number: str,
        at: datetime,
        sender: str | None = None,
        answers: bool = False,
        service: str | None = None,
        queue: str | None = None,
        call: str | None = None,
        callback: str | None = None,
    ) -> TextWanted | NotTexted:
        """The command that sends a template with these words to a number (E.164); `broken_text` when rendering fails.

        Without `sender`, the text comes from `sms.sender`. The other arguments are those of `TextWanted`.
        """
        try:
            body = render(template, **words)
        except TextError:
            return NotTexted("broken_text")
        sender = sender or self.rules.settings.section(SmsSettings).sender
        return TextWanted(
            at=at, message=message, kind=kind.name, number=number, sender=sender,
            body=body, answers=answers, service=service, queue=queue, call=call, callback=callback,
        )  # fmt: skip

    def get(self, message: str) -> Text | None:
        """A text that is still open."""
        return self.open_texts.open.get(message)

    def in_trouble(self, service: str) -> tuple[int, int]:
        """Texts of a service of which nobody knows whether they arrived, and those that are to be handed over again."""
        return self.open_texts.unclear.count(service), self.open_texts.again.count(service)

    def is_opted_out(self, caller: str) -> bool:
        """Whether the person with this keyed hash wants no texts."""
        return self.opt_outs.is_opted_out(caller)
