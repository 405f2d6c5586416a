"""What is known of a clock that went forward: by a step, or while the daemon was off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from callcentre.kernel.clock_steps.model import CONFIRMED_AFTER, ClockSteps, WentForward
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.event import ClockStepped, WasOff

_NONE = timedelta(0)


@dataclass(slots=True)
class Confirming:
    """The rules. A step back takes away what the clock went forward by: it was the correction."""

    steps: ClockSteps

    def stepped(self, event: ClockStepped, at: datetime) -> Decision:
        """The clock was set."""
        if event.delta > _NONE:
            return self._forward(event.delta, at)
        before = self.steps.forward.only
        if before is None:
            return NOTHING
        left = before.by + event.delta
        return Decision(changes=(Put(replace(before, by=left)) if left > _NONE else Delete(before),))

    def was_off(self, event: WasOff, at: datetime) -> Decision:
        """The daemon starts. A clock that was set forward meanwhile looks like a longer time off."""
        return self._forward(event.length, at)

    def _forward(self, by: timedelta, at: datetime) -> Decision:
        before = self.steps.forward.only
        if before is not None and at < before.until:
            by += before.by
        return Decision(changes=(Put(WentForward(by=by, until=at + CONFIRMED_AFTER)),))
