"""The lease: whether the dialplan may send callers through us."""

from callcentre.domain import calls, events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.lease import tables
from callcentre.features.lease.policy import Lease


def feature(world: World) -> Feature:
    """The room of the lease. It listens to `Synchronised` after the queue view has taken it in."""
    lease = Lease(world)
    return Feature(
        name="lease",
        shelves=(Shelf(calls.Pulse, world.calls, tables.pulse),),
        rules={events.Beat: (lease.beat,), events.Synchronised: (lease.synchronised,)},
    )
