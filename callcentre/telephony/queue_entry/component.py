"""Queue entry as a component: calls enter a queue at their place, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import Tick
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueJoined, QueueLeft
from callcentre.telephony.queue_entry.model import Coming, EnterQueue, Entrance, PassNext
from callcentre.telephony.queue_entry.rules import QueueEntry
from callcentre.telephony.queue_view.interface import HeldPlaces, QueueView


def _build(building: Building) -> Iterable[Any]:
    coming = Coming()
    yield provides(coming)
    entrance = Entrance()
    entry = QueueEntry(building.need(QueueView), entrance, coming)
    yield entrance.by_call
    yield coming.by_call
    yield HeldPlaces(before=coming.before, queues=coming.queues, live=True)
    yield on(EnterQueue, entry.asked)
    yield on(QueueJoined, entry.arrived)
    yield on(QueueLeft, entry.arrived)
    yield on(ChannelDestroyed, entry.destroyed)
    yield on(Tick, entry.ticked)
    yield on(PassNext, entry.pass_next)
    yield on(Synchronised, entry.synchronised)


COMPONENT = Component(name="queue_entry", build=_build)
