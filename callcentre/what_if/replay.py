"""Calls of the past as a queue_log tells them: who came in when and where, and which conversations ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callcentre.domain.calls import Duty
from callcentre.what_if.crew import Crew
from callcentre.what_if.queue_log import Entry

_LONGEST: Final = 24 * 60 * 60.0
"""Seconds after which a call is over whose end the log does not tell: Asterisk was killed meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A caller comes into a queue where `ahead` callers wait; `dialled` is the number they dialled, where it is told.

    `again`: the same call was in a queue before, and may have been looked at then.
    """

    at: datetime
    call: str
    queue: str
    number: str
    dialled: str
    ahead: int
    duty: Duty
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A caller has left a queue without having talked."""

    at: datetime
    call: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation of `talk` seconds has ended."""

    at: datetime
    call: str
    queue: str
    number: str
    dialled: str
    talk: float


Moment = Arrival | Departure | Conversation


@dataclass(slots=True)
class _Caller:
    """`queue` is where they wait; `is_here` from coming in until they leave or have talked."""

    number: str
    dialled: str
    seen_at: float
    queue: str | None = None
    is_here: bool = False
    was_here: bool = False


class Replay:
    """Follows the calls of all queues. It remembers those under way, and what it cannot know to be over for a day."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._callers: dict[str, _Caller] = {}
        self._waiting: dict[str, dict[str, None]] = {}

    def moments(self, entries: Iterable[Entry]) -> Iterator[Moment]:
        """What happens, in the order of the log."""
        for entry in entries:
            self._crew.take(entry)
            yield from self._take(entry)

    def _take(self, entry: Entry) -> Iterator[Moment]:
        match entry.event:
            case "DID" if entry.data:
                self._caller(entry).dialled = entry.data[0]
            case "ENTERQUEUE":
                yield from self._forget(entry, _LONGEST)
                yield from self._enters(entry)
            case "CONNECT":
                self._waits_no_more(entry.call)
            case "QUEUESTART":
                yield from self._forget(entry, 0.0)
            case _ if (talk := entry.talk) is not None:
                self._waits_no_more(entry.call)
                caller = self._callers.pop(entry.call, None)
                if caller is not None and caller.is_here:
                    yield Conversation(
                        at=_moment(entry), call=entry.call, queue=entry.queue, number=caller.number,
                        dialled=caller.dialled, talk=talk,
                    )  # fmt: skip
            case _ if entry.is_departure:
                yield from self._departs(entry.call, entry)
                if entry.event == "ABANDON":
                    self._callers.pop(entry.call, None)
            case _:
                pass

    def _enters(self, entry: Entry) -> Iterator[Moment]:
        yield from self._departs(entry.call, entry)
        caller = self._caller(entry)
        again, caller.was_here = caller.was_here, True
        caller.number, caller.queue, caller.is_here = entry.number, entry.queue, True
        waiting = self._waiting.setdefault(entry.queue, {})
        ahead = len(waiting)
        waiting[entry.call] = None
        yield Arrival(
            at=_moment(entry), call=entry.call, queue=entry.queue, number=caller.number, dialled=caller.dialled,
            ahead=ahead, duty=self._crew.duty(entry.queue), again=again,
        )  # fmt: skip

    def _caller(self, entry: Entry) -> _Caller:
        return self._callers.setdefault(entry.call, _Caller(number="", dialled="", seen_at=entry.at))

    def _waits_no_more(self, call: str) -> None:
        caller = self._callers.get(call)
        if caller is not None and caller.queue is not None:
            self._waiting[caller.queue].pop(call, None)
            caller.queue = None

    def _departs(self, call: str, entry: Entry) -> Iterator[Moment]:
        self._waits_no_more(call)
        caller = self._callers.get(call)
        if caller is not None and caller.is_here:
            caller.is_here = False
            yield Departure(at=_moment(entry), call=call, number=caller.number)

    def _forget(self, entry: Entry, seconds: float) -> Iterator[Moment]:
        """Let those go who were first seen so long ago or longer; they stand first."""
        while self._callers:
            call, caller = next(iter(self._callers.items()))
            if entry.at - caller.seen_at < seconds:
                return
            yield from self._departs(call, entry)
            del self._callers[call]


def _moment(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.at, UTC)
