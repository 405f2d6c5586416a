"""A callback is taken in, and confirmed by a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callcentre.config.templates import TextError, render, wait_minutes
from callcentre.features.callbacks.facts import CallbackAccepted
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.rules import Situation
from callcentre.features.notices.interface import is_announced_at_once
from callcentre.kernel.decision import Decision, Put
from callcentre.messaging.model import Kind, TextWanted
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.values.numbers import Allowed
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service


@dataclass(slots=True)
class Promises:
    """Takes callbacks in."""

    world: World

    def promised(
        self, callback: Callback, now: Situation, service: Service, at: datetime, *, by: str, call: str | None = None
    ) -> Decision:
        """Take a callback in, and confirm it by a text where that is configured and no notice does."""
        who: dict[str, Any] = self.world.who(callback.number)
        fact = CallbackAccepted(
            service=callback.service, queue=callback.queue, callback=callback.callback, call=call, by=by,
            position=now.place, **who,
        )  # fmt: skip
        taken = Decision(changes=(Put(callback),), facts=(fact,))
        template = None if service.callback is None else service.callback.confirm_by_sms
        if template is None or is_announced_at_once(service, now.place, at):
            return taken
        if not isinstance(self.world.numbers.may_text(callback.number), Allowed):
            return taken
        try:
            body = render(
                template, name=spoken_name(callback), position=now.place, service=service.title,
                wait_minutes=wait_minutes(now.wait), number=callback.number,
            )  # fmt: skip
        except TextError:
            return taken
        text = TextWanted(
            at=at, message=f"confirmation-{callback.callback}", kind=Kind.CALLBACK_CONFIRMATION,
            number=callback.number, sender=self.world.settings.sms.sender, body=body, service=callback.service,
            queue=callback.queue, call=call, callback=callback.callback,
        )  # fmt: skip
        return taken + Decision(commands=(text,))
