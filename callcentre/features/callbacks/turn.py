"""When a callback's turn has come: which customers are called now, in the order of the queue, and how many at once.

A look begins one call at most, and sends itself a command for the next. So each is decided after the one before it has
been applied: which callbacks are queued, how many are in flight, how often was dialled today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, assert_never

from callcentre.features.callbacks.agents import RESERVE_SECONDS, is_free, reserve
from callcentre.features.callbacks.attempts import Attempts, over_at
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackExpired,
    CallbackFact,
    CallbackFailed,
    CallbackMoved,
    CallbackNotDialled,
    CallbackPostponed,
    CallbackReassigned,
)
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.rules import dial_time, most_in_flight
from callcentre.features.callbacks.settings import rules_of
from callcentre.features.callbacks.timers import CallbackWaits
from callcentre.features.callbacks.views import Views
from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put, Record
from callcentre.kernel.event import Tick
from callcentre.telephony.dialling.outgoing import Denied, Granted, alarm_over
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.facts import CallEnded, QueueLeft
from callcentre.telephony.queue_view.model import DutyChanged, DutyKnown
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.days import day_of, midnight_after

if TYPE_CHECKING:
    from callcentre.features.callbacks.settings import DialSettings


CHANGES_TURNS: Final = (
    CallbackAccepted,
    CallbackCancelled,
    CallbackExpired,
    CallbackFailed,
    CallbackMoved,
    CallbackNotDialled,
    CallbackPostponed,
    CallbackReassigned,
)
"""The facts after which it may be the turn of another callback in the queue. A call that ends is heard of anyway."""


class BeginNext(Command, frozen=True, kw_only=True):
    """Begin the next call whose turn it is in these queues, one queue after the other.

    `after` is where the look at the first queue continues, None at its beginning. `skipped` callbacks before that are
    queued, but their phones may not ring now, so callbacks behind do not wait for them. `avoiding`: numbers whose calls
    found no route come last, after a look at the queues without them.
    """

    queues: tuple[str, ...]
    after: Rank | None = None
    skipped: int = 0
    avoiding: bool = False


class Changed(Record, frozen=True, kw_only=True):
    """A queue in which a callback or the agents changed: it is looked at in the next second."""

    queue: str

    @property
    def key(self) -> str:
        return self.queue


@dataclass(frozen=True, slots=True)
class _Turn:
    """A callback whose turn it is, its place without those that may not be dialled, and how many it passes by."""

    callback: Callback
    dial: DialSettings
    place: int
    skipped: int


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(slots=True)
class Turn:
    """The rules about whose turn it is."""

    views: Views
    attempts: Attempts
    dialled_now: DialledNow
    changed: Collection[Changed] = field(default_factory=lambda: Collection(Changed))

    @property
    def _callbacks(self) -> Callbacks:
        return self.views.callbacks

    # --- when to look ----------------------------------------------------------------------------

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Once a second, look at the queues in which something changed, at those whose turn it is, and at the day."""
        decision = self._new_day(at)
        if not self.views.queues.calls.link.up:
            return decision
        queues, changed = self._queues(at), tuple(Delete(one) for one in self.changed.values())
        unrouted = self.views.own_calls.outgoing.route.raised and bool(self.views.own_calls.outgoing.route.unrouted)
        decision += Decision(changes=changed) if changed else NOTHING
        return decision + self.begin_next(BeginNext(at=at, queues=queues, avoiding=unrouted), at)

    def _queues(self, at: datetime) -> tuple[str, ...]:
        """The queues to look at in this second, of those in which callbacks wait for their turn."""
        queues = dict.fromkeys((*self.changed, *self.views.queues.looked_at(at)))
        waiting = self._callbacks.queues_waiting()
        return tuple(queue for queue in queues if queue in waiting)

    def callback_changed(self, fact: CallbackFact, _at: datetime) -> Decision:
        """A callback was accepted, or waits no more: perhaps it is its turn or that of another."""
        return NOTHING if fact.queue is None else Decision(changes=(Put(Changed(queue=fact.queue)),))

    def waited(self, timer: CallbackWaits, _at: datetime) -> Decision:
        """A postponed callback is queued again."""
        callback = self._callbacks.get(timer.callback)
        return NOTHING if callback is None else Decision(changes=(Put(Changed(queue=callback.queue)),))

    def moved(self, fact: QueueLeft | CallEnded, at: datetime) -> Decision:
        """A caller left: perhaps it is the turn of the next. Not at the exit key, from which the caller comes back."""
        return NOTHING if fact.queue is None or fact.reason == "key" else self._look(fact.queue, at)

    def duty_known(self, command: DutyKnown, at: datetime) -> Decision:
        """The agents on duty are known, which is all that callbacks waited for."""
        return self._look(command.queue, at)

    def duty_changed(self, command: DutyChanged, _at: datetime) -> Decision:
        """Others are on duty: perhaps more callbacks may be in flight."""
        waits = command.queue in self._callbacks.queues_waiting()
        return Decision(changes=(Put(Changed(queue=command.queue)),)) if waits else NOTHING

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
        if dialling is None or (not route.raised and self.views.own_calls.in_flight() >= dialling.in_flight):
            return NOTHING
        after, skipped, to_dial = look.after, look.skipped, dial_time(self._callbacks.dial_time)
        for number, queue in enumerate(look.queues):
            if route.raised and (is_paused(route, at) or not self.views.own_calls.may_try()):
                return NOTHING
            turn = self._turn_in(queue, after, skipped, to_dial, look.avoiding, at)
            if turn is not None:
                return self._begin(turn, look, look.queues[number:], dialling, at)
            after, skipped = None, 0
        if look.avoiding:
            return self.begin_next(BeginNext(at=at, queues=self._queues(at)), at)
        return NOTHING

    def _turn_in(
        self, queue: str, after: Rank | None, skipped: int, to_dial: float, avoiding: bool, at: datetime
    ) -> _Turn | None:
        """The next callback near enough to the head, while more may be in flight; None when it is nobody's turn.

        Callbacks of a service that is closed are not looked at, however many wait in the queue.
        """
        duty, how = self.views.queues.calls.duty.get(queue), self.dialled_now.of(queue, at)
        if duty is None or not how:
            return None
        most = most_in_flight(
            ready=duty.ready, on_duty=duty.on_duty, dial_time=to_dial,
            handle_time=self.views.queues.handle_time(next(iter(how))),
        )  # fmt: skip
        full = self._callbacks.in_flight_alone(queue) >= most
        if full and all(dial.order == "customer_first" for dial in how.values()):
            return None  # The most frequent case. Who is first in the order makes no difference to it.
        for callback in self._callbacks.queued_for(queue, how, after):
            dial = how[callback.service]
            if self._may_not_ring(callback, avoiding):
                skipped += 1
                continue
            place = self._place(callback, how) - skipped
            if place > dial.at_position:
                return None
            if dial.order == "agent_first":
                return _Turn(callback, dial, place, skipped) if is_free(callback, self.views, 0) else None
            return None if full else _Turn(callback, dial, place, skipped)
        return None

    def _place(self, callback: Callback, how: Iterable[str]) -> int:
        """The place of a callback among those that may be dialled at this hour, and the callers."""
        live = self.views.queues.live_before(callback.queue, callback.rank)
        return live + self._callbacks.queued_for_before(callback.queue, how, callback.order) + 1

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
                begun = self.attempts.dial(callback, verdict, dialling, turn.place, at)
                return begun + Decision(commands=(on,))
            case _:
                assert_never(verdict)

    # --- the day ---------------------------------------------------------------------------------

    def _new_day(self, at: datetime) -> Decision:
        dialling = self.views.dialling
        per_day = 0 if dialling is None else dialling.per_day
        today = day_of(at, self.views.settings.timezone)
        return alarm_over(self.views.own_calls.outgoing, day=today, per_day=per_day)


class DialledNow:
    """The services whose callbacks may be dialled at an hour. It is found out once for the services that are open."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._open: AbstractSet[str] | None = None
        self._queues: dict[str, dict[str, DialSettings]] = {}

    def of(self, queue: str, at: datetime) -> Mapping[str, DialSettings]:
        """Those of a queue, with their dial settings."""
        settings = self._views.settings
        is_open = settings.timetable.open_at(at)
        if self._open is not is_open:
            self._open, self._queues = is_open, {}
            for name, service in settings.services.items():
                if name in is_open and (rules := rules_of(service)) is not None:
                    self._queues.setdefault(service.queue, {})[name] = rules.dial
        return self._queues.get(queue, _NONE)


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
