"""Features without disk, network or clock: events in, facts and effects out, time is what the events say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml

from callcentre.app import rooms
from callcentre.config.read import parse
from callcentre.config.settings import Settings
from callcentre.domain.decisions import CancelTimer, SetTimer
from callcentre.domain.effects import Effect
from callcentre.domain.events import Event, TimerDue
from callcentre.domain.facts import Fact
from callcentre.domain.world import World
from callcentre.engine.house import House
from tests.testbed.configuration import merged, shipped

NOON = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Helsinki."""


def settings(changes: Mapping[str, Any] | None = None) -> Settings:
    """The shipped configuration with changes."""
    return _parsed(yaml.safe_dump(merged(shipped(), changes or {}), allow_unicode=True, sort_keys=False))


@cache
def _parsed(text: str) -> Settings:
    return parse(text, {}).settings


class Rehearsal:
    """All rooms, played by hand. `at` moves on with each event that has a later time."""

    def __init__(self, changes: Mapping[str, Any] | None = None) -> None:
        self.world = World(settings=settings(changes), key=b"k" * 32)
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        self.timers: dict[str, datetime] = {}
        self.at = NOON
        self._house = House(rooms(self.world))

    def later(self, seconds: float) -> datetime:
        """Move the clock on, waking the timers that fall due, in order."""
        end = self.at + timedelta(seconds=seconds)
        while due := min(((d, k) for k, d in self.timers.items() if d <= end), default=None):
            self.at = due[0]
            del self.timers[due[1]]
            self.tell(TimerDue(at=due[0], key=due[1], due=due[0]))
        self.at = end
        return end

    def tell(self, event: Event) -> list[Fact]:
        """Decide on one event; the facts it led to."""
        self.at = max(self.at, event.at)
        before = len(self.facts)
        for decision in self._house.decide(event):
            for timer in decision.timers:
                match timer:
                    case SetTimer(key, due):
                        self.timers[key] = due
                    case CancelTimer(key):
                        self.timers.pop(key, None)
            self.facts.extend(decision.facts)
            self.effects.extend(decision.effects)
        return self.facts[before:]

    def names(self) -> list[str]:
        """The names of all facts so far."""
        return [fact.name for fact in self.facts]

    def take(self, effect: type[Any]) -> list[Any]:
        """The effects of one kind so far; they are taken away."""
        taken = [one for one in self.effects if type(one) is effect]
        self.effects = [one for one in self.effects if type(one) is not effect]
        return taken
