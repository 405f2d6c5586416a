"""Whether the alarm of the clock is raised. Live state: a restart forgets it, and its timer clears the alarm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedLately:
    """The wall clock was set within the last minutes."""

    @property
    def key(self) -> str:
        return "clock"


class Steps:
    """What the alarm remembers."""

    def __init__(self) -> None:
        self.raised = False

    def put(self, _record: SteppedLately) -> None:
        """The alarm is raised."""
        self.raised = True

    def delete(self, _record: SteppedLately) -> None:
        """The alarm is over."""
        self.raised = False
