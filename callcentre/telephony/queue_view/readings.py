"""What app_queue's answers say: the callers at their places, the agents on duty, and whether its count differs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.telephony.effects import ReadQueue, Synchronise
from callcentre.telephony.events import QueueRead, QueueReading, QueuesRead
from callcentre.telephony.queue_view.callers import may_be_withheld
from callcentre.telephony.queue_view.estimate import duty_of
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.joining import READ_AGAIN, Joining
from callcentre.telephony.queue_view.model import Difference, DutyChanged, DutyKnown, DutyRead, Entering, Live
from callcentre.values.numbers import presentation_withholds

LASTING: Final = timedelta(seconds=3)
"""After this time a difference between app_queue's count and ours is a fault, and not just a late event."""


class Readings:
    """The rules for the answers of app_queue."""

    def __init__(self, view: QueueView, joining: Joining) -> None:
        self._calls = view.calls
        self._joining = joining

    # --- places ----------------------------------------------------------------------------------

    def read(self, event: QueueRead, at: datetime) -> Decision:
        """app_queue listed the callers and places of a queue: entering callers are now seen at their places."""
        return self._read(event.reading, event, at)

    def all_read(self, event: QueuesRead, at: datetime) -> Decision:
        """The same, of several queues at once."""
        return sum((self._read(reading, event, at) for reading in event.readings), NOTHING)

    def _read(self, reading: QueueReading, event: QueueRead | QueuesRead, at: datetime) -> Decision:
        decision = self.duty(reading, event.asked, at)
        places = {name: place for place, name in reading.places.items()}
        for entering in sorted(self._calls.entering_queue(reading.queue), key=lambda e: places.get(e.channel, 0)):
            place = places.get(entering.channel)
            if place is not None and (known := self._presented(entering, event)) is not None:
                decision += self._joining.joined(known, place, max(place, reading.waiting), reading.agents)
            elif entering.asked < READ_AGAIN and self._calls.overload is None:
                decision += Decision(
                    changes=(Put(replace(entering, asked=entering.asked + 1)),),
                    effects=(ReadQueue(queue=reading.queue, complete=True),),
                )
        # During an overload a caller whom no event has named yet is most likely one whose events are late.
        for name in () if self._calls.overload is not None else reading.places.values():
            live = self._calls.named(name)
            if live is not None and self._calls.on(live.call) is None:
                decision += self._joining.suspected(live.call, at, at, sure=True)
        return decision + self._compared(reading, at)

    # --- withheld numbers ------------------------------------------------------------------------

    def presented(self, event: QueueRead | QueuesRead, at: datetime) -> Decision:
        """The presentation of calls whose number may be withheld was read together with a queue."""
        calls = self._calls
        withheld = (call for call, value in (event.presentations or {}).items() if presentation_withholds(value))
        lives = (calls.live.get(call) or Live(call=call, name="", arrived=at) for call in withheld)
        return Decision(changes=tuple(Put(replace(live, withheld=True)) for live in lives))

    def _presented(self, entering: Entering, event: QueueRead | QueuesRead) -> Entering | None:
        """A call without its number when that is withheld; None when it came too late for this reading."""
        live = self._calls.live.get(entering.call)
        if live is not None and live.withheld:
            return replace(entering, number="", caller_name="")
        asked = event.presentations is None or entering.call in event.presentations
        return entering if asked or not may_be_withheld(entering, live) else None

    # --- agents on duty --------------------------------------------------------------------------

    def duty(self, reading: QueueReading, asked: datetime, at: datetime) -> Decision:
        """The agents on duty, where a reading includes them."""
        if reading.agents is None:
            return NOTHING
        read = Put(DutyRead(queue=reading.queue, at=asked))
        duty = duty_of(reading.queue, reading.agents)
        before = self._calls.duty.get(reading.queue)
        if before == duty:
            return Decision(changes=(read,))
        news = DutyKnown if before is None else DutyChanged
        return Decision(changes=(read, Put(duty)), commands=(news(at=at, queue=reading.queue),))

    # --- a count that differs --------------------------------------------------------------------

    def _compared(self, reading: QueueReading, at: datetime) -> Decision:
        """A count of app_queue that stays different from ours means that we missed something.

        First the whole queue is read, which finds unknown callers. As the last resort everything is read again.
        """
        calls = self._calls
        ours = calls.waiting_in(reading.queue)
        entering = calls.entering_queue(reading.queue)
        named = frozenset(reading.places.values()) if entering else frozenset()
        arriving = sum(one.channel in named for one in entering)
        difference = calls.differences.get(reading.queue)
        # The answer is newer than what late events have said so far.
        if reading.waiting == ours + arriving or calls.overload is not None:
            return NOTHING if difference is None else Decision(changes=(Delete(difference),))
        if difference is None:
            # A poll only counts: an unknown caller is looked for at once.
            unnamed = reading.waiting > ours and not reading.complete and not reading.places
            look = (ReadQueue(queue=reading.queue, complete=True),) if unnamed else ()
            return Decision(changes=(Put(Difference(queue=reading.queue, since=at)),), effects=look)
        if at - difference.since < LASTING:
            return NOTHING
        if not difference.read:
            again = replace(difference, since=at, read=True)
            return Decision(changes=(Put(again),), effects=(ReadQueue(queue=reading.queue, complete=True),))
        return Decision(changes=(Delete(difference),), effects=(Synchronise(),))
