"""Counts outgoing calls of every kind: for each day, and for each number and day.

A component that wants to dial asks for `permission` and commits its changes together with the attempt, so that no
crash loses a counted call. A cap that can be forgotten does not protect against toll fraud.

Calls are counted in one row for each number and day. Dialling reads and writes one of these rows, however many numbers
were dialled that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from callcentre.kernel.alarm import Alarm
from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Signal
from callcentre.kernel.decision import NOTHING, Change, Decision, Put, Record
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
    """The number of calls on a day (ISO date in the configured timezone), and whether the cap's alarm is raised."""

    day: str
    total: int = 0
    alarmed: bool = False

    @property
    def key(self) -> str:
        return "dialled"


class CallsToNumber(Record, frozen=True, kw_only=True):
    """The number of calls to a number on a day; `caller` is its keyed hash."""

    day: str
    caller: str
    calls: int

    @property
    def key(self) -> str:
        return calls_to_number(self.day, self.caller)


def calls_to_number(day: str, caller: str) -> str:
    """The key of the calls to a number on a day."""
    return f"{day} {caller}"


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
        self.day_total = Collection(Dialled, table="dialled")
        self.numbers = Records(CallsToNumber, table="dialled_numbers", indexes=("day",))
        self.routes = Collection(Route, table="route")
        self.collections: tuple[Collection[Any] | Records[Any], ...] = (
            self.heard, self.routes, self.day_total, self.numbers,
        )  # fmt: skip
        """The collections, for the component of dialling."""

    @property
    def dialled(self) -> Dialled | None:
        """The calls of the latest day with any."""
        return self.day_total.only

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
    """This number may be dialled now. `counted` are the changes that count the call: commit them with the attempt."""

    number: str
    counted: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """This number may not be dialled now.

    `reason` is per_day or per_number (until midnight), call_hours (until they begin next), or that of the number
    policy. Commit `decision` in any case: the first call above the cap of the day raises the alarm.
    """

    reason: str
    decision: Decision = NOTHING


def spent(dialled: Dialled | None, *, day: str, per_day: int) -> bool:
    """Whether the day's calls are used up."""
    return dialled is not None and dialled.day == day and dialled.total >= per_day


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
    latest = outgoing.dialled or Dialled(day=day)
    today = latest if latest.day == day else Dialled(day=day, alarmed=latest.alarmed)
    if today.total >= dialling.per_day:
        if today.alarmed:
            return Denied("per_day")
        alarm = Decision(changes=(Put(replace(today, alarmed=True)),), facts=(PER_DAY_ALARM.raised(),))
        return Denied("per_day", alarm)
    calls = outgoing.calls_to(caller, day)
    if calls >= dialling.per_number_per_day - spare:
        return Denied("per_number")
    one_more = (
        Put(replace(today, total=today.total + 1)),
        Put(CallsToNumber(day=day, caller=caller, calls=calls + 1)),
    )
    return Granted(verdict.e164, one_more)


def alarm_over(dialled: Dialled | None, *, day: str, per_day: int) -> Decision:
    """Clear the alarm of a day that is over, or whose cap was raised."""
    if dialled is None or not dialled.alarmed or spent(dialled, day=day, per_day=per_day):
        return NOTHING
    return Decision(changes=(Put(replace(dialled, alarmed=False)),), facts=(PER_DAY_ALARM.cleared(),))


def given_back(outgoing: Outgoing, caller: str, day: str) -> Decision:
    """Uncount a call of today that did not go out; `caller` is the keyed hash of its number."""
    dialled, calls = outgoing.dialled, outgoing.calls_to(caller, day)
    if dialled is None or dialled.day != day or not calls:
        return NOTHING
    one_less = CallsToNumber(day=day, caller=caller, calls=calls - 1)
    return Decision(changes=(Put(replace(dialled, total=dialled.total - 1)), Put(one_less)))
