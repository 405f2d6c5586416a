"""Closing time: with `at_closing: expire`, waiting callbacks are closed, and their customers get a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.model import Phase
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.views import Views
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.event import Tick
from callcentre.telephony.events import Synchronised

if TYPE_CHECKING:
    from callcentre.config.settings import Service


class ExpireNext(Command, frozen=True, kw_only=True):
    """Close the next waiting callback of a service that has closed."""

    service: str


class ExpireUnseen(Command, frozen=True, kw_only=True):
    """Close this callback if its service has closed since it was accepted."""

    callback: str


@dataclass(slots=True)
class Closing:
    """The rules of closing time."""

    views: Views
    attempts: Attempts

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look once a second which services have closed."""
        services = self.views.settings.services.items()
        closed = (
            name
            for name, service in services
            if _does_not_carry_over(service)
            and self.views.callbacks.first_waiting(name) is not None
            and not service.opening_hours.is_open(at)
        )
        return Decision(commands=tuple(ExpireNext(at=at, service=name) for name in closed))

    def expire_next(self, command: ExpireNext, at: datetime) -> Decision:
        """Close one callback, and then the next."""
        callback = self.views.callbacks.first_waiting(command.service)
        return NOTHING if callback is None else self.attempts.expired(callback, at) + Decision(commands=(command,))

    def synchronised(self, _event: Synchronised, at: datetime) -> Decision:
        """Also close callbacks whose service closed during a break, even if it has opened again."""
        names = (name for name, service in self.views.settings.services.items() if _does_not_carry_over(service))
        open_now = (callback for name in names for callback in self.views.callbacks.of_service(name))
        return Decision(commands=tuple(ExpireUnseen(at=at, callback=one.callback) for one in open_now))

    def expire_unseen(self, command: ExpireUnseen, at: datetime) -> Decision:
        """Close the callback if its service has closed since it was accepted."""
        callback = self.views.callbacks.get(command.callback)
        service = None if callback is None else self.views.settings.services.get(callback.service)
        if callback is None or service is None or callback.phase is not Phase.WAITING:
            return NOTHING
        closed_at = service.opening_hours.closes_at(callback.taken_at)
        return NOTHING if closed_at is None or closed_at > at else self.attempts.expired(callback, at)


def _does_not_carry_over(service: Service) -> bool:
    rules = rules_of(service)
    return rules is not None and rules.at_closing == "expire"
