"""The rules of closing a service now and opening it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callcentre.kernel.closures.events import CloseService, OpenService
from callcentre.kernel.closures.facts import ServiceWasClosed, ServiceWasOpened
from callcentre.kernel.closures.model import Closure, Closures, ServiceClosed, ServiceOpens
from callcentre.kernel.decision import NOTHING, CancelTimer, Change, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import Tick
from callcentre.kernel.records import Unreadable
from callcentre.kernel.settings_in_force.interface import SettingsInForce

STAFF: Final = "staff"


@dataclass(slots=True)
class Closing:
    """The rules. `shared`: other daemons of the database may close a service as well."""

    closures: Closures
    settings: SettingsInForce
    shared: bool
    _has_read: bool = False

    def closed(self, event: CloseService, at: datetime) -> Decision:
        """Close it. A time that has passed closes nothing."""
        until = event.until
        if event.service not in self.settings.settings.services or (until is not None and until <= at):
            return NOTHING
        actor = event.actor
        row = ServiceClosed(
            service=event.service, since=at, until=until, why="" if actor is None else actor.why or "",
            by=STAFF if actor is None else actor.user,
        )  # fmt: skip
        timer = ServiceOpens(service=event.service)
        fact = ServiceWasClosed(service=event.service, by=STAFF, until=None if until is None else _instant(until))
        return Decision(
            changes=(Put(row), Put(Closure.of(row))),
            facts=(fact,),
            timers=(CancelTimer(timer) if until is None else SetTimer(timer, until, wall=True),),
        )

    def opened(self, event: OpenService, _at: datetime) -> Decision:
        """Open it before its time."""
        return self._open(event.service, STAFF) + Decision(timers=(CancelTimer(ServiceOpens(service=event.service)),))

    def due(self, timer: ServiceOpens, at: datetime) -> Decision:
        """Its time has come, unless another daemon has closed it for longer meanwhile."""
        row = self.closures.rows.get(timer.service)
        later = row is not None and (row.until is None or row.until > at)
        return NOTHING if later else self._open(timer.service, "timer")

    def _open(self, service: str, by: str) -> Decision:
        row = self.closures.rows.get(service)
        if row is None:
            return NOTHING
        fact = ServiceWasOpened(service=service, by=by)
        return Decision(changes=(Delete(row), Delete(Closure.of(row))), facts=(fact,))

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Learn what other daemons have closed and opened; once after the start, also what this one had closed."""
        if self._has_read and not self.shared:
            return NOTHING
        try:
            changes = tuple(self._learnt(at))
        except Unreadable:
            return NOTHING  # The next tick asks again. No caller waits for it.
        self._has_read = True
        return Decision(changes=changes) if changes else NOTHING

    def _learnt(self, at: datetime) -> Iterator[Change]:
        stored = {name: row for name, row in self.closures.stored().items() if row.until is None or row.until > at}
        for name, row in stored.items():
            if self.closures.get(name) != Closure.of(row):
                yield Put(Closure.of(row))
        for known in tuple(self.closures.values()):
            if known.service not in stored and self.closures.rows.get(known.service) is None:
                yield Delete(known)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
