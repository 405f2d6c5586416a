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
from callcentre.telephony.queue_view.polling import Polling
from callcentre.telephony.queue_view.rules import QueueView
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the queue view."""
    view = QueueView(world)
    catching_up = CatchingUp(world, view)
    polling = Polling(world)
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
            ChannelCreated: (view.created,),
            StasisStarted: (view.handed_to_us, polling.handed_over),
            StasisEnded: (view.let_go, polling.gone),
            DialplanStep: (view.began, view.stepped),
            QueueRead: (view.presented, view.read, polling.read),
            QueuesRead: (view.presented, view.all_read, polling.all_read),
            QueueNotRead: (polling.not_read,),
            ChannelSeen: (view.seen,),
            AgentDialled: (view.dialled,),
            AgentAnswered: (view.agent_answered,),
            HangupRequested: (view.hangup_requested,),
            KeyPressed: (view.key_pressed,),
            VariableSet: (view.variable_set,),
            BridgeEntered: (view.placed, view.bridge_entered),
            BridgeLeft: (view.taken_out, view.bridge_left),
            ChannelDestroyed: (view.destroyed, polling.gone),
            AsteriskLost: (view.lost, polling.anew),
            Synchronised: (
                catching_up.channels,
                catching_up.synchronised,
                catching_up.passed_on,
                polling.anew,
            ),
            Tick: (polling.beat,),
        },
    )
