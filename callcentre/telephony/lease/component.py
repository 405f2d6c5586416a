"""The lease as a component: whether the dialplan may send callers through us."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import Tick
from callcentre.kernel.retention.model import Retention
from callcentre.telephony.events import Synchronised
from callcentre.telephony.lease.rules import Lease
from callcentre.telephony.queue_view.interface import QueueView


def _build(building: Building) -> Iterable[Any]:
    view = building.need(QueueView)
    lease = Lease(view)
    yield view.calls.last_seen_records
    yield Retention(
        view.calls.last_seen_records,
        holds="When the daemon last knew all calls",
        keeps="until the next time replaces it",
        why="a call that ended while the daemon was off has an end in the figures",
    )
    yield on(Tick, lease.ticked)
    yield on(Synchronised, lease.synchronised)


COMPONENT = Component(name="lease", build=_build, after=frozenset({"queue_view"}))
"""Its rule for `Synchronised` comes after the queue view's: callers may come once all callers are known again."""
