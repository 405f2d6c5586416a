"""What is remembered of queues in which nobody rings. Live state: a restart forgets it and looks anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A phone that is dialled for a caller since `began`, or `rings` since then, until its channel is gone.

    `peer` is the id of the phone's channel, `call` the caller's.
    """

    peer: str
    call: str
    began: datetime
    rings: bool

    @property
    def key(self) -> str:
        return self.peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A queue in which a caller waits, agents are ready, and no phone rings.

    `since` is when this began, `seen` when it was last so, on our clock. `raised`: the alarm is raised.
    """

    queue: str
    since: datetime
    seen: datetime
    raised: bool = False

    @property
    def key(self) -> str:
        return self.queue


class Ringing:
    """The phones that are dialled for callers in queues, and the queues in which none rings."""

    def __init__(self) -> None:
        self.attempts: dict[str, Attempt] = {}
        self.silences: dict[str, Silence] = {}

    def put(self, record: Attempt | Silence) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Attempt():
                self.attempts[record.peer] = record
            case Silence():
                self.silences[record.queue] = record
            case _:
                assert_never(record)

    def delete(self, record: Attempt | Silence) -> None:
        """Forget a record."""
        match record:
            case Attempt():
                self.attempts.pop(record.peer, None)
            case Silence():
                self.silences.pop(record.queue, None)
            case _:
                assert_never(record)
