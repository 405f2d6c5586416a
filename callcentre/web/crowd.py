"""Which connections are closed when there are too many: a rule without sockets and without a clock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

PER_ADDRESS: Final = 100
"""The most waiting connections of one address. A browser keeps six, a gateway one for each text in transit."""

PATIENCE: Final = 1.0
"""Seconds until a connection may be closed because its address has too many: a gateway may send many texts at once."""

C = TypeVar("C", bound=Hashable)


@dataclass(slots=True)
class _Group(Generic[C]):
    """The connections of one address: their number, and those that wait for their client, longest first."""

    count: int = 0
    waiting: OrderedDict[C, float] = field(default_factory=OrderedDict)


class Crowd(Generic[C]):
    """All connections, by the address that stands for one customer (`customer_of`).

    A connection waits while its client is expected to send something: the head or the body of a request, or the next
    request on a kept connection. Closing it costs nobody an answer, so at the limit the one that has waited longest is
    closed. Where none waits, one more is accepted: `accept` waits before it takes the next. So a client that opens a
    thousand idle connections only loses its own. Connections that wait for our answer, and those that came a moment
    ago, count for the total limit only, and not for that of their address.
    """

    def __init__(self) -> None:
        self._whose: dict[C, str] = {}
        self._waiting: OrderedDict[C, float] = OrderedDict()
        self._groups: dict[str, _Group[C]] = {}

    def __len__(self) -> int:
        return len(self._whose)

    def enter(self, connection: C, person: str, at: float, *, most: int, of_person: int | None) -> C | None:
        """Add a new connection, which waits. Returns the one that must be closed for it, if any.

        `at` is in seconds of elapsed time, here and in `waits`. `most` is the limit for all connections, `of_person`
        that for waiting connections of one address; None: no limit.
        """
        group = self._groups.get(person)
        victim: C | None = None
        if of_person is not None and group is not None and len(group.waiting) >= of_person:
            victim = next(iter(group.waiting))
            if at - group.waiting[victim] < PATIENCE:
                victim = None
        if victim is None and len(self._whose) >= most:
            victim = next(iter(self._waiting), None)
        if victim is not None:
            self.leave(victim)
        self._whose[connection] = person
        self._groups.setdefault(person, _Group()).count += 1
        self.waits(connection, at)
        return victim

    def waits(self, connection: C, at: float) -> None:
        """From now on this connection waits for its client. It goes behind those that waited before."""
        if (person := self._whose.get(connection)) is None:
            return
        for waiting in (self._waiting, self._groups[person].waiting):
            waiting[connection] = at
            waiting.move_to_end(connection)

    def works(self, connection: C) -> None:
        """From now on the client waits for us."""
        if (person := self._whose.get(connection)) is not None:
            self._waiting.pop(connection, None)
            self._groups[person].waiting.pop(connection, None)

    def longest_waiting(self) -> C | None:
        """The connection that would be closed next."""
        return next(iter(self._waiting), None)

    def leave(self, connection: C) -> None:
        """The connection is gone. Repeating the call does nothing."""
        self.works(connection)
        person = self._whose.pop(connection, None)
        if person is None:
            return
        group = self._groups[person]
        group.count -= 1
        if not group.count:
            del self._groups[person]
