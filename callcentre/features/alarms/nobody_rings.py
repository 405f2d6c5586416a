"""The alarm `nobody_rings`: agents are ready, a caller waits, and no phone rings.

A queue whose members cannot be reached looks healthy from outside: agents are logged on and idle, callers wait. Members
behind a dialplan that hangs up (FreePBX's `from-queue` for a caller who did not come through `ext-queues`) are the
usual cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.features.alarms.model import Attempt, Ringing, Silence
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.event import Tick
from callcentre.telephony.events import AgentDialled, ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueAnswered
from callcentre.telephony.queue_view.interface import QueueView

SILENT: Final = timedelta(seconds=30)
"""The alarm is raised when no phone has rung for this time.

Between two attempts app_queue waits for `retry` (5 s by default, at most 20 s in FreePBX), and it dials no phone while
it plays an announcement to the caller. The time for which a phone rings (`timeout`) does not count as silence.
"""

SETTLED: Final = timedelta(seconds=5)
"""A phone dialled for this long counts as ringing: mobiles behind some trunks are never reported as ringing.

An attempt that fails, for example at a guard, is over sooner.
"""

PAUSE: Final = timedelta(seconds=5)
"""A silence continues over an interruption that is not longer than this.

While an attempt fails its agent is not ready for a moment, and between two reservations of an agent nobody waits.
"""

ALARM: Final = Alarm(
    reason="nobody_rings_",
    each="the queue's name",
    when="for 30 s somebody has waited in the queue and agents were ready, and no phone rang",
    until="a phone rings, or for 5 s nobody waits or nobody is ready",
    remedy="run `callcentre doctor`: it looks for agents whose phones cannot ring",
)


def judged(
    before: Silence | None, queue: str, at: datetime, *, waits: bool, ready: int, rings: bool
) -> tuple[Silence | None, bool]:
    """The silence of a queue after one more look, and whether the alarm is raised then.

    `waits`: a caller waits in the queue; `ready`: its idle agents; `rings`: a phone rings for a waiting caller.
    """
    raised = before is not None and before.raised
    if rings:
        return None, False
    if waits and ready > 0:
        since = at if before is None else before.since
        raised = raised or at - since >= SILENT
        return Silence(queue=queue, since=since, seen=at, raised=raised), raised
    if before is None or at - before.seen > PAUSE:
        return None, False
    return before, raised


@dataclass(slots=True)
class NobodyRings:
    """The rules of the alarm, with the calls that they look at."""

    queues: QueueView
    ringing: Ringing

    def dialled(self, event: AgentDialled, at: datetime) -> Decision:
        """A phone is dialled for a caller in a queue, or rings."""
        calls = self.queues.calls
        known = calls.on(event.call) or calls.entering.get(event.call)
        if known is None:
            return NOTHING
        attempt = Attempt(peer=event.peer, call=known.call, queue=known.queue, began=at, rings=event.rings)
        dialled = Decision(changes=(Put(attempt),))
        # The phone that rings clears the alarm, without waiting for the next look.
        silence = self.ringing.silences.get(known.queue) if event.rings else None
        return dialled if silence is None else dialled + _noted(silence, None, known.queue, raised=False)

    def destroyed(self, event: ChannelDestroyed, _at: datetime) -> Decision:
        """A phone no longer rings."""
        attempt = self.ringing.attempts.get(event.call)
        return NOTHING if attempt is None else Decision(changes=(Delete(attempt),))

    def answered(self, fact: QueueAnswered, _at: datetime) -> Decision:
        """A phone was answered: it does not ring for a caller who is transferred into a queue later."""
        return Decision(changes=tuple(Delete(attempt) for attempt in self.ringing.of_call(fact.call)))

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Look once a second at the queues in which callers wait, and at those with a silence."""
        if not self.queues.calls.link.up:
            return NOTHING
        ours = self.queues.rules.settings.queues
        # A queue with a silence may have left the configuration meanwhile.
        queues = dict.fromkeys((*self.queues.calls.queues_waiting, *self.ringing.silences))
        return sum((self._looked(queue, at, ours=queue in ours) for queue in queues), NOTHING)

    def _looked(self, queue: str, at: datetime, *, ours: bool) -> Decision:
        calls = self.queues.calls
        before = self.ringing.silences.get(queue)
        waits = ours and calls.waiting_in(queue) > 0
        if before is None and not waits:
            return NOTHING
        duty = calls.duty.get(queue)
        ready = 0 if duty is None else duty.ready
        after, raised = judged(before, queue, at, waits=waits, ready=ready, rings=waits and self._rings(queue, at))
        return _noted(before, after, queue, raised=raised)

    def _rings(self, queue: str, at: datetime) -> bool:
        """Whether a phone rings for a waiting caller of this queue. A caller who talks has left it."""
        calls = self.queues.calls
        return any(
            (attempt.rings or at - attempt.began >= SETTLED)
            and calls.is_waiting(attempt.call)
            and calls.calls[attempt.call].queue == queue
            for attempt in self.ringing.in_queue(queue)
        )

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """Events were missed: phones that are gone are forgotten, and a silence begins again."""
        present = {channel.id for channel in event.channels}
        gone = (Delete(attempt) for attempt in self.ringing.attempts.values() if attempt.peer not in present)
        anew = (Put(replace(silence, since=at, seen=at)) for silence in self.ringing.silences.values())
        return Decision(changes=(*gone, *anew))


def _noted(before: Silence | None, after: Silence | None, queue: str, *, raised: bool) -> Decision:
    """The present silence of a queue, and the alarm where it changes."""
    changes = (Put(after),) if after is not None else () if before is None else (Delete(before),)
    was = before is not None and before.raised
    if raised == was:
        return Decision(changes=changes)
    fact = ALARM.raised(queue, queue=queue) if raised else ALARM.cleared(queue, queue=queue)
    return Decision(changes=changes, facts=(fact,))
