"""How bad a figure is: it becomes worse at once, and better only after some seconds.

A tile that changed its colour with every caller would be looked at by nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

HOLD: Final = timedelta(seconds=10)
"""How long a figure must be better until its level is."""


class Level(StrEnum):
    """How bad a figure is."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


_ORDER: Final = tuple(Level)


class Held(msgspec.Struct, frozen=True):
    """A level, and since when the figure has been better than it."""

    level: Level = Level.OK
    better_since: datetime | None = None


def level_of(figure: float | None, warning: float, critical: float, *, low_is_bad: bool = False) -> Level:
    """The level of a figure by its thresholds, which belong to the worse level. An unknown figure is ok."""
    if figure is None:
        return Level.OK
    if low_is_bad:
        return Level.CRITICAL if figure < critical else Level.WARNING if figure < warning else Level.OK
    return Level.CRITICAL if figure >= critical else Level.WARNING if figure >= warning else Level.OK


def held(before: Held, now: Level, at: datetime) -> Held:
    """The level that is shown, after the one shown before."""
    if _ORDER.index(now) >= _ORDER.index(before.level):
        return Held(now)
    if before.better_since is None or at < before.better_since:
        return Held(before.level, at)
    return Held(now) if at - before.better_since >= HOLD else before
