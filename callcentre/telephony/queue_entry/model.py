"""The way into a queue at a place: one call at a time, so that nobody is put before somebody who joined earlier.

`Queue()` reads the place once, on entering. Two calls that enter at the same moment would each count without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.telephony.queue_view.order import Rank, rank

_EVERY_QUEUE: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue(Command):
    """Let a call that we hold go on into `Queue()`, behind the callers who are before it (`order.py`).

    `variables` are set on the channel before. `Queue()` itself reads `priority` from QUEUE_PRIO.
    """

    call: str
    queue: str
    joined_at: datetime
    priority: int = 0
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassNext(Command):
    """Let nobody wait any longer for a call that was let in and has not been seen in its queue in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTheDoor:
    """A call that is to go into a queue. `since`: it was let in then and has not been seen there yet.

    It is in memory only: after a restart the calls that we hold are sent in anew.
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
    """A live caller who is not in `Queue()` now, but will be: we speak with them, or they wait to be let in.

    They joined at `joined_at`, and keep their place meanwhile. It is in memory only, and is put anew when we speak with
    them again.
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
    """Everybody who is on the way into a queue."""

    def __init__(self) -> None:
        self.by_call = Collection(OnTheWay)
        self._ranks = self.by_call.ordered(group=lambda one: one.queue, order=lambda one: one.rank)

    def before(self, queue: str, order: Rank) -> int:
        """How many on the way into a queue are before this rank, in O(log n)."""
        return self._ranks.before(queue, order)

    def into(self, queue: str) -> bool:
        """Whether anybody is on the way into this queue."""
        return self._ranks.count(queue) > 0


class Entrance:
    """Everybody who is to go into a queue: those who wait for it, and those who were let in."""

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
