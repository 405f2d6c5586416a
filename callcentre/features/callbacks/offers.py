"""What is remembered of an offer during the dialogue with the caller."""

from __future__ import annotations

from datetime import datetime

from callcentre.features.callbacks.model import promised_on
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.telephony.queue_view.order import Rank, rank


class Offer(Record, frozen=True, kw_only=True):
    """A caller who is being offered a callback. `number` is None when the calling number may not be dialled.

    `caller` is the person for the limits of the day (see `limits`). `keyed` is another number that was keyed in,
    `tries` how often the caller began to. Not stored: after a restart the offer is made again.
    """

    call: str
    service: str
    queue: str
    number: str | None
    caller: str
    caller_name: str
    language: str
    joined_at: datetime
    priority: int = 0
    name_prefix: str = ""
    keyed: str | None = None
    tries: int = 0

    @property
    def key(self) -> str:
        return self.call

    @property
    def rank(self) -> Rank:
        """The caller's rank in the order of the queue."""
        return rank(self.joined_at, self.priority)


class Offered(Record, frozen=True, kw_only=True):
    """A call that was offered a callback, or may have been before a restart: it is not offered again on entry.

    `promised`: a callback was accepted on it. Where the caller stayed on the line, it may be over, and another one be
    accepted.
    """

    call: str
    promised: bool = False

    @property
    def key(self) -> str:
        return self.call


class Offers:
    """The callers who are being offered a callback, and the current calls that were offered one."""

    def __init__(self) -> None:
        self.by_call = Collection(Offer)
        self.offered = Collection(Offered)

    def hears_of(self, callback: str) -> Offer | None:
        """The caller on the line who has just been promised this callback; None when there is none."""
        return self.by_call.get(promised_on(callback))
