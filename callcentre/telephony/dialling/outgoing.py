"""Counts outgoing calls of every kind: for each day, and for each number and day.

A component that wants to dial asks for `permission` and commits its changes together with the attempt, so that no
crash loses a counted call. A cap that can be forgotten does not protect against toll fraud.

Calls are counted in one row for each number and day, and one for each day. Dialling reads and writes one of each,
however many numbers were dialled that day. All daemons that share a database count in the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import msgspec

from callcentre.kernel.alarm import Alarm
from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Signal
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put, Record, Take
from callcentre.kernel.event import Event
from callcentre.kernel.records import Records
from callcentre.telephony.dialling.outcome import Heard, Outcome
from callcentre.telephony.dialling.route import UNTRIED, Route
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.values.numbers import Allowed, NumberPolicy, caller_hash

PER_DAY_ALARM = Alarm(
    reason="dialling_per_day",
    when="`dialling.per_day` is used up: nobody is called back until midnight",
    until="the next day, or when the cap is raised",
    remedy="look who is called so often; raise the cap",
)
CALL_HOURS: Final = "call_hours"
"""The reason why a number may not be dialled now: it is outside `numbers.call_hours` where the number is."""


class Dialled(Record, frozen=True, kw_only=True):
    """The number of calls on a day (ISO date in the configured timezone)."""

    of_program: ClassVar[bool] = True

    day: str
    total: int = 0

    @property
    def key(self) -> str:
        return self.day


class CapReached(Record, frozen=True, kw_only=True):
    """The alarm of the cap is raised since this day."""

    of_program: ClassVar[bool] = True

    day: str

    @property
    def key(self) -> str:
        return "dialled"


class CallsToNumber(Record, frozen=True, kw_only=True):
    """The number of calls to a number on a day; `caller` is its keyed hash."""

    of_program: ClassVar[bool] = True

    day: str
    caller: str
    calls: int

    @property
    def key(self) -> str:
        return calls_to_number(self.day, self.caller)


def calls_to_number(day: str, caller: str) -> str:
    """The key of the calls to a number on a day."""
    return f"{day} {caller}"


class CallNotCounted(Event, frozen=True, kw_only=True):
    """Another daemon has used up the calls of the day, or those to the number, before `call` could be counted."""

    call: str


class CallInVain(Signal, frozen=True, kw_only=True):
    """Nobody answered an outgoing call for a callback; `outcome` is its meaning for the next attempt.

    `reserves`: the call was to ring an agent for the customer.
    """

    call: str
    callback: str
    outcome: Outcome
    reserves: bool = False


class Outgoing:
    """Today's outgoing calls, and the events of those that nobody has answered yet."""

    def __init__(self) -> None:
        self.heard = Collection(Heard)
        self._legs = self.heard.index_many(lambda heard: (leg.channel for leg in heard.legs))
        self.days = Records(Dialled, table="dialled_days", key="day")
        self.cap = Collection(CapReached, table="dialled")
        self.numbers = Records(CallsToNumber, table="dialled_numbers", indexes=("day",))
        self.routes = Collection(Route, table="route")
        self.collections: tuple[Collection[Any] | Records[Any], ...] = (
            self.heard, self.routes, self.days, self.cap, self.numbers,
        )  # fmt: skip
        """The collections, for the component of dialling."""

    def total(self, day: str) -> int:
        """The number of calls on a day. One row is read."""
        dialled = self.days.get(day)
        return 0 if dialled is None else dialled.total

    def calls_to(self, caller: str, day: str) -> int:
        """The number of calls to a number, by keyed hash, on a day. One row is read."""
        known = self.numbers.get(calls_to_number(day, caller))
        return 0 if known is None else known.calls

    @property
    def route(self) -> Route:
        """What is known about the route to a network."""
        return self.routes.only or UNTRIED

    def of_channel(self, channel: str) -> Heard | None:
        """The record of the outgoing call with this channel, which is its own or was dialled for it by the dialplan."""
        return self.heard.get(channel) or self._legs.get(channel)

    def put(self, record: Any) -> None:
        """Store a record as the engine does, where there is no engine."""
        next(kept for kept in self.collections if kept.record is type(record)).put(record)


@dataclass(frozen=True, slots=True)
class Granted:
    """This number may be dialled now. Commit `counted` with the attempt."""

    number: str
    takes: tuple[Take, ...]

    def also(self, *takes: Take) -> Granted:
        """The same, with more that counts this call."""
        return Granted(self.number, (*self.takes, *takes))

    def counted(self, call: str, at: datetime) -> tuple[Change, ...]:
        """The changes that count this call. When another daemon has made the last one, the call is not dialled."""
        return tuple(msgspec.structs.replace(take, lost=CallNotCounted(at=at, call=call)) for take in self.takes)


@dataclass(frozen=True, slots=True)
class Denied:
    """This number may not be dialled now.

    `reason` is per_day, also for the cap of an organisation, or per_number (both until midnight), call_hours (until
    they begin next), or that of the number policy. Commit `decision` in any case: the first call above the cap of the
    day raises the alarm.
    """

    reason: str
    decision: Decision = NOTHING


def spent(outgoing: Outgoing, *, day: str, per_day: int) -> bool:
    """Whether the day's calls are used up."""
    return outgoing.total(day) >= per_day


def permission(
    outgoing: Outgoing,
    number: str,
    dialling: DiallingSettings,
    numbers: NumberPolicy,
    *,
    key: bytes,
    day: str,
    at: datetime,
    zone: ZoneInfo,
    spare: int = 0,
) -> Granted | Denied:
    """Whether a number may be dialled once more today, with `spare` calls to it left for more important uses.

    `key` is the secret for hashing numbers; `day` is the day of `at`, an ISO date. `zone` is that of the service that
    calls: its call hours apply to a number with an unknown timezone.
    """
    verdict = numbers.may_dial(number)
    if not isinstance(verdict, Allowed):
        return Denied(verdict.reason.value)
    if numbers.next_call(verdict.e164, at, zone) > at:
        return Denied(CALL_HOURS)
    caller = caller_hash(key, verdict.e164)
    total = outgoing.total(day)
    if total >= dialling.per_day:
        if outgoing.cap.only is not None:
            return Denied("per_day")
        alarm = Decision(changes=(Put(CapReached(day=day)),), facts=(PER_DAY_ALARM.raised(),))
        return Denied("per_day", alarm)
    calls, most = outgoing.calls_to(caller, day), dialling.per_number_per_day - spare
    if calls >= most:
        return Denied("per_number")
    one_more = (
        Take(Dialled(day=day, total=total + 1), "total", most=dialling.per_day),
        Take(CallsToNumber(day=day, caller=caller, calls=calls + 1), "calls", most=most),
    )
    return Granted(verdict.e164, one_more)


def alarm_over(outgoing: Outgoing, *, day: str, per_day: int) -> Decision:
    """Clear the alarm of a day that is over, or whose cap was raised."""
    raised = outgoing.cap.only
    if raised is None or spent(outgoing, day=day, per_day=per_day):
        return NOTHING
    return Decision(changes=(Delete(raised),), facts=(PER_DAY_ALARM.cleared(),))


def given_back(outgoing: Outgoing, caller: str, day: str) -> Decision:
    """Uncount a call of today that did not go out; `caller` is the keyed hash of its number."""
    total, calls = outgoing.total(day), outgoing.calls_to(caller, day)
    if not total or not calls:
        return NOTHING
    one_less = (
        Take(Dialled(day=day, total=total - 1), "total", -1),
        Take(CallsToNumber(day=day, caller=caller, calls=calls - 1), "calls", -1),
    )
    return Decision(changes=one_less)
