"""The rules of the features, applied to calls of the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, assert_never

from callcentre.what_if.past import MakePastRule, Past, PastRule, Verdict
from callcentre.what_if.replay import Arrival, Conversation, Departure, Moment

if TYPE_CHECKING:
    from callcentre.config.settings import Settings


class Rules:
    """The configured rules for the calls of a log, in their order."""

    def __init__(self, settings: Settings, made: Iterable[MakePastRule]) -> None:
        self._past = Past(settings)
        self._rules: list[PastRule] = [make(self._past) for make in made]

    def hear(self, moment: Moment) -> Iterator[Verdict]:
        """The verdicts of the rules about what was due before the next moment, and about the moment."""
        for rule in self._rules:
            yield from rule.until(moment.at)
        match moment:
            case Arrival():
                yield from self._arrived(moment)
            case Departure():
                self._past.gone(moment)
            case Conversation():
                self._past.gone(moment)
                yield from self._talked(moment)
            case _:
                assert_never(moment)

    def end(self) -> Iterator[Verdict]:
        """The log is over: the verdicts about everything that is still due."""
        for rule in self._rules:
            yield from rule.until(None)

    def _arrived(self, arrival: Arrival) -> Iterator[Verdict]:
        found = self._past.service_of(arrival.queue, arrival.dialled)
        self._past.arrived(arrival)
        if found is None or arrival.again:
            return
        name, service = found
        yield Verdict(arrival.at, name, "call")
        for rule in self._rules:
            if rule.is_configured(service, self._past.settings):
                yield from rule.arrived(arrival, name, service)

    def _talked(self, over: Conversation) -> Iterator[Verdict]:
        found = self._past.service_of(over.queue, over.dialled)
        if found is None:
            return
        name, service = found
        self._past.talked(name, over.talk)
        for rule in self._rules:
            if rule.is_configured(service, self._past.settings):
                yield from rule.talked(over, name, service)
