"""The list of open callbacks: the place of each, what happens next, and why that has not happened yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Final, assert_never

import msgspec
from msgspec.structs import replace

from callcentre.features.callbacks.agents import is_free
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.interface import SomeCallbacks
from callcentre.features.callbacks.listing import Announced, ListedCallback, NextStep, Why
from callcentre.features.callbacks.model import Callback, Phase, Postponed, Request
from callcentre.features.callbacks.requests import fingerprint
from callcentre.features.callbacks.rules import dial_time, most_in_flight
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.views import Views
from callcentre.telephony.dialling.outgoing import CALL_HOURS, spent
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.values.days import day_of, midnight_after
from callcentre.values.numbers import mask

if TYPE_CHECKING:
    from callcentre.config.settings import Service

_AT_CALL_HOURS: Final = "the hours at which people are called (numbers.call_hours)"
_AFTER: Final = {
    "busy": "after a busy line",
    "no_answer": "after no answer",
    "failed": "after a call that could not be put through",
    "customer": "as the customer asked",
    "caller_returned": "since the customer called while we dialled them",
    CALL_HOURS: f"within {_AT_CALL_HOURS}",
    "staff": "as staff decided",
    "per_number": "since this number was dialled often enough today",
}


def listed(views: Views, service: str | None, at: datetime) -> list[ListedCallback]:
    """The open callbacks, of one service or of all: queue by queue in its order. `at` is aware."""
    listing = _Moment(views, at)
    chosen = (one for one in views.callbacks.values() if service in (None, one.service))
    return [listing.of(callback) for callback in sorted(chosen, key=lambda one: (one.queue, one.order))]


def with_promises(views: Views, service: str, at: datetime) -> list[tuple[ListedCallback, datetime]]:
    """The open callbacks of a service, each with when it was promised. `at` is aware."""
    listing = _Moment(views, at)
    chosen = sorted(views.callbacks.of_service(service), key=lambda one: one.order)
    return [(listing.of(callback), callback.taken_at) for callback in chosen]


def page(views: Views, which: SomeCallbacks, at: datetime) -> tuple[list[ListedCallback], int]:
    """Some of the open callbacks, queue by queue in its order, and how many there are in all. `at` is aware."""
    chosen = [one for one in of_services(views, which.services) if which.phase in (None, one.phase)]
    chosen.sort(key=lambda one: (one.queue, one.order))
    listing = _Moment(views, at)
    return [listing.of(one) for one in chosen[which.skip : which.skip + which.most]], len(chosen)


def of_services(views: Views, services: Collection[str]) -> Iterator[Callback]:
    """The open callbacks of these services."""
    return chain.from_iterable(views.callbacks.of_service(service) for service in sorted(services))


def found(views: Views, callback: str, at: datetime) -> ListedCallback | None:
    """One open callback; None when there is none of this id. `at` is aware."""
    known = views.callbacks.get(callback)
    return None if known is None else explain(views, known, at)


def explain(views: Views, callback: Callback, at: datetime) -> ListedCallback:
    """The phase of a callback, what happens next, and why that has not happened yet. `at` is aware."""
    return _Moment(views, at).of(callback)


def answer_to(views: Views, event: CallbackRequested) -> Request | None:
    """The result of a request that has been decided. None when its key belongs to another request.

    Raises KeyError when it was not decided.
    """
    request = views.callbacks.requests[event.request]
    same = request.fingerprint == fingerprint(views.people.key, event)
    return request if same else None


class _Step(msgspec.Struct, frozen=True):
    next_step: NextStep
    says: str
    why: str | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Moment:
    """All callbacks at one moment: results for a service or a queue are computed once."""

    views: Views
    at: datetime
    _halts: dict[tuple[str, str], _Step | None] = field(default_factory=dict)
    _free_lines: dict[str, int] = field(default_factory=dict)

    def of(self, callback: Callback) -> ListedCallback:
        step = self._step(callback)
        return ListedCallback(
            id=callback.callback, service=callback.service, queue=callback.queue, number=mask(callback.number),
            phase=callback.phase, place=self._place(callback),
            age=max(0.0, round((self.at - callback.taken_at).total_seconds(), 3)), attempts=callback.attempts,
            next_step=step.next_step, why=step.why, until=_instant(step.until), says=step.says,
            told=self._announced(callback),
            opted_out=self.views.texts.is_opted_out(self.views.people.caller(callback.number)),
        )  # fmt: skip

    def _announced(self, callback: Callback) -> Announced | None:
        announced = (announcer.announced(callback.callback) for announcer in self.views.announcers)
        return next((one for one in announced if one is not None), None)

    def _place(self, callback: Callback) -> int | None:
        return None if callback.phase is Phase.CONNECTED else self.views.place(callback)

    def _step(self, callback: Callback) -> _Step:
        match callback.phase:
            case Phase.WAITING:
                return self._waiting(callback)
            case Phase.RESERVING:
                return _Step(NextStep.DIAL, "an agent is rung first", Why.AGENT)
            case Phase.DIALLING:
                return _Step(NextStep.ANSWER, "rings")
            case Phase.ASKING:
                return _Step(NextStep.ACCEPT, "on the line, hears who calls")
            case Phase.ACCEPTED:
                return _Step(NextStep.CONNECT, "on the line, waits for an agent", Why.AGENT)
            case Phase.CONNECTED:
                return _Step(NextStep.COMPLETE, "talks")
            case Phase.RETURNED:
                return _Step(NextStep.CONNECT, "called again by themselves, waits for an agent", Why.AGENT)
            case _:
                assert_never(callback.phase)

    def _waiting(self, callback: Callback) -> _Step:
        dialling = self.views.dialling
        service = self.views.settings.services.get(callback.service)
        rules = rules_of(service)
        if dialling is None or service is None or rules is None:
            return _waits(Why.CONFIGURATION, "waits for ever: the configuration has no callbacks for its service")
        if isinstance(callback.state, Postponed):
            return self._again(callback, callback.state, service)
        halt = self._known_halt(callback, dialling, service)
        if halt is not None:
            return self._and_then_call_hours(callback, halt, service)
        rings = self.views.own_calls.next_call(callback.number, callback.service, self.at)
        if rings > self.at:
            until = self._callable(callback, rings)
            return _waits(Why.CALL_HOURS, f"waits for {_AT_CALL_HOURS}, called at {_local(until, service)}", until)
        dial = rules.dial
        at_position = dial.at_position
        if self.views.place(callback) > at_position:
            dialled_at = "the head" if at_position == 1 else f"place {at_position}"
            return _waits(Why.PLACE, f"waits for its place: dialled at {dialled_at}")
        if any(announcer.has_phone(callback.number) for announcer in self.views.announcers):
            return _waits(Why.NOTICE, "waits until the Auto Agent has hung up")
        if self.views.own_calls.is_on_the_line(callback.number):
            return _waits(Why.IN_FLIGHT, "waits for another call with this number to end")
        ahead = self.views.callbacks.queued_before(callback.queue, callback.order)
        if dial.order == "agent_first" and not is_free(callback, self.views, ahead):
            return _waits(Why.AGENT, "waits for a free agent")
        if dial.order == "customer_first" and ahead >= self._may_be_dialled(callback.queue):
            return _waits(Why.AGENT, "waits for an agent")
        if ahead >= dialling.in_flight - self.views.own_calls.in_flight():
            return _waits(Why.IN_FLIGHT, "waits for another call of ours to end (dialling.in_flight)")
        return _waits(Why.TURN, "is dialled now")

    def _again(self, callback: Callback, waits: Postponed, service: Service) -> _Step:
        until = self._callable(callback, waits.until)
        after = _AFTER.get(waits.why, f"after {waits.why}")
        return _waits(waits.why, f"again at {_local(until, service)} {after}", until)

    def _callable(self, callback: Callback, moment: datetime) -> datetime:
        """The first moment from this one on when the service is open and the customer's phone may ring.

        Where there is none within a week, the moment at which the phone may ring.
        """
        both = self.views.own_calls.next_call_of_service(callback.number, callback.service, moment)
        return both or self.views.own_calls.next_call(callback.number, callback.service, moment)

    def _and_then_call_hours(self, callback: Callback, halt: _Step, service: Service) -> _Step:
        """The end of a service-wide halt may be at an hour when this customer is not called."""
        if halt.until is None or halt.why == Why.NO_ROUTE:
            return halt
        if self.views.own_calls.next_call(callback.number, callback.service, halt.until) == halt.until:
            return halt
        until = self._callable(callback, halt.until)
        return replace(halt, says=f"{halt.says}, called at {_local(until, service)} (numbers.call_hours)", until=until)

    def _known_halt(self, callback: Callback, dialling: DiallingSettings, service: Service) -> _Step | None:
        key = (callback.service, callback.queue)
        if key not in self._halts:
            self._halts[key] = self._halt(callback.queue, dialling, service, callback.service)
        return self._halts[key]

    def _halt(self, queue: str, dialling: DiallingSettings, service: Service, of_service: str) -> _Step | None:
        """The reason why no callback of this service is dialled; None when there is none."""
        if not service.opening_hours.is_open(self.at):
            opens = service.opening_hours.next_opening(self.at)
            return _waits(Why.CLOSED, f"closed until {_local(opens, service)}" if opens else "closed", opens)
        if not self.views.queues.calls.link.up:
            return _waits(Why.ASTERISK, "waits for the connection to Asterisk")
        zone = self.views.settings.timezone
        if spent(self.views.own_calls.outgoing, day=day_of(self.at, zone), per_day=dialling.per_day):
            midnight = midnight_after(self.at, zone)
            says = f"no more calls today (dialling.per_day), again at {_local(midnight, service)}"
            return _waits(Why.PER_DAY, says, midnight)
        if self.views.own_calls.cap_reached(of_service, self.at):
            midnight = midnight_after(self.at, zone)
            says = f"no more calls of the organisation today (caps.calls_per_day), again at {_local(midnight, service)}"
            return _waits(Why.PER_DAY, says, midnight)
        duty = self.views.queues.calls.duty.get(queue)
        if duty is None or duty.on_duty == 0:
            return _waits(Why.NO_AGENT, "waits for an agent to come on duty")
        return self._no_route(service)

    def _no_route(self, service: Service) -> _Step | None:
        route = self.views.own_calls.outgoing.route
        if not route.raised:
            return None
        no_way = "our calls find no way to the network (alarm dialling_no_route)"
        if route.paused_until is None or not is_paused(route, self.at):
            return _waits(Why.NO_ROUTE, f"{no_way}, one call tries now")
        again = _local(route.paused_until, service)
        return _waits(Why.NO_ROUTE, f"{no_way}, one call tries again at {again}", route.paused_until)

    def _may_be_dialled(self, queue: str) -> int:
        """How many callbacks of this queue may be dialled now."""
        if queue not in self._free_lines:
            self._free_lines[queue] = self._most_to_dial(queue)
        return self._free_lines[queue]

    def _most_to_dial(self, queue: str) -> int:
        duty, first = self.views.queues.calls.duty.get(queue), self.views.callbacks.first(queue)
        if duty is None or first is None or first.service not in self.views.settings.services:
            return 0
        most = most_in_flight(
            ready=duty.ready, on_duty=duty.on_duty, dial_time=dial_time(self.views.callbacks.dial_time),
            handle_time=self.views.queues.handle_time(first.service),
        )  # fmt: skip
        return most - self.views.callbacks.in_flight_alone(queue)


def _waits(why: str | None, says: str, until: datetime | None = None) -> _Step:
    return _Step(NextStep.DIAL, says, why, until)


def _local(moment: datetime, service: Service) -> str:
    return moment.astimezone(service.timezone).isoformat(timespec="minutes")


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
