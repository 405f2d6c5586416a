"""Updates open callbacks after a change of the settings or the clock: their queues, and when phones may ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from callcentre.features.callbacks.attempts import queued_again, wake
from callcentre.features.callbacks.model import Postponed
from callcentre.features.callbacks.views import Views
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.event import ClockStepped, SettingsChanged
from callcentre.telephony.dialling.outgoing import CALL_HOURS
from callcentre.telephony.events import Synchronised


class FindCallHours(Command, frozen=True, kw_only=True):
    """Find out again when the customer of this callback may be called."""

    callback: str


@dataclass(slots=True)
class ChangedRules:
    """The rules for open callbacks after a change."""

    views: Views

    def with_their_service(self, _event: SettingsChanged | Synchronised, _at: datetime) -> Decision:
        """A service may have moved to another queue: its callbacks move there, in the order of that queue."""
        services = self.views.settings.services
        moved = (
            Put(replace(callback, queue=services[service].queue))
            for service, queue in self.views.callbacks.services_with_queues()
            if service in services and queue != services[service].queue
            for callback in self.views.callbacks.of_service(service)
        )
        return Decision(changes=tuple(moved))

    def within_call_hours(self, _event: SettingsChanged | Synchronised | ClockStepped, at: datetime) -> Decision:
        """Callbacks that wait for call hours wait for the present ones, by the present clock."""
        waiting = self.views.callbacks.postponed_for(CALL_HOURS)
        return Decision(commands=tuple(FindCallHours(at=at, callback=one.callback) for one in waiting))

    def find_call_hours(self, command: FindCallHours, at: datetime) -> Decision:
        """The callback waits for the next call hours, or is queued when they have begun."""
        callback = self.views.callbacks.get(command.callback)
        if callback is None or not isinstance(callback.state, Postponed) or callback.state.why != CALL_HOURS:
            return NOTHING
        until = self.views.own_calls.next_call(callback.number, callback.service, at)
        if until <= at:
            return queued_again(callback)
        if until == callback.state.until:
            return NOTHING
        waits = Postponed(until=until, why=CALL_HOURS)
        return Decision(changes=(Put(replace(callback, state=waits)),)) + wake(callback, waits)
