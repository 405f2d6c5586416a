"""Accepts callbacks, and confirms them by a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callcentre.config.templates import wait_minutes
from callcentre.features.callbacks.facts import CallbackAccepted
from callcentre.features.callbacks.model import CONFIRMATION, Callback
from callcentre.features.callbacks.rules import Situation
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.messaging.interface import NotTexted
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.values.numbers import Allowed

if TYPE_CHECKING:
    from callcentre.config.settings import Service


@dataclass(slots=True)
class Promises:
    """Accepts callbacks."""

    views: Views

    def promised(
        self, callback: Callback, now: Situation, service: Service, at: datetime, *, by: str, call: str | None = None
    ) -> Decision:
        """Accept a callback, and confirm it by a text where that is configured and no notice announces it."""
        who: dict[str, Any] = self.views.people.who(callback.number)
        fact = CallbackAccepted(
            service=callback.service, queue=callback.queue, callback=callback.callback, call=call, by=by,
            position=now.place, **who,
        )  # fmt: skip
        taken = Decision(changes=(Put(callback),), facts=(fact,))
        return taken + self._confirmed(callback, now, service, at, call)

    def _confirmed(
        self, callback: Callback, now: Situation, service: Service, at: datetime, call: str | None
    ) -> Decision:
        """The text that confirms a callback, where one is configured and no notice announces it at once."""
        rules, texts = rules_of(service), self.views.texts
        if rules is None or rules.confirm_by_sms is None or self._is_announced(service, now.place, at):
            return NOTHING
        if not isinstance(self.views.numbers.may_text(callback.number), Allowed):
            return NOTHING
        words: dict[str, str | int | None] = {
            "name": spoken_name(callback), "position": now.place, "service": service.title,
            "wait_minutes": wait_minutes(now.wait), "number": callback.number,
        }  # fmt: skip
        text = texts.prepare(
            CONFIRMATION, rules.confirm_by_sms, words, message=f"confirmation-{callback.callback}",
            number=callback.number, at=at, service=callback.service, queue=callback.queue, call=call,
            callback=callback.callback,
        )  # fmt: skip
        return NOTHING if isinstance(text, NotTexted) else Decision(commands=(text,))

    def _is_announced(self, service: Service, place: int, at: datetime) -> bool:
        return any(announcer.at_once(service, place, at) for announcer in self.views.announcers)
