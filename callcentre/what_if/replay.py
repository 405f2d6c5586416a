"""Calls of the past from a queue_log: which callers joined when and where, and which conversations ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, assert_never

from callcentre.telephony.contexts import RESERVATION_MARK
from callcentre.telephony.queue_view.model import Duty
from callcentre.what_if.queue_log import Entry, Meaning
from callcentre.what_if.staffing import Seat, Staffing

_STILL_WAITS: Final = frozenset({"AGENTDUMP", "RINGNOANSWER"})
"""Events that app_queue writes only while the caller waits and continues to wait."""

_LONGEST: Final = 24 * 60 * 60.0
"""Seconds after which a call without an end in the log counts as over: Asterisk was killed meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A caller joins a queue with `ahead` waiting callers; `dialled` is the dialled number, where the log has it.

    `again`: the same call was in a queue before, and rules may have seen it then.
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
    """`queue` is where the caller waits; `is_here` from joining until the caller leaves or has talked.

    `talks_since` is when an agent took the call. `is_doubtful`: an unknown event may have meant that the caller left.
    """

    number: str
    dialled: str
    seen_at: float
    queue: str | None = None
    is_here: bool = False
    was_here: bool = False
    talks_since: float | None = None
    is_doubtful: bool = False


class Replay:
    """Follows the calls of all queues. It remembers current calls, and for a day those whose end is unknown.

    `unknown` counts unknown events. A caller with an unknown event during the wait is gone at the latest when the
    number calls again, or when the call appears elsewhere. After an unknown event in a conversation, the caller is gone
    when the agent takes another call.
    """

    def __init__(self, staffing: Staffing) -> None:
        self._staffing = staffing
        self._callers: dict[str, _Caller] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        self._doubtful: dict[str, set[str]] = {}
        self._talking: dict[Seat, str] = {}
        self._reservations: set[str] = set()
        self.unknown: Counter[str] = Counter()

    def moments(self, entries: Iterable[Entry]) -> Iterator[Moment]:
        """What happens, in the order of the log."""
        for entry in entries:
            self._staffing.take(entry)
            yield from self._take(entry)

    def _take(self, entry: Entry) -> Iterator[Moment]:
        if entry.event == "QUEUESTART":
            self._reservations.clear()
            yield from self._forget(entry, 0.0)
        elif entry.event == RESERVATION_MARK:
            self._reservations.add(entry.call)
        if entry.call in self._reservations:
            if entry.meaning is Meaning.TALKS:
                yield from self._takes_another_call(entry)
            return
        yield from self._elsewhere(entry)
        match entry.meaning:
            case Meaning.JOINS:
                yield from self._forget(entry, _LONGEST)
                yield from self._called_again(entry)
                yield from self._enters(entry)
            case Meaning.TALKS:
                yield from self._talks(entry)
            case Meaning.HAS_TALKED:
                yield from self._has_talked(entry)
            case Meaning.LEAVES:
                yield from self._departs(entry.call, entry)
                if entry.event == "ABANDON":
                    self._callers.pop(entry.call, None)
            case Meaning.WAITS:
                if entry.event == "DID" and entry.data:
                    self._caller(entry).dialled = entry.data[0]
                elif entry.event in _STILL_WAITS:
                    self._is_certain(entry)
            case Meaning.NONE:
                pass
            case None:
                self._doubt(entry)
            case _:
                assert_never(entry.meaning)

    # --- conversations ---------------------------------------------------------------------------

    def _talks(self, entry: Entry) -> Iterator[Moment]:
        yield from self._takes_another_call(entry)
        self._waits_no_more(entry.call)
        self._is_certain(entry)
        if caller := self._callers.get(entry.call):
            caller.talks_since = entry.at

    def _takes_another_call(self, entry: Entry) -> Iterator[Moment]:
        """An agent takes a call. Another call of the agent, whose end is unknown, is over."""
        before = self._talking.get((entry.queue, entry.member))
        self._talking[entry.queue, entry.member] = entry.call
        if before not in (None, entry.call) and (caller := self._callers.get(before)) and caller.is_doubtful:
            yield from self._departs(before, entry)

    def _has_talked(self, entry: Entry) -> Iterator[Moment]:
        call = self._call_that_ends(entry)
        self._waits_no_more(call)
        caller = self._callers.get(call)
        if caller is not None and caller.is_here:
            talk = entry.talk
            if talk is None:
                talk = max(0.0, entry.at - (entry.at if caller.talks_since is None else caller.talks_since))
            yield Conversation(
                at=_moment(entry), call=call, queue=entry.queue, number=caller.number, dialled=caller.dialled, talk=talk
            )
            caller.is_here, caller.talks_since = False, None
        # All others may come back: transferred into another queue, or continuing in the dialplan when the agent hung
        # up.
        if entry.event == "COMPLETECALLER":
            self._callers.pop(call, None)

    def _call_that_ends(self, entry: Entry) -> str:
        """The call of a conversation that has ended.

        When another channel replaced the caller's (a Local channel that optimised away, a pickup), app_queue writes the
        id of that channel, which never joined a queue: it is the call that this member had.
        """
        caller = self._callers.get(entry.call)
        if caller is not None and caller.is_here:
            return entry.call
        seat = (entry.queue, entry.member)
        call = self._talking.pop(seat, entry.call)
        other = self._callers.get(call)
        return call if other is not None and other.talks_since is not None else entry.call

    # --- unknown events --------------------------------------------------------------------------

    def _doubt(self, entry: Entry) -> None:
        self.unknown[entry.event] += 1
        caller = self._callers.get(entry.call)
        if caller is not None and caller.is_here:
            caller.is_doubtful = True
            if caller.number and caller.queue is not None:
                self._doubtful.setdefault(caller.number, set()).add(entry.call)

    def _is_certain(self, entry: Entry) -> None:
        """app_queue has the caller in a queue or in a conversation: an unknown event before did not end that."""
        caller = self._callers.get(entry.call)
        if caller is not None:
            caller.is_doubtful = False

    def _elsewhere(self, entry: Entry) -> Iterator[Moment]:
        """A caller who may have left appears in another queue."""
        caller = self._callers.get(entry.call)
        if (
            caller is not None
            and caller.is_doubtful
            and caller.queue is not None
            and (entry.queue not in ("NONE", caller.queue))
        ):
            yield from self._departs(entry.call, entry)

    def _called_again(self, entry: Entry) -> Iterator[Moment]:
        """A caller who may have left calls again."""
        for call in sorted(self._doubtful.pop(entry.number, ())):
            caller = self._callers.get(call)
            if call != entry.call and caller is not None and caller.is_doubtful:
                yield from self._departs(call, entry)

    # --- joining and leaving ---------------------------------------------------------------------

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
            ahead=ahead, duty=self._staffing.duty(entry.queue), again=again,
        )  # fmt: skip

    def _caller(self, entry: Entry) -> _Caller:
        return self._callers.setdefault(entry.call, _Caller(number="", dialled="", seen_at=entry.at))

    def _waits_no_more(self, call: str) -> None:
        caller = self._callers.get(call)
        if caller is not None and caller.queue is not None:
            self._waiting[caller.queue].pop(call, None)
            caller.queue = None
            if (doubtful := self._doubtful.get(caller.number)) is not None:
                doubtful.discard(call)
                if not doubtful:
                    del self._doubtful[caller.number]

    def _departs(self, call: str, entry: Entry) -> Iterator[Moment]:
        self._waits_no_more(call)
        caller = self._callers.get(call)
        if caller is not None and caller.is_here:
            caller.is_here, caller.talks_since = False, None
            yield Departure(at=_moment(entry), call=call, number=caller.number)

    def _forget(self, entry: Entry, seconds: float) -> Iterator[Moment]:
        """Forget callers first seen at least this long ago; they are at the front."""
        while self._callers:
            call, caller = next(iter(self._callers.items()))
            if entry.at - caller.seen_at < seconds:
                return
            yield from self._departs(call, entry)
            del self._callers[call]


def _moment(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.at, UTC)
