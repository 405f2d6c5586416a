"""Features without disk, network or clock: events in, facts and effects out, time is what the events say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

import yaml

from callcentre.config.settings import Settings
from callcentre.configuration import parse
from callcentre.kernel.command import Command, Signal
from callcentre.kernel.decision import CancelTimer, Decision, Delete, SetTimer, TimerChange
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.effect import Effect
from callcentre.kernel.event import ClockStepped, Event, TimerDue
from tests.testbed.configuration import ALWAYS, merged, shipped
from tests.unit.world import World, components

NOON = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Helsinki."""


def settings(changes: Mapping[str, Any] | None = None) -> Settings:
    """The shipped configuration with changes."""
    return _changed(json.dumps(changes or {}))


@cache
def _changed(changes: str) -> Settings:
    text = yaml.safe_dump(merged(merged(shipped(), ALWAYS), json.loads(changes)), allow_unicode=True, sort_keys=False)
    return parse(text, {}).settings


class Rehearsal:
    """All components, played by hand. `at` moves on with each event that has a later time.

    `disk` holds the records that have a table, by class and key: what a crash leaves.
    """

    def __init__(self, changes: Mapping[str, Any] | None = None) -> None:
        self._changes = changes
        self.world = World(settings=settings(changes), key=b"k" * 32)
        self.disk: dict[tuple[type[Any], str], Any] = {}
        self.facts: list[Any] = []
        self.effects: list[Effect] = []
        self.commands: list[Signal] = []
        self.timers: dict[str, datetime] = {}
        self.wall_timers: set[str] = set()
        self.timer_changes: list[TimerChange] = []
        self.at = NOON
        self._dispatcher = Dispatcher(components(self.world))

    def restarted(self, changes: Mapping[str, Any] | None = None) -> Rehearsal:
        """Another daemon over what this one has committed; effects that were not carried out are lost."""
        after = Rehearsal(self._changes if changes is None else changes)
        after.at, after.facts, after.timers, after.disk = self.at, self.facts, dict(self.timers), dict(self.disk)
        after.wall_timers = set(self.wall_timers)
        for record in self.disk.values():
            after._dispatcher.put(record)
        return after

    def later(self, seconds: float) -> datetime:
        """Move the clock on, waking the timers that fall due, in order."""
        end = self.at + timedelta(seconds=seconds)
        while due := min(((d, k) for k, d in self.timers.items() if d <= end), default=None):
            self.at = due[0]
            del self.timers[due[1]]
            self.tell(TimerDue(at=due[0], key=due[1], due=due[0]))
        self.at = end
        return end

    def step(self, seconds: float) -> list[Any]:
        """Set the clock, as the engine does it; the facts it led to."""
        delta = timedelta(seconds=seconds)
        self.at += delta
        self._commit(self._dispatcher.move(delta))
        self.timers = {key: due if key in self.wall_timers else due + delta for key, due in self.timers.items()}
        return self.tell(ClockStepped(at=self.at, delta=delta))

    def command(self, command: Command) -> list[Any]:
        """Decide on a command as on an event; the facts it led to."""
        return self.tell(cast("Event", command))

    def tell(self, event: Event) -> list[Any]:
        """Decide on one event; the facts it led to."""
        self.at = max(self.at, event.at)
        before = len(self.facts)
        for decision in self._dispatcher.decide(event):
            self._commit(decision)
            self.timer_changes.extend(decision.timers)
            for timer in decision.timers:
                match timer:
                    case SetTimer(what, due, wall):
                        key = what.key
                        self.timers[key] = due
                        (self.wall_timers.add if wall else self.wall_timers.discard)(key)
                    case CancelTimer(what):
                        self.timers.pop(what.key, None)
            self.facts.extend(decision.facts)
            self.effects.extend(decision.effects)
            self.commands.extend(decision.commands)
        return self.facts[before:]

    def _commit(self, decision: Decision) -> None:
        for change in decision.changes:
            if self._dispatcher.table_of(change.record) is None:
                continue
            place = (type(change.record), change.record.key)
            if isinstance(change, Delete):
                self.disk.pop(place, None)
            else:
                self.disk[place] = change.record

    def names(self) -> list[str]:
        """The names of all facts so far."""
        return [fact.name for fact in self.facts]

    def take(self, effect: type[Any]) -> list[Any]:
        """The effects of one kind so far; they are taken away."""
        taken = [one for one in self.effects if type(one) is effect]
        self.effects = [one for one in self.effects if type(one) is not effect]
        return taken
