"""The state of the alarms. It is not stored."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record


class Attempt(Record, frozen=True, kw_only=True):
    """A phone that has been dialled for a caller since `began`, or `rings` since then, until its channel is gone.

    `peer` is the id of the phone's channel, `call` the id of the caller's, `queue` the queue in which the caller waits.
    """

    peer: str
    call: str
    queue: str
    began: datetime
    rings: bool

    @property
    def key(self) -> str:
        return self.peer


class Silence(Record, frozen=True, kw_only=True):
    """A queue with a waiting caller and ready agents, in which no phone rings.

    `since` is when this began, `seen` when it was last true, on our clock. `raised`: the alarm is raised.
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
        self.attempts = Collection(Attempt)
        self.silences = Collection(Silence)
        self._of_call = self.attempts.index(lambda attempt: attempt.call)
        self._in_queue = self.attempts.index(lambda attempt: attempt.queue)

    def of_call(self, call: str | None) -> list[Attempt]:
        """The phones dialled for a caller."""
        return [] if call is None else self._of_call.all(call)

    def in_queue(self, queue: str) -> list[Attempt]:
        """The phones dialled for the callers of a queue."""
        return self._in_queue.all(queue)


class SteppedLately(Record, frozen=True, kw_only=True):
    """The machine's clock was set within the last minutes: the alarm is raised."""

    @property
    def key(self) -> str:
        return "clock"


class GatewayFails(Record, frozen=True, kw_only=True):
    """Since `since` the gateway has accepted no text, and `tries` to hand one over have failed.

    `raised`: the alarm is raised.
    """

    since: datetime
    tries: int
    raised: bool = False

    @property
    def key(self) -> str:
        return "gateway"
