"""The timers of alarms."""

from __future__ import annotations

from callcentre.kernel.timer import Timer


class ClockSettles(Timer, frozen=True, tag="clock_settles"):
    """The machine's clock has not been set again for some time."""
