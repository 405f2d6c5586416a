"""Every alarm, as the components declare them."""

from __future__ import annotations

from callcentre.kernel.alarm import Alarm
from scripts.reference.markdown import code, table
from scripts.reference.program import declared


def every_alarm() -> str:
    """A table of all of them, in the order of the components."""
    rows = [
        (code(alarm.reason) + (f" and {alarm.each}" if alarm.each else ""), alarm.when, alarm.until, alarm.remedy)
        for alarm in declared(Alarm)
    ]
    return table(("reason", "raised when", "cleared when", "what to do"), rows)
