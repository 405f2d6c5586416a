"""When the counts of a day are dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.kernel.event import Tick
from callcentre.values.days import day_of
from callcentre.world import World


@dataclass(slots=True)
class DayOver:
    """The rule that forgets earlier days, over the world it looks at."""

    world: World

    def beat(self, _event: Tick, at: datetime) -> Decision:
        """Drop the counts of days that are over: they bound nothing any more, and name people by hash."""
        old = self.world.bounds.before(day_of(at, self.world.settings.timezone))
        return Decision(changes=tuple(Delete(count) for count in old)) if old else NOTHING
