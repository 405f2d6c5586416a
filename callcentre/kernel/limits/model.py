"""Limits per person and day: how often each person may cause something that costs money or reaches others.

A count is put in the same commit as what it counts, so that no crash loses it. A person is the keyed hash of an E.164
number. Callers with a withheld number cannot be distinguished, so all of them together count as one person.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from callcentre.kernel.decision import Record, Take
from callcentre.kernel.event import Event
from callcentre.kernel.records import Records
from callcentre.values.numbers import caller_hash

WITHHELD = "withheld"
"""The person that stands for all callers with a withheld number."""


class Count(Record, frozen=True, kw_only=True):
    """How often something of a kind was done for a person on a day (ISO date in `settings.timezone`).

    The component that counts chooses the kind. No two components may use the same kind.
    """

    of_program: ClassVar[bool] = True

    kind: str
    person: str
    day: str
    used: int

    @property
    def key(self) -> str:
        return f"{self.day} {self.kind} {self.person}"


class Bounds:
    """The counts of the current day, and of earlier days until they are deleted. They are rows, read by their keys."""

    def __init__(self) -> None:
        self.counts = Records(Count, table="bounds", indexes=("day",))

    def used(self, kind: str, person: str, day: str) -> int:
        """The count of a person on a day."""
        return self._of(kind, person, day).used

    def take(self, kind: str, person: str, day: str, limit: int, lost: Event | None = None) -> Take | None:
        """The change that adds one; None when `limit` is reached. Commit it together with what it counts.

        `lost` is decided when another daemon has taken the last one meanwhile. Without it, the count stays at the
        limit and what is counted happens all the same.
        """
        before = self._of(kind, person, day)
        if before.used >= limit:
            return None
        return Take(replace(before, used=before.used + 1), "used", most=limit, lost=lost)

    def give_back(self, kind: str, person: str, day: str) -> Take | None:
        """The change that takes one off again, since what was counted did not happen; None when nothing is counted."""
        before = self._of(kind, person, day)
        return None if before.used == 0 else Take(replace(before, used=before.used - 1), "used", n=-1)

    def _of(self, kind: str, person: str, day: str) -> Count:
        none = Count(kind=kind, person=person, day=day, used=0)
        return self.counts.get(none.key) or none


def person(key: bytes, number: str | None) -> str:
    """The person with a number in E.164; `WITHHELD` for None. `key` is the secret for hashing numbers."""
    return caller_hash(key, number) if number else WITHHELD
