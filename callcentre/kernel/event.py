"""What happened outside, in the order in which the daemon learned of it.

Every event carries `at`, the daemon's clock at receipt, always aware. Where Asterisk reports a time of its own, the
event carries it as `when`, translated to the daemon's clock (`ari/clock.py`). Lengths of waits and talks are
differences of `when`, so that neither a slow network nor a wrong clock lengthens a wait. Names of channels, variables
and states are those of Asterisk.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from callcentre.kernel.actor import Actor

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.kernel.effect import Effect


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events; `at` is the daemon's clock at receipt.

    `actor` is the user who brought it about. The first fact that the event leads to says so: an act is one fact.
    """

    at: datetime
    actor: Actor | None = None


class Tick(Event, frozen=True, kw_only=True):
    """Once a second. A committed tick proves that events are decided and stored."""


class ClockStepped(Event, frozen=True, kw_only=True):
    """The wall clock was set: `at` is the new time, later by `delta` than it would be (earlier when negative).

    It is the first event in the new time. Records and timers that mean an elapsed time have been moved by `delta`.
    """

    delta: timedelta


class WasOff(Event, frozen=True, kw_only=True):
    """The daemon has started, and the database was last written `length` ago, which is more than some minutes."""

    length: timedelta


class TimerDue(Event, frozen=True, kw_only=True):
    """A timer is due, or became due while the daemon was off: `late` seconds ago."""

    key: str
    due: datetime

    @property
    def late(self) -> float:
        """Seconds between the time it was set for and now."""
        return (self.at - self.due).total_seconds()


class EffectInterrupted(Event, frozen=True, kw_only=True):
    """The daemon stopped or failed between committing an effect and getting its outcome. The outcome is unknown."""

    effect: Effect


class SettingsChanged(Event, frozen=True, kw_only=True):
    """The administrator's rules were read again and apply from the next event on."""

    settings: Settings
