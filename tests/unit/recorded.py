"""A rehearsal whose events and facts are kept with their times, so that they can be told again to a real engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callcentre.kernel.event import Event
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import stamp
from tests.unit.rehearsal import Rehearsal


class Recorded(Rehearsal):
    """`events` is all that it was told, and `lines` the facts as a log has them."""

    def __init__(self, changes: Mapping[str, Any] | None = None) -> None:
        super().__init__(changes)
        self.events: list[Event] = []
        self.lines: list[str] = []

    def tell(self, event: Event) -> list[Fact]:
        """Decide on one event; the facts it led to."""
        self.events.append(event)
        facts = super().tell(event)
        self.note(*facts, at=event.at)
        return facts

    def note(self, *facts: Fact, at: datetime | None = None) -> None:
        """Write facts to the log."""
        for fact in facts:
            self.lines.append(stamp(fact, len(self.lines) + 1, at or self.at).line.decode())
