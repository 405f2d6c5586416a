"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class QueueJoined(Fact, frozen=True, tag="queue.joined"):
    """A caller waits at `position` of `waiting` callers, the caller included.

    `estimated_wait` is what we would have told them then, in seconds; None when nobody could tell.
    """

    position: int
    waiting: int
    estimated_wait: float | None = None


class QueueLeft(Fact, frozen=True, tag="queue.left"):
    """A caller waits no more; `reason` is answered, abandoned, timeout, key, full, …"""

    wait: float
    position: int | None = None


class QueueAnswered(Fact, frozen=True, tag="queue.answered"):
    """An agent took the call after `wait` seconds."""

    wait: float
    position: int | None = None


class CallEnded(Fact, frozen=True, tag="call.ended"):
    """The caller's channel is gone: it waited and talked for so many seconds in all."""

    wait: float
    talk: float
