"""A customer whose callback is open on another daemon calls here, waits at the place of the callback, and keeps it.

Two daemons with an Asterisk each share one database. The callback stays with the daemon that accepted it, its *owner*.
This one reads it, tells the owner that the customer waits here (`HoldCallback`), and what came of that: the customer
left again (`ReleaseCallback`), was served, or wants no callback any more (`CloseCallback`). The owner does not dial
meanwhile. When it hears nothing for `HOLDS`, it goes on: the other daemon may have died, and the promise is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.features.callbacks.attempts import timers_off
from callcentre.features.callbacks.model import Callback, Phase, Returned
from callcentre.features.callbacks.offers import Offer
from callcentre.features.callbacks.returning import MAY_RETURN, Returning
from callcentre.features.callbacks.timers import HoldEnds
from callcentre.features.callbacks.views import Views
from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put, Record, SetTimer
from callcentre.kernel.event import Tick
from callcentre.kernel.nodes.model import Nodes
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.values.numbers import Allowed

HOLDS: Final = timedelta(minutes=2)
"""How long an owner does not dial without a word from the daemon on which the customer waits."""

RENEWED: Final = timedelta(seconds=40)
"""How often that daemon says that the customer still waits."""

_ALL: Final = "all"
"""The one group of an order over all records."""


# --- what daemons tell each other -----------------------------------------------------------------


class HoldCallback(Command, frozen=True, kw_only=True):
    """The customer of a callback waits on another daemon (`on_node`), in this call there."""

    callback: str
    on_node: str
    call: str


class ReleaseCallback(Command, frozen=True, kw_only=True):
    """That customer left the queue again, without an agent."""

    callback: str
    on_node: str
    call: str


class CloseCallback(Command, frozen=True, kw_only=True):
    """That customer was served (`by` caller_returned), or wants no callback any more (customer)."""

    callback: str
    by: str


# --- state ---------------------------------------------------------------------------------------


class HeldElsewhere(Record, frozen=True, kw_only=True):
    """A call here whose caller has an open callback on another daemon, the `owner`.

    `caller` is the keyed hash of the number, `joined_at` and `priority` are the callback's. The owner last
    heard at `renewed_at` that the caller waits.
    """

    call: str
    owner: str
    callback: str
    service: str
    caller: str
    joined_at: datetime
    priority: int
    renewed_at: datetime

    @property
    def key(self) -> str:
        return self.call


class HeldCalls(Collection[HeldElsewhere]):
    """The calls here whose callers have a callback elsewhere."""

    def __init__(self) -> None:
        super().__init__(HeldElsewhere, table="callbacks_elsewhere", key="call")
        self._by_age = self.ordered(lambda _one: _ALL, lambda one: one.renewed_at)

    def least_recent(self) -> HeldElsewhere | None:
        """The one whose owner heard of it longest ago."""
        return self._by_age.first(_ALL)


# --- rules of the daemon that the customer calls ----------------------------------------------------


@dataclass(slots=True)
class Visiting:
    """The rules for callers whose callback is open on another daemon."""

    views: Views
    nodes: Nodes
    held: HeldCalls

    def of_owner(self, service: str, number: str) -> tuple[str, Callback] | None:
        """The open callback of other daemons to this number (E.164) for this service, with its owner.

        Raises `Unreadable`.
        """
        found = self.views.of_others.find("number", number)
        theirs = [(owner, one) for owner, one in found if one.service == service]
        return min(theirs, key=lambda each: (each[1].phase is Phase.WAITING, each[1].order), default=None)

    def returned(self, owner: str, callback: Callback, offer: Offer, at: datetime) -> tuple[Offer, Decision] | None:
        """The caller waits here at the place of the callback: the offer with it, and what the owner hears.

        None when the customer is already on the line for the callback.
        """
        if callback.phase not in MAY_RETURN and callback.phase is not Phase.RETURNED:
            return None
        again = replace(offer, joined_at=callback.joined_at, priority=max(offer.priority, callback.priority))
        return again, self._holds(owner, callback, offer.call, again.priority, at)

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """A customer is in the queue by any way, such as past a daemon that was not ready."""
        call = self.views.queues.calls.calls.get(fact.call or "")
        if call is None or call.call in self.held:
            return NOTHING
        verdict = self.views.numbers.may_dial(call.number)
        if not isinstance(verdict, Allowed) or self.views.callbacks.of_owner(call.service, verdict.e164) is not None:
            return NOTHING
        found = self.of_owner(call.service, verdict.e164)
        if found is None or found[1].phase not in MAY_RETURN:
            return NOTHING
        return self._holds(*found, call.call, call.priority, at)

    def _holds(self, owner: str, callback: Callback, call: str, priority: int, at: datetime) -> Decision:
        held = HeldElsewhere(
            call=call, owner=owner, callback=callback.callback, service=callback.service,
            caller=self.views.people.caller(callback.number), joined_at=callback.joined_at, priority=priority,
            renewed_at=at,
        )  # fmt: skip
        return Decision(changes=(Put(held), self._hold(held, at)))

    def cancelled(self, call: str, at: datetime) -> Decision:
        """The caller wants no callback any more."""
        return self._closed(call, "customer", at)

    def served(self, fact: QueueAnswered, at: datetime) -> Decision:
        """An agent here has the caller: there is no reason left to call back."""
        return self._closed(fact.call, "caller_returned", at)

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """The caller left the queue before an agent answered."""
        return NOTHING if fact.reason in ("answered", "key") else self._released(fact.call, at)

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """The call is gone."""
        return self._released(event.call, at)

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After a break, callers may have hung up meanwhile."""
        present = {channel.id for channel in event.channels}
        gone = frozenset(call for call in self.held if call not in present)
        return sum((self._released(call, at, gone) for call in sorted(gone)), NOTHING)

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Tell the owner again that the caller waits: one caller a second is enough for some forty."""
        held = self.held.least_recent()
        if held is None or held.renewed_at + RENEWED > at:
            return NOTHING
        return Decision(changes=(Put(replace(held, renewed_at=at)), self._hold(held, at)))

    def _hold(self, held: HeldElsewhere, at: datetime) -> Change:
        command = HoldCallback(at=at, callback=held.callback, on_node=self.nodes.name, call=held.call)
        return self.nodes.send(held.owner, command, caller=held.caller)

    def _released(self, call: str | None, at: datetime, gone: frozenset[str] = frozenset()) -> Decision:
        """That call has ended, and those in `gone` too. The customer may wait in another one, as on one daemon."""
        held = self.held.get(call)
        if held is None:
            return NOTHING
        about = (held.owner, held.callback)
        others = (one for one in self.held.values() if one.call not in gone and one.call != held.call)
        other = next((one for one in others if (one.owner, one.callback) == about), None)
        if other is not None:
            return Decision(changes=(Delete(held), self._hold(other, at)))
        command = ReleaseCallback(at=at, callback=held.callback, on_node=self.nodes.name, call=held.call)
        return Decision(changes=(Delete(held), self.nodes.send(held.owner, command, caller=held.caller)))

    def _closed(self, call: str | None, by: str, at: datetime) -> Decision:
        held = self.held.get(call)
        if held is None:
            return NOTHING
        command = CloseCallback(at=at, callback=held.callback, by=by)
        return Decision(changes=(Delete(held), self.nodes.send(held.owner, command, caller=held.caller)))


# --- rules of the owner ---------------------------------------------------------------------------


@dataclass(slots=True)
class Owning:
    """The rules for our callbacks whose customers call another daemon."""

    views: Views
    returning: Returning

    def hold(self, command: HoldCallback, at: datetime) -> Decision:
        """The customer waits there: do not dial, and ask again whether that is so when nothing is heard of it."""
        callback = self.views.callbacks.get(command.callback)
        if callback is None:
            return NOTHING
        again = Decision(timers=(SetTimer(HoldEnds(callback=callback.callback), at + HOLDS),))
        state = callback.state
        if isinstance(state, Returned) and state.on_node == command.on_node:
            # The customer may have two calls there: the callback is about the one that was named last.
            return Decision(changes=(Put(replace(callback, state=replace(state, call=command.call))),)) + again
        if callback.phase not in MAY_RETURN:
            return NOTHING
        return self.returning.waits_themselves(callback, command.call, at, on_node=command.on_node) + again

    def release(self, command: ReleaseCallback, at: datetime) -> Decision:
        """The customer left again."""
        callback = self.views.callbacks.get(command.callback)
        if callback is None or not self._waits(callback, command.on_node, command.call):
            return NOTHING
        return timers_off(callback) + self.returning.stays_open(callback, at)

    def close(self, command: CloseCallback, at: datetime) -> Decision:
        """The customer was served there, or wants no callback any more."""
        callback = self.views.callbacks.get(command.callback)
        return NOTHING if callback is None else self.returning.closed(callback, command.by, at)

    def ended(self, timer: HoldEnds, at: datetime) -> Decision:
        """Nothing was heard of the customer: the other daemon may be dead. The callback is dialled in its turn."""
        callback = self.views.callbacks.get(timer.callback)
        if callback is None or not isinstance(callback.state, Returned) or callback.state.on_node is None:
            return NOTHING
        return self.returning.stays_open(callback, at)

    @staticmethod
    def _waits(callback: Callback, on_node: str, call: str) -> bool:
        state = callback.state
        return isinstance(state, Returned) and (state.on_node, state.call) == (on_node, call)
