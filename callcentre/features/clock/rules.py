"""The alarm `clock_stepped`: somebody should know that the machine's clock is not kept as it should be.

NTP sets a clock once, soon after the start. A clock that is set while calls are going on makes times in the journal
and in Asterisk's own records wrong by as much, even where nobody waits longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callcentre.features.clock.facts import ClockSet
from callcentre.features.clock.state import SteppedLately, Steps
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import ClockStepped, TimerDue
from callcentre.kernel.fact import AlarmCleared, AlarmRaised

REASON: Final = "clock_stepped"
LASTS: Final = timedelta(minutes=10)
"""The alarm is over when the clock was not set again for so long."""

_TIMER: Final = "clock stepped"


@dataclass(slots=True)
class ClockAlarm:
    """The rules of the alarm, over what they remember."""

    steps: Steps

    def stepped(self, event: ClockStepped, at: datetime) -> Decision:
        """The clock was set: tell each step, raise the alarm once, and set its end anew."""
        told = ClockSet(seconds=round(event.delta.total_seconds(), 3))
        decision = Decision(facts=(told,), timers=(SetTimer(_TIMER, at + LASTS),))
        if self.steps.raised:
            return decision
        return decision + Decision(changes=(Put(SteppedLately()),), facts=(AlarmRaised(reason=REASON),))

    def due(self, event: TimerDue, _at: datetime) -> Decision:
        """Nothing has happened to the clock for some time."""
        if event.key != _TIMER:
            return NOTHING
        return Decision(changes=(Delete(SteppedLately()),), facts=(AlarmCleared(reason=REASON),))
