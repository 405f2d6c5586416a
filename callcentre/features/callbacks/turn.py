"""When a callback's turn has come: who is called now, in the order of the queue, and how many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from callcentre.features.callbacks.agents import (
    RESERVE_SECONDS,
    connect,
    has_agent,
    hold,
    is_free,
    reserve,
    waits_for_agent,
)
from callcentre.features.callbacks.attempts import Attempts, over_at, queued_again, wake
from callcentre.features.callbacks.model import Callback, Callbacks, Phase, Postponed, Waiting, near_half
from callcentre.features.callbacks.rules import dial_time, most_in_flight
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.kernel.event import ClockStepped, SettingsChanged, Tick
from callcentre.telephony.dialling.outgoing import CALL_HOURS, Denied, Dialled, Granted, alarm_over, permission
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.effects import HangUp, Originate, ReadQueue
from callcentre.telephony.events import StasisStarted, Synchronised
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.queue_view.model import DutyKnown, ReservationAnswered
from callcentre.values.days import day_of, midnight_after
from callcentre.values.numbers import caller_hash
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.sections import Dialling
    from callcentre.config.settings import Service
    from callcentre.features.callbacks.settings import DialSettings


@dataclass(slots=True)
class _Room:
    """What may still be begun in one look at a queue; `ahead` have been, or may not be, and stand before nobody.

    `rung` are the numbers that calls were begun to in this look and are not in the world yet.
    """

    here: int
    in_all: int
    rung: set[str]
    avoided: frozenset[str]
    ahead: int = 0
    reserved: int = 0


@dataclass(slots=True)
class Turn:
    """The rules of whose turn it is, over the world."""

    world: World
    attempts: Attempts

    @property
    def _callbacks(self) -> Callbacks:
        return self.world.callbacks

    # --- whose turn it is ------------------------------------------------------------------------

    def beat(self, _event: Tick, at: datetime) -> Decision:
        """Look at every queue once a second, and at the hours."""
        decision = self._expired(at) + self._new_day(at)
        if not self.world.calls.link.up:
            return decision
        if self.world.outgoing.route.raised:
            return decision + self._trial(at, decision)
        return decision + self._looked(at, decision)

    def _looked(self, at: datetime, before: Decision, avoided: frozenset[str] = frozenset()) -> Decision:
        """Every queue in turn; `before` was decided in the same look."""
        decision = NOTHING
        for queue in dict.fromkeys(service.queue for service in self.world.settings.services.values()):
            if self._callbacks.open_in(queue):
                decision += self._advance(queue, at, before + decision, avoided)
        return decision

    def _trial(self, at: datetime, before: Decision) -> Decision:
        """While our calls find no way out one alone tries now and then: first one that has not met with that."""
        if not self._may_try(at):
            return NOTHING
        unrouted = frozenset(self.world.outgoing.route.unrouted)
        decision = self._looked(at, before, unrouted)
        begun = any(isinstance(effect, Originate) for effect in decision.effects)
        return decision if begun or not unrouted else decision + self._looked(at, before + decision)

    def _may_try(self, at: datetime) -> bool:
        return not is_paused(self.world.outgoing.route, at) and self.world.may_try()

    def moved(self, fact: QueueLeft | CallEnded, at: datetime) -> Decision:
        """Somebody left: perhaps it is the turn of the next. Not by the exit key: they are on the way back."""
        queue = fact.queue
        if queue is None or fact.reason == "key" or not self._callbacks.open_in(queue):
            return NOTHING
        if self.world.outgoing.route.raised or not self.world.calls.link.tells_places(at):
            return NOTHING
        return self._advance(queue, at, NOTHING)

    def duty_known(self, ask: DutyKnown, at: datetime) -> Decision:
        """Callbacks waited for nothing but this."""
        if not self._callbacks.open_in(ask.queue):
            return NOTHING
        if self.world.outgoing.route.raised or not self.world.calls.link.tells_places(at):
            return NOTHING
        return self._advance(ask.queue, at, NOTHING)

    def _advance(self, queue: str, at: datetime, before: Decision, avoided: frozenset[str] = frozenset()) -> Decision:
        """Dial those whose turn it is, in the order of the queue, as many as may be in flight.

        `before` is what was decided for other queues in the same look: it is not in the world yet. Numbers whose keyed
        hash is `avoided` are not dialled in this look.
        """
        dialling = self.world.settings.dialling
        duty = self.world.calls.duty.get(queue)
        how = self._dialled_now(queue, at)
        if dialling is None or duty is None or not how or self._callbacks.first(queue) is None:
            return NOTHING
        most = most_in_flight(
            ready=duty.ready, on_duty=duty.on_duty, dial_time=dial_time(self._callbacks.dial_time),
            handle_time=self.world.handle_time(next(iter(how))),
        )  # fmt: skip
        begun = sum(isinstance(effect, Originate) for effect in before.effects)
        room = _Room(
            here=most - self._callbacks.in_flight_alone(queue),
            in_all=(1 if self.world.outgoing.route.raised else dialling.in_flight - self.world.in_flight()) - begun,
            rung={
                change.record.number
                for change in before.changes
                if isinstance(change.record, Callback) and change.record.calls
            },
            avoided=avoided,
        )
        decision = NOTHING
        for callback in self._due(queue, room, how):
            decision += self._begin(callback, dialling, how[callback.service], room, at, before + decision)
        return decision

    def _dialled_now(self, queue: str, at: datetime) -> dict[str, DialSettings]:
        """The services of a queue whose callbacks may be dialled at this hour, and how."""
        return {
            name: service.callback.dial
            for name, service in self.world.services_of(queue).items()
            if service.callback is not None and service.opening_hours.is_open(at)
        }

    def _due(self, queue: str, room: _Room, how: Mapping[str, DialSettings]) -> Iterator[Callback]:
        """Those whose place is good enough, until there is no room or one must wait still.

        Whoever is dialled, or may not be now, stands before nobody.
        """
        for callback in self._callbacks.standing(queue):
            if room.in_all <= 0:
                return
            if callback.service not in how:
                room.ahead += 1
                continue
            if callback.number in room.rung or self.world.is_on_the_line(callback.number):
                # Dialled when the other call is over: nobody is called by two of us at once.
                room.ahead += 1
                continue
            if room.avoided and caller_hash(self.world.key, callback.number) in room.avoided:
                room.ahead += 1
                continue
            dial = how[callback.service]
            if self.world.place(callback) - room.ahead > dial.at_position:
                return
            if room.here <= 0 if dial.order == "customer_first" else not is_free(callback, self.world, room.reserved):
                return
            yield callback

    def _begin(
        self, callback: Callback, dialling: Dialling, dial: DialSettings, room: _Room, at: datetime, before: Decision
    ) -> Decision:
        """Dial the customer, or first ring an agent; or say why neither may be."""
        counted = next((c.record for c in reversed(before.changes) if isinstance(c.record, Dialled)), None)
        verdict = self._permission(callback, dialling, counted or self.world.outgoing.dialled, at)
        match verdict:
            case Denied("per_day", decision):
                room.in_all = 0
                return decision
            case Denied(reason):
                room.ahead += 1
                return self._denied(callback, reason, at)
            case Granted():
                position = self.world.place(callback) - room.ahead
                room.in_all -= 1
                room.ahead += 1
                room.rung.add(callback.number)
                if dial.order == "agent_first":
                    room.reserved += 1
                    ring = timedelta(seconds=RESERVE_SECONDS)
                    return reserve(callback, self.world, dialling, at) + over_at(callback, at, ring)
                room.here -= 1
                return self.attempts.dial(callback, verdict, dialling, position, at)
            case _:
                assert_never(verdict)

    def _permission(
        self, callback: Callback, dialling: Dialling, dialled: Dialled | None, at: datetime
    ) -> Granted | Denied:
        day = day_of(at, self.world.settings.timezone)
        return permission(
            dialled, callback.number, dialling, self.world.numbers, key=self.world.key, day=day, at=at,
            zone=self.world.zone_of(callback.service),
        )  # fmt: skip

    def _denied(self, callback: Callback, reason: str, at: datetime) -> Decision:
        if reason == "per_number":
            midnight = midnight_after(at, self.world.settings.timezone)
            return self.attempts.postponed(callback, reason, at, midnight, callback.attempts)
        if reason == CALL_HOURS:
            return self.attempts.postponed(callback, reason, at, at, callback.attempts)
        return self.attempts.failed(callback, reason, at)

    # --- an agent answered -----------------------------------------------------------------------

    def reserved(self, ask: ReservationAnswered, at: datetime) -> Decision:
        """An agent has the channel that stands in the queue for a customer: now the customer is dialled."""
        callback = self._callbacks.of_call(near_half(ask.call))
        dialling = self.world.settings.dialling
        if callback is None or callback.phase is not Phase.RESERVING or dialling is None:
            return NOTHING
        return self._dial_for_agent(callback, dialling, at) if has_agent(callback, self.world) else NOTHING

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The near half of a reservation came to us, or is found in our hands after a restart."""
        if event.arguments[:1] != ("agent",):
            return NOTHING
        call = event.channel.id
        callback = self._callbacks.of_call(call)
        dialling = self.world.settings.dialling
        if callback is None or callback.agent_call != call or dialling is None:
            return Decision(effects=(HangUp(call=call),))
        match callback.phase:
            case Phase.RESERVING if has_agent(callback, self.world):
                return self._dial_for_agent(callback, dialling, at)
            case Phase.RESERVING:
                return waits_for_agent(callback)
            case Phase.ACCEPTED:
                return connect(callback)
            case Phase.DIALLING | Phase.ASKING | Phase.CONNECTED:
                return NOTHING
            case Phase.WAITING | Phase.RETURNED:
                return Decision(effects=(HangUp(call=call),))
            case _:
                assert_never(callback.phase)

    def _dial_for_agent(self, callback: Callback, dialling: Dialling, at: datetime) -> Decision:
        waits = replace(callback, state=Waiting())
        not_now = Decision(changes=(Put(waits),), effects=(HangUp(call=callback.agent_call or ""),))
        if callback.service not in self._dialled_now(callback.queue, at):
            # The service closed while agents were rung.
            return not_now
        route = self.world.outgoing.route
        if route.raised and (is_paused(route, at) or self.world.is_dialling()):
            # Meanwhile no call found a way out, and another than this one tries.
            return not_now
        verdict = self._permission(callback, dialling, self.world.outgoing.dialled, at)
        match verdict:
            case Denied("per_day", decision):
                return decision + not_now
            case Denied(reason):
                return self._denied(callback, reason, at)
            case Granted():
                dialled = self.attempts.dial(callback, verdict, dialling, self.world.place(callback), at)
                # Who is ready has changed, and the next reservation depends on it.
                look = Decision(effects=(ReadQueue(queue=callback.queue, members=True),))
                return hold(callback, dialling) + dialled + look
            case _:
                assert_never(verdict)

    # --- the rules change ------------------------------------------------------------------------

    def with_their_service(self, _event: SettingsChanged | Synchronised, _at: datetime) -> Decision:
        """A service may have moved to another queue: its callbacks stand there now, in its order."""
        services = self.world.settings.services
        moved = (
            Put(replace(callback, queue=services[callback.service].queue))
            for callback in self._callbacks.open.values()
            if callback.service in services and callback.queue != services[callback.service].queue
        )
        return Decision(changes=tuple(moved))

    def within_call_hours(self, _event: SettingsChanged | Synchronised | ClockStepped, at: datetime) -> Decision:
        """Those who wait for call hours wait for the present ones, by the present time."""
        decision = NOTHING
        for callback in self._callbacks.open.values():
            if not isinstance(callback.state, Postponed) or callback.state.why != CALL_HOURS:
                continue
            until = self.world.next_call(callback.number, callback.service, at)
            if until <= at:
                decision += queued_again(callback)
            elif until != callback.state.until:
                waits = Postponed(until=until, why=CALL_HOURS)
                decision += Decision(changes=(Put(replace(callback, state=waits)),)) + wake(callback, waits)
        return decision

    # --- the day ---------------------------------------------------------------------------------

    def _new_day(self, at: datetime) -> Decision:
        dialling = self.world.settings.dialling
        per_day = 0 if dialling is None else dialling.per_day
        today = day_of(at, self.world.settings.timezone)
        return alarm_over(self.world.outgoing.dialled, day=today, per_day=per_day)

    def closed_meanwhile(self, _event: Synchronised, at: datetime) -> Decision:
        """Where callbacks do not carry over, those are closed too whose service closed, and perhaps opened, unseen."""
        services = self.world.settings.services
        decision = NOTHING
        for callback in tuple(self._callbacks.open.values()):
            service = services.get(callback.service)
            if service is None or not _does_not_carry_over(service) or callback.phase is not Phase.WAITING:
                continue
            closed_at = service.opening_hours.closes_at(callback.taken_at)
            if closed_at is not None and closed_at <= at:
                decision += self.attempts.expired(callback, at)
        return decision

    def _expired(self, at: datetime) -> Decision:
        """Where callbacks do not carry over, those still waiting at closing are closed, with a text."""
        closed = {name for name, service in self.world.settings.services.items() if self._expires(service, at)}
        if not closed:
            return NOTHING
        decision = NOTHING
        for callback in tuple(self._callbacks.open.values()):
            if callback.service in closed and callback.phase is Phase.WAITING:
                decision += self.attempts.expired(callback, at)
        return decision

    def _expires(self, service: Service, at: datetime) -> bool:
        return (
            _does_not_carry_over(service)
            and self._callbacks.open_in(service.queue) > 0
            and not service.opening_hours.is_open(at)
        )


def _does_not_carry_over(service: Service) -> bool:
    return service.callback is not None and service.callback.at_closing == "expire"
