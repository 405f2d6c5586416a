"""The alarm `overload`: Asterisk's events come so late that the queue view no longer shows the present.

A machine that gets more calls than it can carry makes the events of all of them late. What app_queue answers is then
newer than what the events have said so far, so the two cannot be compared. Callers in our hands would wait in silence
for an offer. So while events are late nobody is handed to us (the lease is not renewed), no reading is made for a
single caller, and no callback is offered. Each caller is still followed by the events. The alarm ends by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.kernel.alarm import Alarm
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put, SetTimer
from callcentre.kernel.timer import Timer
from callcentre.telephony.events import EventsLate
from callcentre.telephony.facts import OverloadEnded
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.model import Overload

ALARM: Final = Alarm(
    reason="overload",
    when="the events of Asterisk have come more than a second late for more than a second: more calls come than the "
    "machine carries. Callers go straight into the queue, no callback is offered, and places are read less often",
    until="for 5 s no event was late; the fact `overload.ended` says what was left out",
    remedy="see with `top` which program uses the processors; see [Overload](../concepts/crash-behaviour.md#overload)",
)

CALM: Final = timedelta(seconds=5)
"""The overload has ended when no event was late for this time."""


class OverloadEnds(Timer, frozen=True, tag="overload_ends"):
    """No event of Asterisk has been late for some time."""


class Overloads:
    """The rules of the alarm."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def late(self, _event: EventsLate, at: datetime) -> Decision:
        """Events are late: raise the alarm once, and postpone its end."""
        lasts = Decision(timers=(SetTimer(OverloadEnds(), at + CALM),))
        if self._calls.overload is not None:
            return lasts
        return lasts + Decision(changes=(Put(Overload(since=at)),), facts=(ALARM.raised(),))

    def ended(self, _timer: OverloadEnds, at: datetime) -> Decision:
        """Events come in time again. After a restart only the timer knows of the alarm."""
        cleared = Decision(facts=(ALARM.cleared(),))
        one = self._calls.overload
        if one is None:
            return cleared
        seconds = round((at - one.since).total_seconds(), 3)
        ended = OverloadEnded(seconds=seconds, readings=one.readings, offers=one.offers)
        return Decision(changes=(Delete(one),), facts=(ended,)) + cleared


def left_out(calls: Calls, *, readings: int = 0, offers: int = 0) -> Decision:
    """Counts what the present overload leaves out. Without an overload there is nothing to count."""
    one = calls.overload
    if one is None:
        return NOTHING
    return Decision(changes=(Put(replace(one, readings=one.readings + readings, offers=one.offers + offers)),))
