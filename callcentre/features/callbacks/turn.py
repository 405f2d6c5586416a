"""When a callback's turn has come: which customers are called now, in the order of the queue, and how many at once.

A look begins one call at most, and sends itself a command for the next. So each is decided after the one before it has
been applied: which callbacks are queued, how many are in flight, how often was dialled today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from callcentre.features.callbacks.agents import RESERVE_SECONDS, is_free, reserve
from callcentre.features.callbacks.attempts import Attempts, over_at
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.rules import dial_time, most_in_flight
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.views import Views
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.event import Tick
from callcentre.telephony.dialling.outgoing import Denied, Granted, alarm_over
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.queue_view.model import DutyKnown
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.days import day_of, midnight_after

if TYPE_CHECKING:
    from callcentre.features.callbacks.settings import DialSettings


class BeginNext(Command, frozen=True, kw_only=True):
    """Begin the next call whose turn it is in these queues, one queue after the other.

    `after` is where the look at the first queue continues, None at its beginning. `skipped` callbacks before that are
    queued, but may not be dialled now, so callbacks behind do not wait for them. `avoiding`: numbers whose calls found
    no route come last, after a look at all queues without them.
    """

    queues: tuple[str, ...]
    after: Rank | None = None
    skipped: int = 0
    avoiding: bool = False


@dataclass(frozen=True, slots=True)
class _Turn:
    """A callback whose turn it is, and how many before it are skipped."""

    callback: Callback
    dial: DialSettings
    skipped: int


@dataclass(slots=True)
class Turn:
    """The rules about whose turn it is."""

    views: Views
    attempts: Attempts

    @property
    def _callbacks(self) -> Callbacks:
        return self.views.callbacks

    # --- when to look ----------------------------------------------------------------------------

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look at every queue once a second, and at the day."""
        decision = self._new_day(at)
        if not self.views.queues.calls.link.up:
            return decision
        unrouted = self.views.own_calls.outgoing.route.raised and bool(self.views.own_calls.outgoing.route.unrouted)
        return decision + self.begin_next(BeginNext(at=at, queues=self._queues(), avoiding=unrouted), at)

    def _queues(self) -> tuple[str, ...]:
        """The queues in which callbacks wait for their turn, in the order of the configuration."""
        queues = dict.fromkeys(service.queue for service in self.views.settings.services.values())
        return tuple(queue for queue in queues if self._callbacks.first(queue) is not None)

    def moved(self, fact: QueueLeft | CallEnded, at: datetime) -> Decision:
        """A caller left: perhaps it is the turn of the next. Not at the exit key, from which the caller comes back."""
        return NOTHING if fact.queue is None or fact.reason == "key" else self._look(fact.queue, at)

    def duty_known(self, command: DutyKnown, at: datetime) -> Decision:
        """The agents on duty are known, which is all that callbacks waited for."""
        return self._look(command.queue, at)

    def _look(self, queue: str, at: datetime) -> Decision:
        if self.views.own_calls.outgoing.route.raised or not self.views.queues.calls.link.tells_places(at):
            return NOTHING
        if not self._callbacks.open_in(queue):
            return NOTHING  # The most frequent case: a queue without callbacks.
        return self.begin_next(BeginNext(at=at, queues=(queue,)), at)

    # --- whose turn it is ------------------------------------------------------------------------

    def begin_next(self, look: BeginNext, at: datetime) -> Decision:
        """Begin the next call, and continue after it. While calls find no route, one at a time tries now and then."""
        dialling, route = self.views.dialling, self.views.own_calls.outgoing.route
        if dialling is None:
            return NOTHING
        after, skipped = look.after, look.skipped
        for number, queue in enumerate(look.queues):
            if route.raised and (is_paused(route, at) or not self.views.own_calls.may_try()):
                return NOTHING
            turn = self._turn_in(queue, after, skipped, dialling, look.avoiding, at)
            if turn is not None:
                return self._begin(turn, look, look.queues[number:], dialling, at)
            after, skipped = None, 0
        if look.avoiding:
            return self.begin_next(BeginNext(at=at, queues=self._queues()), at)
        return NOTHING

    def _turn_in(
        self, queue: str, after: Rank | None, skipped: int, dialling: DiallingSettings, avoiding: bool, at: datetime
    ) -> _Turn | None:
        """The next callback near enough to the head, while more may be in flight; None when it is nobody's turn."""
        duty, how = self.views.queues.calls.duty.get(queue), dialled_now(self.views, queue, at)
        if duty is None or not how or self._callbacks.first(queue) is None:
            return None
        if not self.views.own_calls.outgoing.route.raised and self.views.own_calls.in_flight() >= dialling.in_flight:
            return None
        most = most_in_flight(
            ready=duty.ready, on_duty=duty.on_duty, dial_time=dial_time(self._callbacks.dial_time),
            handle_time=self.views.queues.handle_time(next(iter(how))),
        )  # fmt: skip
        for callback in self._callbacks.queued(queue, after):
            dial = how.get(callback.service)
            if dial is None or self._may_not_ring(callback, avoiding):
                skipped += 1
                continue
            if self.views.place(callback) - skipped > dial.at_position:
                return None
            if dial.order == "agent_first":
                return _Turn(callback, dial, skipped) if is_free(callback, self.views, 0) else None
            return _Turn(callback, dial, skipped) if self._callbacks.in_flight_alone(queue) < most else None
        return None

    def _may_not_ring(self, callback: Callback, avoiding: bool) -> bool:
        """Whether another call of ours has this phone, or its number found no route while others have not tried.

        A callback whose customer is on the line is dialled when that call is over: we never have two calls to one
        person.
        """
        if self.views.own_calls.is_on_the_line(callback.number):
            return True
        return avoiding and self.views.people.caller(callback.number) in self.views.own_calls.outgoing.route.unrouted

    def _begin(
        self, turn: _Turn, look: BeginNext, queues: tuple[str, ...], dialling: DiallingSettings, at: datetime
    ) -> Decision:
        """Dial the customer, or first ring an agent; or say why neither is allowed."""
        callback = turn.callback
        on = BeginNext(at=at, queues=queues, after=callback.order, skipped=turn.skipped, avoiding=look.avoiding)
        verdict = may_dial(callback, self.views, dialling, at)
        match verdict:
            case Denied("per_day", decision):
                rest = BeginNext(at=at, queues=queues[1:], avoiding=look.avoiding)
                return decision + Decision(commands=(rest,))
            case Denied(reason):
                return denied(callback, reason, self.attempts, at) + Decision(commands=(on,))
            case Granted() if turn.dial.order == "agent_first":
                ring = timedelta(seconds=RESERVE_SECONDS)
                begun = reserve(callback, self.views, dialling, at) + over_at(callback, at, ring)
                return begun + Decision(commands=(on,))
            case Granted():
                position = self.views.place(callback) - turn.skipped
                begun = self.attempts.dial(callback, verdict, dialling, position, at)
                return begun + Decision(commands=(on,))
            case _:
                assert_never(verdict)

    # --- the day ---------------------------------------------------------------------------------

    def _new_day(self, at: datetime) -> Decision:
        dialling = self.views.dialling
        per_day = 0 if dialling is None else dialling.per_day
        today = day_of(at, self.views.settings.timezone)
        return alarm_over(self.views.own_calls.outgoing.dialled, day=today, per_day=per_day)


def dialled_now(views: Views, queue: str, at: datetime) -> dict[str, DialSettings]:
    """The services of a queue whose callbacks may be dialled at this hour, with their dial settings."""
    return {
        name: rules.dial
        for name, service in views.queues.services_of(queue).items()
        if (rules := rules_of(service)) is not None and service.opening_hours.is_open(at)
    }


def may_dial(callback: Callback, views: Views, dialling: DiallingSettings, at: datetime) -> Granted | Denied:
    """Whether the customer may be dialled once more today, at this hour."""
    return views.own_calls.permission(callback.number, callback.service, dialling, at)


def denied(callback: Callback, reason: str, attempts: Attempts, at: datetime) -> Decision:
    """What follows when the customer may not be dialled: a later try, or the end."""
    match reason:
        case "per_number":
            midnight = midnight_after(at, attempts.views.settings.timezone)
            return attempts.postponed(callback, reason, at, midnight, callback.attempts)
        case "call_hours":
            return attempts.postponed(callback, reason, at, at, callback.attempts)
        case _:
            return attempts.failed(callback, reason, at)
