"""Queue entry at a place: one call at a time, so that no caller is put before one who joined earlier.

`Queue()` reads the place once, on entry. Two calls that enter at the same moment would each count without the other.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.kernel.decision import Record
from callcentre.telephony.queue_view.order import Rank, rank

_EVERY_QUEUE: Final = ""


class EnterQueue(Command, frozen=True, kw_only=True):
    """Let a call in Stasis continue into `Queue()`, behind the callers before it (`order.py`).

    `variables` are set on the channel first. `Queue()` itself reads `priority` from QUEUE_PRIO.
    """

    call: str
    queue: str
    joined_at: datetime
    priority: int = 0
    variables: tuple[tuple[str, str], ...] = ()


class PassNext(Command, frozen=True, kw_only=True):
    """Stop waiting for a call that was let in and has not been seen in its queue in time."""


class AtTheDoor(Record, frozen=True, kw_only=True):
    """A call that is about to enter a queue. `since`: it was let in then and has not been seen in the queue yet.

    In memory only: after a restart the calls in Stasis are sent in again.
    """

    call: str
    queue: str
    joined_at: datetime
    priority: int = 0
    variables: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None

    @property
    def key(self) -> str:
        return self.call

    @property
    def rank(self) -> Rank:
        """Its rank in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)


class OnTheWay(Record, frozen=True, kw_only=True):
    """A live caller who is not in `Queue()` now, but will be: in a dialogue with us, or waiting to be let in.

    The caller joined at `joined_at`, and keeps that place. In memory only: it is put again when the next dialogue
    begins after a restart.
    """

    call: str
    queue: str
    joined_at: datetime
    priority: int = 0

    @property
    def key(self) -> str:
        return self.call

    @property
    def rank(self) -> Rank:
        """Its rank in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)


class Coming:
    """All callers on their way into a queue."""

    def __init__(self) -> None:
        self.by_call = Collection(OnTheWay)
        self._ranks = self.by_call.ordered(group=lambda one: one.queue, order=lambda one: one.rank)

    def before(self, queue: str, order: Rank) -> int:
        """The number of callers on their way into a queue before this rank, in O(log n)."""
        return self._ranks.before(queue, order)

    def queues(self) -> AbstractSet[str]:
        """The queues that any caller is on the way into."""
        return self._ranks.groups()


class Entrance:
    """All calls that are about to enter a queue: those that wait, and those that were let in."""

    def __init__(self) -> None:
        self.by_call = Collection(AtTheDoor)
        self._waiting = self.by_call.ordered(
            group=lambda one: one.queue if one.since is None else None, order=lambda one: one.rank
        )
        self._passing = self.by_call.index(lambda one: one.queue if one.since is not None else None)
        self._let_in = self.by_call.ordered(
            group=lambda one: _EVERY_QUEUE if one.since is not None else None, order=lambda one: one.since
        )

    def passing(self, queue: str) -> AtTheDoor | None:
        """The call that was let in and has not been seen in the queue yet."""
        return self._passing.get(queue)

    def next(self, queue: str) -> AtTheDoor | None:
        """The call that is let in next: the first in the order of the queue."""
        return self._waiting.first(queue)

    def let_in_first(self) -> AtTheDoor | None:
        """Of the calls that were let in and have not been seen in their queue yet, the one that was let in first."""
        return self._let_in.first(_EVERY_QUEUE)
