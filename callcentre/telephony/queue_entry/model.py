"""The way into a queue at a place: one at a time, so that nobody is put before somebody who joined earlier.

`Queue()` reads the place once, on entering. Two who enter at the same moment would each count without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sortedcontainers import SortedList

from callcentre.kernel.command import Command
from callcentre.telephony.queue_view.order import Rank, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue(Command):
    """Let a call that we hold go on into `Queue()`, behind those who stand before it (`order.py`).

    `variables` are set on the channel before. `Queue()` itself reads `priority` from QUEUE_PRIO.
    """

    call: str
    queue: str
    joined_at: datetime
    priority: int = 0
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTheDoor:
    """A call that is to go into a queue. `since`: it was let in then and has not been seen there yet.

    Gone with us: after a restart those whom we hold are sent in anew.
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
        """Its place in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWay:
    """A live caller who is not in `Queue()` now, but will be: we speak with them, or they stand at the door.

    They joined at `joined_at`, and keep their place meanwhile. Gone with us, and back with what we say to them.
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
        """Its place in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)


class Coming:
    """Everybody who is on the way into a queue. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.by_call: dict[str, OnTheWay] = {}
        self._ranks: dict[str, SortedList[Rank]] = {}

    def before(self, queue: str, order: Rank) -> int:
        """How many on the way into a queue stand before this rank, in O(log n)."""
        ranks = self._ranks.get(queue)
        return 0 if ranks is None else ranks.bisect_left(order)

    def into(self, queue: str) -> bool:
        """Whether anybody is on the way into this queue."""
        return bool(self._ranks.get(queue))

    def put(self, record: OnTheWay) -> None:
        """Take a record in place of the one with its call."""
        self.delete(record)
        self.by_call[record.call] = record
        self._ranks.setdefault(record.queue, SortedList()).add(record.rank)

    def delete(self, record: OnTheWay) -> None:
        """Forget a record."""
        before = self.by_call.pop(record.call, None)
        if before is not None:
            self._ranks[before.queue].remove(before.rank)


class Entrance:
    """Everybody who is to go into a queue, by queue."""

    def __init__(self) -> None:
        self.by_call: dict[str, AtTheDoor] = {}

    def passing(self, queue: str) -> AtTheDoor | None:
        """Who was let in and has not been seen in the queue yet."""
        return next((one for one in self._of(queue) if one.since is not None), None)

    def next(self, queue: str) -> AtTheDoor | None:
        """Who is let in next: the first in the order of the queue."""
        waiting = (one for one in self._of(queue) if one.since is None)
        return min(waiting, key=lambda one: one.rank, default=None)

    def _of(self, queue: str) -> list[AtTheDoor]:
        return [one for one in self.by_call.values() if one.queue == queue]

    def put(self, record: AtTheDoor) -> None:
        """Take a record in place of the one with its call."""
        self.by_call[record.call] = record

    def delete(self, record: AtTheDoor) -> None:
        """Forget a record."""
        self.by_call.pop(record.call, None)
