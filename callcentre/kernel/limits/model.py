"""Limits per person and day: how often each person may have us do something that costs money or reaches others.

A count is put in the same commit as what it counts, so that no crash forgets it. A person is the keyed hash of an E.164
number; callers who withhold their number cannot be told apart, so they are one person together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcentre.kernel.decision import Put
from callcentre.kernel.records import Records
from callcentre.values.numbers import caller_hash

WITHHELD = "withheld"
"""The one person that all callers with a withheld number are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something of a kind was done for a person on a day (ISO date in `settings.timezone`).

    The component that counts names the kind. No two components have the same name for theirs.
    """

    kind: str
    person: str
    day: str
    used: int

    @property
    def key(self) -> str:
        return f"{self.day} {self.kind} {self.person}"


@dataclass(frozen=True, slots=True)
class CountsDropped:
    """The counts of the days before this one (ISO date) were dropped since the start."""

    before: str

    @property
    def key(self) -> str:
        return "dropped"


class Bounds:
    """The counts of the current day, and of earlier days until they are dropped. They are rows, found by their keys."""

    def __init__(self) -> None:
        self.counts = Records(Count, table="bounds", indexes=("day",))

    def used(self, kind: str, person: str, day: str) -> int:
        """How often it was done for this person on this day."""
        return self._of(kind, person, day).used

    def take(self, kind: str, person: str, day: str, limit: int) -> Put | None:
        """The change that counts one more; None when `limit` is reached. Commit it together with what it counts."""
        before = self._of(kind, person, day)
        return None if before.used >= limit else Put(replace(before, used=before.used + 1))

    def _of(self, kind: str, person: str, day: str) -> Count:
        none = Count(kind=kind, person=person, day=day, used=0)
        return self.counts.get(none.key) or none


def person(key: bytes, number: str | None) -> str:
    """The person behind a number in E.164; `WITHHELD` for none. `key` is the secret that numbers are hashed with."""
    return caller_hash(key, number) if number else WITHHELD
