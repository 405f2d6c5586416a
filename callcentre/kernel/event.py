"""What happened outside, in the order in which the daemon learned of it.

Every event carries `at`, the daemon's clock at receipt, always aware. Where Asterisk reports a time of its own, the
event carries it as `when`, translated to the daemon's clock (`ari/clock.py`). Lengths of waits and talks are
differences of `when`, so that neither a slow network nor a wrong clock lengthens a wait. Names of channels, variables
and states are those of Asterisk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.kernel.effect import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; `at` is the daemon's clock at receipt."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """Once a second. A committed tick proves that events are decided and stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Event):
    """The wall clock was set: `at` is the new time, later by `delta` than it would be (earlier when negative).

    It is the first event in the new time. Records and timers that mean an elapsed time have been moved by `delta`.
    """

    delta: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDue(Event):
    """A timer is due, or became due while the daemon was off: `late` seconds ago."""

    key: str
    due: datetime

    @property
    def late(self) -> float:
        """Seconds between the time it was set for and now."""
        return (self.at - self.due).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectInterrupted(Event):
    """The daemon stopped or failed between committing an effect and getting its outcome. The outcome is unknown."""

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """The administrator's rules were read again and apply from the next event on."""

    settings: Settings
