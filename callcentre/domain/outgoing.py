"""The calls that we make ourselves, of every kind: how many a day, and how many to one number.

Whoever wants to dial asks `permission` and commits what it says together with the attempt, so that no crash forgets a
call that was counted (toll fraud: a cap that can be forgotten is none).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callcentre.domain.decisions import NOTHING, Decision, Put
from callcentre.domain.facts import AlarmCleared, AlarmRaised
from callcentre.domain.numbers import Allowed, NumberPolicy, caller_hash

if TYPE_CHECKING:
    from callcentre.config.sections import Dialling

PER_DAY_ALARM = "dialling_per_day"

Q850_BUSY = frozenset({17})
Q850_IMPOSSIBLE = frozenset({1, 2, 3, 21, 22, 28})
"""ITU-T Q.850: unallocated number, no route, call rejected, number changed, invalid number format."""
Q850_NO_ANSWER = frozenset({0, 16, 18, 19, 26, 31, 127})
"""Normal clearing before an answer is how a phone that rings in vain looks, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """How often we dialled on a day (ISO date in the configured timezone), in all and each number by keyed hash."""

    day: str
    total: int = 0
    numbers: dict[str, int]
    alarmed: bool = False

    @property
    def key(self) -> str:
        return "dialled"


class Outgoing:
    """What is remembered of the calls that we made."""

    def __init__(self) -> None:
        self.dialled: Dialled | None = None

    def put(self, record: Dialled) -> None:
        """Take a day's count in place of the one before."""
        self.dialled = record

    def delete(self, _record: Dialled) -> None:
        """Forget the count."""
        self.dialled = None


@dataclass(frozen=True, slots=True)
class Granted:
    """This number may be dialled now. `dialled` counts the call already: commit it with the attempt."""

    number: str
    dialled: Dialled


@dataclass(frozen=True, slots=True)
class Denied:
    """This number may not be dialled: `reason` is per_day, per_number (until midnight), or the number policy's.

    `decision` is to be committed all the same: the first to meet the cap of the day raises the alarm.
    """

    reason: str
    decision: Decision = NOTHING


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """The day of a moment as an ISO date in a timezone."""
    return at.astimezone(zone).date().isoformat()


def midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in a timezone."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def spent(dialled: Dialled | None, *, day: str, per_day: int) -> bool:
    """Whether the day's calls are used up."""
    return dialled is not None and dialled.day == day and dialled.total >= per_day


def permission(
    dialled: Dialled | None,
    number: str,
    dialling: Dialling,
    numbers: NumberPolicy,
    *,
    key: bytes,
    day: str,
    spare: int = 0,
) -> Granted | Denied:
    """Say whether a number may be dialled once more today, with `spare` calls to it left for what matters more.

    `key` is the secret that numbers are hashed with.
    """
    verdict = numbers.may_dial(number)
    if not isinstance(verdict, Allowed):
        return Denied(verdict.reason.value)
    caller = caller_hash(key, verdict.e164)
    today = dialled or Dialled(day=day, numbers={})
    if today.day != day:
        today = Dialled(day=day, numbers={}, alarmed=today.alarmed)
    if today.total >= dialling.per_day:
        if today.alarmed:
            return Denied("per_day")
        alarm = Decision(changes=(Put(replace(today, alarmed=True)),), facts=(AlarmRaised(reason=PER_DAY_ALARM),))
        return Denied("per_day", alarm)
    if today.numbers.get(caller, 0) >= dialling.per_number_per_day - spare:
        return Denied("per_number")
    counted = replace(today, total=today.total + 1, numbers={**today.numbers, caller: today.numbers.get(caller, 0) + 1})
    return Granted(verdict.e164, counted)


def alarm_over(dialled: Dialled | None, *, day: str, per_day: int) -> Decision:
    """Clear the alarm of a day that has passed, or whose cap was raised."""
    if dialled is None or not dialled.alarmed or spent(dialled, day=day, per_day=per_day):
        return NOTHING
    return Decision(changes=(Put(replace(dialled, alarmed=False)),), facts=(AlarmCleared(reason=PER_DAY_ALARM),))


def reason_of(cause: int) -> str:
    """What the Q.850 cause of a call that was not taken means for the next attempt."""
    if cause in Q850_BUSY:
        return "busy"
    if cause in Q850_IMPOSSIBLE:
        return "impossible"
    return "no_answer" if cause in Q850_NO_ANSWER else "failed"
