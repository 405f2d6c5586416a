"""The queue view: who waits where, who talks with whom."""

from callcentre.kernel.event import Tick
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.events import (
    AgentAnswered,
    AgentDialled,
    AsteriskLost,
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelDestroyed,
    ChannelSeen,
    DialplanStep,
    HangupRequested,
    KeyPressed,
    QueueNotRead,
    QueueRead,
    QueuesRead,
    StasisEnded,
    StasisStarted,
    Synchronised,
    VariableSet,
)
from callcentre.telephony.queue_view import model as calls
from callcentre.telephony.queue_view import tables
from callcentre.telephony.queue_view.catching_up import CatchingUp
from callcentre.telephony.queue_view.ending import Ending
from callcentre.telephony.queue_view.joining import Joining
from callcentre.telephony.queue_view.leaving import Leaving
from callcentre.telephony.queue_view.moving import Moving
from callcentre.telephony.queue_view.polling import Polling
from callcentre.telephony.queue_view.progress import Progress
from callcentre.telephony.queue_view.readings import Readings
from callcentre.telephony.queue_view.talking import Talking
from callcentre.world import World


def feature(world: World) -> Feature:
    """The rules and records of the queue view."""
    view = world.queue_view
    progress = Progress(view, world)
    moving = Moving(view, progress)
    joining = Joining(view, progress)
    readings = Readings(view, joining)
    leaving = Leaving(view, joining, progress)
    talking = Talking(view, joining, progress, moving)
    ending = Ending(view, joining, progress, moving)
    catching_up = CatchingUp(view, joining, readings, progress, moving)
    polling = Polling(view)
    memory_only = (
        calls.Live, calls.Entering, calls.Signs, calls.Duty, calls.DutyRead, calls.AtReception, calls.Link,
        calls.Difference, calls.Order,
    )  # fmt: skip
    return Feature(
        name="queue",
        shelves=(
            Shelf(calls.Call, world.calls, tables.calls),
            Shelf(calls.Handling, world.calls, tables.handling),
            *(Shelf(record, world.calls) for record in memory_only),
        ),
        rules={
            ChannelCreated: (joining.created,),
            StasisStarted: (joining.handed_to_us, polling.handed_over),
            StasisEnded: (joining.let_go, polling.gone),
            DialplanStep: (joining.began, joining.stepped),
            QueueRead: (readings.presented, readings.read, polling.read),
            QueuesRead: (readings.presented, readings.all_read, polling.all_read),
            QueueNotRead: (polling.not_read,),
            ChannelSeen: (joining.seen,),
            AgentDialled: (joining.dialled,),
            AgentAnswered: (leaving.agent_answered,),
            HangupRequested: (leaving.hangup_requested,),
            KeyPressed: (leaving.key_pressed,),
            VariableSet: (leaving.variable_set,),
            BridgeEntered: (talking.placed, talking.bridge_entered),
            BridgeLeft: (talking.taken_out, talking.bridge_left),
            ChannelDestroyed: (ending.destroyed, polling.gone),
            AsteriskLost: (catching_up.lost, polling.anew),
            Synchronised: (
                catching_up.channels,
                catching_up.synchronised,
                catching_up.passed_on,
                polling.anew,
            ),
            Tick: (polling.ticked,),
        },
    )
