"""Where callbacks do not carry over, those still waiting at closing are closed, with a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.model import Phase
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.event import Tick
from callcentre.telephony.events import Synchronised
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireNext(Command):
    """Close the next waiting callback of a service that has closed."""

    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireUnseen(Command):
    """Close this callback if its service has closed since it was taken."""

    callback: str


@dataclass(slots=True)
class Closing:
    """The rules of closing time, over the world."""

    world: World
    attempts: Attempts

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look once a second which services have closed."""
        services = self.world.settings.services.items()
        closed = (
            name
            for name, service in services
            if _does_not_carry_over(service)
            and self.world.callbacks.first_waiting(name) is not None
            and not service.opening_hours.is_open(at)
        )
        return Decision(commands=tuple(ExpireNext(at=at, service=name) for name in closed))

    def expire_next(self, command: ExpireNext, at: datetime) -> Decision:
        """Close one callback, and then the next."""
        callback = self.world.callbacks.first_waiting(command.service)
        return NOTHING if callback is None else self.attempts.expired(callback, at) + Decision(commands=(command,))

    def synchronised(self, _event: Synchronised, at: datetime) -> Decision:
        """Those are closed too whose service closed, and perhaps opened again, while we were away."""
        names = (name for name, service in self.world.settings.services.items() if _does_not_carry_over(service))
        open_now = (callback for name in names for callback in self.world.callbacks.of_service(name))
        return Decision(commands=tuple(ExpireUnseen(at=at, callback=one.callback) for one in open_now))

    def expire_unseen(self, command: ExpireUnseen, at: datetime) -> Decision:
        """Close the callback if its service has closed since it was taken."""
        callback = self.world.callbacks.open.get(command.callback)
        service = None if callback is None else self.world.settings.services.get(callback.service)
        if callback is None or service is None or callback.phase is not Phase.WAITING:
            return NOTHING
        closed_at = service.opening_hours.closes_at(callback.taken_at)
        return NOTHING if closed_at is None or closed_at > at else self.attempts.expired(callback, at)


def _does_not_carry_over(service: Service) -> bool:
    return service.callback is not None and service.callback.at_closing == "expire"
