"""What one component sends to others within the same event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Base of what a component announces to others without a fact. Any number of components may have rules for it."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Signal):
    """Base of a request from one component to another. Exactly one component handles a class of commands."""
