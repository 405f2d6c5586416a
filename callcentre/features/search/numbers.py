"""The full number of a person, where it is still known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.people import People

_FIELDS = ("callback", "message", "call", "survey")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Finds full numbers in what all components know now."""

    known: Sequence[KnowsNumber]
    people: People

    def of(self, caller: str, facts: Sequence[Mapping[str, Any]]) -> str | None:
        """The number (E.164) of the person with this keyed hash, by the facts about them; None: it is not kept."""
        for field, value in _leads(caller, facts):
            for each in self.known:
                number = each.of(field, value)
                # The number of a callback may have become another one since a fact.
                if number is not None and self.people.caller(number) == caller:
                    return number
        return None


def _leads(caller: str, facts: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    yield "caller", caller
    seen: set[tuple[str, str]] = set()
    for fact in reversed(facts):
        for field in _FIELDS:
            lead = (field, str(fact.get(field) or ""))
            if lead[1] and lead not in seen:
                seen.add(lead)
                yield lead
