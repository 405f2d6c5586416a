"""What happens to a caller on the way into the queue, between `Stasis()` and `Queue()`."""

from __future__ import annotations

from datetime import datetime

from callcentre.domain.decisions import NOTHING, Decision
from callcentre.domain.effects import ContinueCall
from callcentre.domain.events import StasisStarted


def entered(event: StasisStarted, _at: datetime) -> Decision:
    """Let the caller go on into the queue. Whoever was handed to us for what we do not know goes on as well."""
    if not event.channel.id:
        return NOTHING
    return Decision(effects=(ContinueCall(call=event.channel.id),))
