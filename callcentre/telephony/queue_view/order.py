"""The order of a queue: the higher priority first, and within a priority the earlier joining.

app_queue itself puts a caller with a higher QUEUE_PRIO before every caller with a lower one. The place that `Queue()`
gets as its last argument applies only among callers of the same and lower priorities (`join_queue`, app_queue.c).
"""

from __future__ import annotations

from datetime import datetime

Rank = tuple[int, datetime, str]
"""Sorts in the order of a queue: the negated priority, the time of joining, and a name that distinguishes equals."""


def rank(joined_at: datetime, priority: int = 0, name: str = "") -> Rank:
    """The rank of a person who joined then; without a name, before all who joined at that very moment."""
    return (-priority, joined_at, name)
