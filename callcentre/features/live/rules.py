"""Counts the figures of the day, and notes the alarms that are raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from callcentre.features.live.model import DayFigures, LiveRecords, RaisedAlarm
from callcentre.features.live.settings import LiveSettings
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.facts import SmsFailed
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.values.days import day_of


@dataclass(slots=True)
class Counting:
    """The rules."""

    settings: SettingsInForce
    records: LiveRecords

    def today(self, service: str, at: datetime) -> DayFigures:
        """The figures of a service since midnight."""
        known = self.settings.settings.services.get(service)
        zone = self.settings.settings.timezone if known is None else known.timezone
        day = day_of(at, zone)
        found = self.records.days.get(service)
        return found if found is not None and found.day == day else DayFigures(service=service, day=day)

    def joined(self, fact: QueueJoined, at: datetime) -> Decision:
        """A caller joined."""
        if fact.service is None:
            return NOTHING
        today = self.today(fact.service, at)
        return _put(replace(today, offered=today.offered + 1))

    def answered(self, fact: QueueAnswered, at: datetime) -> Decision:
        """An agent took a call."""
        if fact.service is None:
            return NOTHING
        today = self.today(fact.service, at)
        in_time = fact.wait <= self._within(fact.service)
        return _put(
            replace(
                today,
                answered=today.answered + 1,
                in_time=today.in_time + in_time,
                waited=today.waited + fact.wait,
            )
        )

    def left(self, fact: QueueLeft, at: datetime) -> Decision:
        """A caller waits no longer: those who hung up are counted."""
        if fact.service is None or fact.reason != "abandoned":
            return NOTHING
        today = self.today(fact.service, at)
        late = fact.wait > self._within(fact.service)
        return _put(replace(today, abandoned=today.abandoned + 1, late=today.late + late))

    def text_failed(self, fact: SmsFailed, at: datetime) -> Decision:
        """A text did not arrive."""
        if fact.service is None:
            return NOTHING
        today = self.today(fact.service, at)
        return _put(replace(today, texts_failed=today.texts_failed + 1))

    def raised(self, fact: AlarmRaised, at: datetime) -> Decision:
        """An alarm."""
        if fact.reason is None:
            return NOTHING
        return Decision(changes=(Put(RaisedAlarm(reason=fact.reason, since=at, queue=fact.queue)),))

    def cleared(self, fact: AlarmCleared, _at: datetime) -> Decision:
        """It is over."""
        known = None if fact.reason is None else self.records.alarms.get(fact.reason)
        return NOTHING if known is None else Decision(changes=(Delete(known),))

    def _within(self, service: str) -> float:
        known = self.settings.settings.services.get(service)
        return 0.0 if known is None else known.section(LiveSettings).within.total_seconds()


def _put(today: DayFigures) -> Decision:
    return Decision(changes=(Put(today),))
