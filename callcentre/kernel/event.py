"""What happened outside, in the order in which we heard of it.

Every event carries `at`, our clock at receipt, always aware. Where Asterisk has a time of its own it is carried beside
it as `when`, translated to our clock (`ari/clock.py`): lengths of waits and talks are differences of those, so that
neither a slow wire nor another clock lengthens anybody's wait. Names of channels, variables and states are Asterisk's
own.
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
    """Base of all events; `at` is our clock at receipt."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """Once a second: proof that events are decided and stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Event):
    """The wall clock was set: `at` is the new time, later by `delta` than it would be (earlier when negative).

    It is the first event in the new time. Records and timers that mean an elapsed time have been moved by `delta`.
    """

    delta: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDue(Event):
    """A timer's time has come, or came while we were away: `late` seconds ago."""

    key: str
    due: datetime

    @property
    def late(self) -> float:
        """Seconds between the time it was set for and now."""
        return (self.at - self.due).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectInterrupted(Event):
    """We stopped, or failed, between committing an effect and hearing its outcome: nobody knows what came of it."""

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """The administrator's rules were read again and hold from the next event on."""

    settings: Settings
