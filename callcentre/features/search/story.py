"""Facts as a story: each in plain words with the reason, in the order of their time, grouped by day. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from callcentre.features.search.words.texts import KINDS
from callcentre.web.fact_words import FactWords, State
from callcentre.web.pages import duration
from callcentre.web.words import message as _

Say = Callable[[str], str]
"""A gettext message in the visitor's language."""

_FIELD: Final = re.compile(r"%\((\w+)\)s")
_LENGTHS: Final = frozenset({"wait", "talk", "seconds", "estimated_wait"})

_OTHER_REASON: Final = _("Reason: %(reason)s.")
_OTHER_WAY: Final = _("By: %(by)s.")
_ACT: Final = _("%(user)s did it.")
_BECAUSE: Final = _("The reason given: %(why)s")

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

LINKS: Final[Mapping[str, tuple[str, str]]] = {
    "call": ("/calls/", _("Call")),
    "callback": ("/callbacks/", _("Callback")),
    "message": ("/messages/", _("Text")),
    "caller": ("/people/", _("Person")),
}
"""The pages that the fields of a fact lead to: the beginning of their address, and their name."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page about something that a fact names."""

    path: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A fact in words.

    why: sentences with the reason and what else is known. number: masked.
    """

    at: datetime
    event: str
    state: State
    says: str
    why: Sequence[str]
    service: str
    number: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Day:
    """The steps of one day."""

    day: date
    steps: Sequence[Step]


def path_of(field: str, value: str) -> str:
    """The address of the page about what the field of a fact names."""
    return f"{LINKS[field][0]}{quote(value, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Puts facts into words for one visitor.

    words: by the name of the fact. say: in the visitor's language. service: the name of a service by its key. zone: the
    days are those of this timezone. linked: the fields whose pages the visitor may see.
    """

    words: Mapping[str, FactWords]
    say: Say
    service: Callable[[str], str]
    zone: ZoneInfo
    linked: Collection[str]

    def days(
        self, facts: Iterable[Mapping[str, Any]], known: Mapping[str, str] = _NOTHING, *, newest_first: bool = False
    ) -> list[Day]:
        """The steps of facts by day. `known`: values of fields that the page shows once, above the story."""
        steps = [self.step(fact, known) for fact in facts]
        steps.sort(key=lambda step: step.at)
        if newest_first:
            steps.reverse()
        by_day = groupby(steps, key=lambda step: step.at.astimezone(self.zone).date())
        return [Day(day, list(of_day)) for day, of_day in by_day]

    def step(self, fact: Mapping[str, Any], known: Mapping[str, str] = _NOTHING) -> Step:
        """One fact in words. A fact that no component has words for is shown by its name."""
        event, reason, service = str(fact["event"]), fact.get("reason"), str(fact.get("service") or "")
        words = self.words.get(event) or FactWords(event=event, says=(event,))
        values = self._values(fact)
        says = next((each for each in words.says if _fits(each, values)), words.says[-1])
        links = tuple(
            Link(path_of(field, str(fact[field])), self.say(label))
            for field, (_path, label) in LINKS.items()
            if field in self.linked and fact.get(field) and fact[field] != known.get(field)
        )
        return Step(
            at=datetime.fromisoformat(fact["at"]),
            event=event,
            state=words.states.get(str(reason), words.state),
            says=self._said(says, values),
            why=tuple(self._why(words, values)),
            service="" if service in ("", known.get("service")) else self.service(service),
            number=str(fact.get("number") or ""),
            links=links,
        )

    def _values(self, fact: Mapping[str, Any]) -> dict[str, str]:
        values = {name: _shown(name, value) for name, value in fact.items() if value is not None and value != ""}
        if "until" in values:
            values["until"] = f"{datetime.fromisoformat(values['until']).astimezone(self.zone):%Y-%m-%d %H:%M}"
        values |= {"agent": str(fact.get("agent_name") or fact["agent"])} if fact.get("agent") else {}
        if (kind := fact.get("kind")) is not None:
            values["kind"] = self.say(KINDS[kind]) if kind in KINDS else str(kind)
        return values

    def _why(self, words: FactWords, values: Mapping[str, str]) -> Iterable[str]:
        if (reason := values.get("reason")) is not None:
            yield self._said(words.reasons.get(reason, _OTHER_REASON), values)
        if (by := values.get("by")) is not None:
            yield self._said(words.by.get(by, _OTHER_WAY), values)
        for each in words.also:
            if _fits(each, values):
                yield self._said(each, values)
        if "user" in values and "%(user)s" not in words.says[0]:
            yield self._said(_ACT, values)
        if "why" in values:
            yield self._said(_BECAUSE, values)

    def _said(self, message: str, values: Mapping[str, str]) -> str:
        """A message with its fields. One without a value stays empty: what a fact lacks must not hide the fact."""
        return _FIELD.sub(lambda found: values.get(found[1], "–"), self.say(message))


def _fits(message: str, values: Mapping[str, str]) -> bool:
    return all(name in values for name in _FIELD.findall(message))


def _shown(name: str, value: Any) -> str:
    if name in _LENGTHS and isinstance(value, int | float):
        return f"−{duration(-value)}" if value < 0 else duration(value)
    return str(value)
