"""What becomes of a call when a channel is gone."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.telephony.events import ChannelDestroyed
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.joining import Joining
from callcentre.telephony.queue_view.model import Stage
from callcentre.telephony.queue_view.moving import Moving
from callcentre.telephony.queue_view.progress import Progress


class Ending:
    """The rule for channels that are gone."""

    def __init__(self, view: QueueView, joining: Joining, progress: Progress, moving: Moving) -> None:
        self._calls = view.calls
        self._joining = joining
        self._progress = progress
        self._moving = moving

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """The channel is gone: the call has ended, unless it continues on another channel."""
        calls = self._calls
        live = calls.live.get(event.call)
        decision = NOTHING if live is None else Decision(changes=(Delete(live),))
        if (entering := calls.entering.get(event.call)) is not None:
            decision += self._joining.not_entering(entering)
        call = calls.on(event.call)
        if call is None:
            return decision
        signs = self._progress.signs_of(call)
        successor = calls.live.get(signs.successor)
        if call.stage is Stage.TALKING and successor is not None and successor.bridge == call.bridge:
            return decision + self._moving.succeeded(call, signs, successor, event.when, at)
        if call.stage is Stage.TALKING and signs.bridge_left is None:
            taken_over = self._moving.taken_over(call, signs, event.when, at)
            if taken_over is not None:
                return decision + taken_over
        if call.stage is Stage.WAITING and signs.left_at is None:
            replaced = self._moving.replaced(call, signs, event.when)
            if replaced is not None:
                return decision + replaced
        first = calls.live.get(call.call)
        if first is not None and first.call != event.call:
            return decision + self._progress.back(call, signs, first, event.when)
        return decision + self._progress.end(call, signs, event.when, "abandoned")
