"""The alarm `clock_stepped`: the machine's clock is not kept as it should be.

NTP sets a clock once, soon after the start. When a clock is set during calls, times in the journal and in Asterisk's
own records are wrong by that amount, even where no caller waits longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callcentre.features.alarms.facts import ClockSet
from callcentre.features.alarms.model import SteppedLately
from callcentre.features.alarms.timers import ClockSettles
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Decision, Delete, Put, SetTimer
from callcentre.kernel.event import ClockStepped

ALARM: Final = Alarm(
    reason="clock_stepped",
    when="the wall clock of the daemon's machine was set by more than 2 s; the fact `clock.stepped` says by how much",
    until="it was not set again for 10 minutes",
    remedy="see [Clock](../concepts/architecture.md#clock); keep the machine on NTP, which sets a clock once after the "
    "start and then keeps it",
)
LASTS: Final = timedelta(minutes=10)
"""The alarm ends when the clock was not set again for this time."""


@dataclass(slots=True)
class ClockAlarm:
    """The rules of the alarm. `steps` holds one record while the alarm is raised; a restart forgets it."""

    steps: Collection[SteppedLately]

    def stepped(self, event: ClockStepped, at: datetime) -> Decision:
        """The clock was set: write a fact for each step, raise the alarm once, and postpone its end."""
        fact = ClockSet(seconds=round(event.delta.total_seconds(), 3))
        decision = Decision(facts=(fact,), timers=(SetTimer(ClockSettles(), at + LASTS),))
        if self.steps.only is not None:
            return decision
        return decision + Decision(changes=(Put(SteppedLately()),), facts=(ALARM.raised(),))

    def settled(self, _timer: ClockSettles, _at: datetime) -> Decision:
        """The clock was not set for some time. After a restart only the timer knows of the alarm."""
        return Decision(changes=(Delete(SteppedLately()),), facts=(ALARM.cleared(),))
