"""Calls of the past as a queue_log tells them: who came in when and where, and which conversations ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, assert_never

from callcentre.domain.calls import Duty
from callcentre.domain.contexts import RESERVATION_MARK
from callcentre.what_if.crew import Crew
from callcentre.what_if.queue_log import Entry, Meaning

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
    """`queue` is where they wait; `is_here` from coming in until they leave or have talked.

    `is_doubtful`: an event that nobody knows may have said that they left.
    """

    number: str
    dialled: str
    seen_at: float
    queue: str | None = None
    is_here: bool = False
    was_here: bool = False
    is_doubtful: bool = False


class Replay:
    """Follows the calls of all queues. It remembers those under way, and what it cannot know to be over for a day.

    `unknown` counts the events that nobody knows. Whoever had one is gone at the latest when their number calls again,
    or their call is heard of elsewhere.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._callers: dict[str, _Caller] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        self._doubtful: dict[str, str] = {}
        self._reservations: set[str] = set()
        self.unknown: Counter[str] = Counter()

    def moments(self, entries: Iterable[Entry]) -> Iterator[Moment]:
        """What happens, in the order of the log."""
        for entry in entries:
            self._crew.take(entry)
            yield from self._take(entry)

    def _take(self, entry: Entry) -> Iterator[Moment]:
        if entry.event == "QUEUESTART":
            self._reservations.clear()
            yield from self._forget(entry, 0.0)
        elif entry.event == RESERVATION_MARK:
            self._reservations.add(entry.call)
        if entry.call in self._reservations:
            return
        yield from self._elsewhere(entry)
        match entry.meaning:
            case Meaning.JOINS:
                yield from self._forget(entry, _LONGEST)
                yield from self._called_again(entry)
                yield from self._enters(entry)
            case Meaning.TALKS:
                self._waits_no_more(entry.call)
            case Meaning.HAS_TALKED:
                yield from self._has_talked(entry)
            case Meaning.LEAVES:
                yield from self._departs(entry.call, entry)
                if entry.event == "ABANDON":
                    self._callers.pop(entry.call, None)
            case Meaning.WAITS:
                if entry.event == "DID" and entry.data:
                    self._caller(entry).dialled = entry.data[0]
            case Meaning.NONE:
                pass
            case None:
                self._doubt(entry)
            case _:
                assert_never(entry.meaning)

    def _has_talked(self, entry: Entry) -> Iterator[Moment]:
        self._waits_no_more(entry.call)
        caller = self._callers.pop(entry.call, None)
        if caller is not None and caller.is_here:
            yield Conversation(
                at=_moment(entry), call=entry.call, queue=entry.queue, number=caller.number,
                dialled=caller.dialled, talk=entry.talk or 0.0,
            )  # fmt: skip

    # --- events that nobody knows ----------------------------------------------------------------

    def _doubt(self, entry: Entry) -> None:
        self.unknown[entry.event] += 1
        caller = self._callers.get(entry.call)
        if caller is not None and caller.is_here:
            caller.is_doubtful = True
            if caller.number:
                self._doubtful[caller.number] = entry.call

    def _elsewhere(self, entry: Entry) -> Iterator[Moment]:
        """Somebody of whom we do not know whether they still wait is heard of in another queue."""
        caller = self._callers.get(entry.call)
        if caller is not None and caller.is_doubtful and entry.queue not in ("NONE", caller.queue):
            yield from self._departs(entry.call, entry)

    def _called_again(self, entry: Entry) -> Iterator[Moment]:
        """Somebody of whom we do not know whether they still wait calls anew."""
        call = self._doubtful.pop(entry.number, None)
        if call is not None and call != entry.call and (caller := self._callers.get(call)) and caller.is_doubtful:
            yield from self._departs(call, entry)

    # --- those who come and go -------------------------------------------------------------------

    def _enters(self, entry: Entry) -> Iterator[Moment]:
        yield from self._departs(entry.call, entry)
        caller = self._caller(entry)
        again, caller.was_here = caller.was_here, True
        caller.number, caller.queue, caller.is_here, caller.is_doubtful = entry.number, entry.queue, True, False
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
