"""Who may stay when many are connected: a rule over connections, without sockets and without a clock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

PER_ADDRESS: Final = 100
"""Connections of one address at once. A browser opens six, a gateway one for each text it brings at that moment."""

C = TypeVar("C", bound=Hashable)


@dataclass(slots=True)
class _Group(Generic[C]):
    """The connections of one address: all, and those that wait for their client, longest first."""

    count: int = 0
    waiting: OrderedDict[C, None] = field(default_factory=OrderedDict)


class Crowd(Generic[C]):
    """All connections, by what stands for the person behind each.

    A connection waits while its client owes us something: the head or the body of a request, or the next request on a
    connection that is kept. Who waits costs nobody an answer, so where there is no room the one that waits longest
    goes, and only where nobody waits the newcomer. Somebody who opens a thousand connections to say nothing thereby
    pushes out mostly their own.
    """

    def __init__(self) -> None:
        self._whose: dict[C, str] = {}
        self._waiting: OrderedDict[C, None] = OrderedDict()
        self._groups: dict[str, _Group[C]] = {}

    def __len__(self) -> int:
        return len(self._whose)

    def enter(self, connection: C, person: str, *, most: int, of_person: int | None) -> C | None:
        """Take in a new connection, which waits; who must go for it: another, itself, or nobody.

        `most` are the connections that there may be in all, `of_person` those of one person; None: any number.
        """
        group = self._groups.get(person)
        victim: C | None = None
        if of_person is not None and group is not None and group.count >= of_person:
            victim = next(iter(group.waiting), connection)
        elif len(self._whose) >= most:
            victim = next(iter(self._waiting), connection)
        if victim is connection:
            return connection
        if victim is not None:
            self.leave(victim)
        self._whose[connection] = person
        self._groups.setdefault(person, _Group()).count += 1
        self.waits(connection)
        return victim

    def waits(self, connection: C) -> None:
        """From now on this one waits for its client; it goes behind those that waited before."""
        if (person := self._whose.get(connection)) is None:
            return
        for waiting in (self._waiting, self._groups[person].waiting):
            waiting[connection] = None
            waiting.move_to_end(connection)

    def works(self, connection: C) -> None:
        """From now on the client waits for us."""
        if (person := self._whose.get(connection)) is not None:
            self._waiting.pop(connection, None)
            self._groups[person].waiting.pop(connection, None)

    def longest_waiting(self) -> C | None:
        """The one that would go next."""
        return next(iter(self._waiting), None)

    def leave(self, connection: C) -> None:
        """It is gone; once more does nothing."""
        self.works(connection)
        person = self._whose.pop(connection, None)
        if person is None:
            return
        group = self._groups[person]
        group.count -= 1
        if not group.count:
            del self._groups[person]
