"""Which call enters a queue next, and at which place."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ContinueCall, HoldLonger
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueJoined, QueueLeft
from callcentre.telephony.queue_entry.model import AtTheDoor, Coming, EnterQueue, Entrance, OnTheWay, PassNext
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.order import rank

SEEN_WITHIN = timedelta(seconds=2)
"""After this time a call that has not been seen in the queue no longer delays the next one."""

HOLD_SECONDS = 10
"""Seconds after which Asterisk releases a call that waits to enter a queue, if the daemon has died."""


class QueueEntry:
    """The rules of queue entry."""

    def __init__(self, view: QueueView, entrance: Entrance, coming: Coming) -> None:
        self._view = view
        self._entrance = entrance
        self._coming = coming

    def asked(self, command: EnterQueue, at: datetime) -> Decision:
        """Let the call in at once, or when those before it are in."""
        if command.call in self._entrance.by_call:
            return NOTHING
        one = AtTheDoor(
            call=command.call,
            queue=command.queue,
            joined_at=command.joined_at,
            priority=command.priority,
            variables=command.variables,
        )
        way = OnTheWay(call=command.call, queue=command.queue, joined_at=command.joined_at, priority=command.priority)
        coming = Decision(changes=(Put(way),))
        if self._entrance.passing(command.queue) is None:
            return coming + self._let_in(one, at)
        return coming + Decision(changes=(Put(one),), effects=(HoldLonger(call=one.call, seconds=HOLD_SECONDS),))

    def _let_in(self, one: AtTheDoor, at: datetime) -> Decision:
        position = self._view.position_for(one.queue, rank(one.joined_at, one.priority))
        place = ("CALLCENTRE_POSITION", str(position))
        variables = (*one.variables, *self._view.way_back(one.call), place)
        return Decision(
            changes=(Put(replace(one, since=at)),), effects=(ContinueCall(call=one.call, variables=variables),)
        )

    def _passed(self, call: str, at: datetime) -> Decision:
        """A call is in the queue, or gone: let the next one in."""
        coming = self._coming.by_call.get(call)
        arrived = NOTHING if coming is None else Decision(changes=(Delete(coming),))
        one = self._entrance.by_call.get(call)
        if one is None:
            return arrived
        gone = arrived + Decision(changes=(Delete(one),))
        following = self._entrance.next(one.queue) if one.since is not None else None
        return gone if following is None else gone + self._let_in(following, at)

    def arrived(self, fact: QueueJoined | QueueLeft, at: datetime) -> Decision:
        """A call is in the queue, or was refused there."""
        return self._passed(fact.call or "", at)

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """A caller hung up on the way."""
        return self._passed(event.call, at)

    def ticked(self, _event: Tick, at: datetime) -> Decision:
        """A call that was let in was not seen in the queue: the others no longer wait for it."""
        return Decision(commands=(PassNext(at=at),)) if self._overdue(at) is not None else NOTHING

    def pass_next(self, command: PassNext, at: datetime) -> Decision:
        """Handle one call; another command follows while there are more."""
        one = self._overdue(at)
        return NOTHING if one is None else self._passed(one.call, at) + Decision(commands=(PassNext(at=command.at),))

    def _overdue(self, at: datetime) -> AtTheDoor | None:
        one = self._entrance.let_in_first()
        return one if one is not None and one.since is not None and at - one.since > SEEN_WITHIN else None

    def synchronised(self, _event: Synchronised, _at: datetime) -> Decision:
        """After a break in the connection, every call in Stasis is reported again."""
        coming = (Delete(one) for one in self._coming.by_call.values())
        return Decision(changes=(*(Delete(one) for one in self._entrance.by_call.values()), *coming))
