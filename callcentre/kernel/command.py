"""What one component says to others within the same event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Base of what a component tells others of, where no fact is written of it; any number of them may hear it."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Signal):
    """Base of what one component has another do. Exactly one component handles a class of commands."""
