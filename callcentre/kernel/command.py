"""What one component sends to others within the same event."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what a component announces to others without a fact. Any number of components may have rules for it."""

    at: datetime


class Command(Signal, frozen=True, kw_only=True):
    """Base of a request from one component to another. Exactly one component handles a class of commands."""
