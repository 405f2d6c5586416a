"""Closing time: with `at_closing: expire`, waiting callbacks are closed, and their customers get a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.model import Phase
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.views import Views
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.event import Tick
from callcentre.kernel.settings_in_force.interface import FromSettings
from callcentre.telephony.events import Synchronised

if TYPE_CHECKING:
    from callcentre.config.settings import Settings


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
    _expiring: FromSettings[frozenset[str]] = field(init=False)
    """The services whose callbacks do not outlast closing."""

    def __post_init__(self) -> None:
        self._expiring = FromSettings(self.views.rules, _expiring)

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look once a second which services have closed."""
        waiting = self.views.callbacks.services_waiting() & self._expiring.value
        closed = waiting - self.views.settings.timetable.open_at(at) if waiting else waiting
        return Decision(commands=tuple(ExpireNext(at=at, service=name) for name in sorted(closed)))

    def expire_next(self, command: ExpireNext, at: datetime) -> Decision:
        """Close one callback, and then the next."""
        callback = self.views.callbacks.first_waiting(command.service)
        return NOTHING if callback is None else self.attempts.expired(callback, at) + Decision(commands=(command,))

    def synchronised(self, _event: Synchronised, at: datetime) -> Decision:
        """Also close callbacks whose service closed during a break, even if it has opened again."""
        names = self.views.callbacks.services_waiting() & self._expiring.value
        open_now = (callback for name in sorted(names) for callback in self.views.callbacks.of_service(name))
        return Decision(commands=tuple(ExpireUnseen(at=at, callback=one.callback) for one in open_now))

    def expire_unseen(self, command: ExpireUnseen, at: datetime) -> Decision:
        """Close the callback if its service has closed since it was accepted."""
        callback = self.views.callbacks.get(command.callback)
        service = None if callback is None else self.views.settings.services.get(callback.service)
        if callback is None or service is None or callback.phase is not Phase.WAITING:
            return NOTHING
        closed_at = service.opening_hours.closes_at(callback.taken_at)
        return NOTHING if closed_at is None or closed_at > at else self.attempts.expired(callback, at)


def _expiring(settings: Settings) -> frozenset[str]:
    services = settings.services.items()
    return frozenset(
        name for name, service in services if (rules := rules_of(service)) and rules.at_closing == "expire"
    )
