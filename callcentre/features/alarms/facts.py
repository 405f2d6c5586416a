"""The facts of the alarms. The name and fields of a fact, once shipped, keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class ClockSet(Fact, frozen=True, tag="clock.stepped"):
    """The wall clock was set. Facts with a lower `id` are in the time before.

    seconds: forward; negative: back.
    """

    seconds: float
