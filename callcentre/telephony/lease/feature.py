"""The lease: whether the dialplan may send callers through us."""

from callcentre.kernel.event import Tick
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.events import Synchronised
from callcentre.telephony.lease import tables
from callcentre.telephony.lease.rules import Lease
from callcentre.telephony.queue_view import model as calls
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the lease. It listens to `Synchronised` after the queue view has taken it in."""
    lease = Lease(world.queue_view)
    return Feature(
        name="lease",
        shelves=(Shelf(calls.LastSeen, world.calls, tables.pulse),),
        rules={Tick: (lease.ticked,), Synchronised: (lease.synchronised,)},
    )
