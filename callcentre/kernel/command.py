"""Commands: what one component asks of another, within the same event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of what one feature wishes of another, answered within the same decision."""

    at: datetime
