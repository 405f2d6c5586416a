"""The queue view: who waits where, who talks with whom."""

from callcentre.domain import calls, events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.queue import tables
from callcentre.features.queue.catching_up import CatchingUp
from callcentre.features.queue.policy import QueueView
from callcentre.features.queue.polling import Polling


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
            events.ChannelCreated: (view.created,),
            events.StasisStarted: (view.handed_to_us, polling.handed_over),
            events.StasisEnded: (view.let_go, polling.gone),
            events.DialplanStep: (view.began, view.stepped),
            events.QueueRead: (view.presented, view.read, polling.read),
            events.QueuesRead: (view.presented, view.all_read, polling.all_read),
            events.QueueNotRead: (polling.not_read,),
            events.ChannelSeen: (view.seen,),
            events.AgentDialled: (view.dialled,),
            events.AgentAnswered: (view.agent_answered,),
            events.HangupRequested: (view.hangup_requested,),
            events.KeyPressed: (view.key_pressed,),
            events.VariableSet: (view.variable_set,),
            events.BridgeEntered: (view.placed, view.bridge_entered),
            events.BridgeLeft: (view.taken_out, view.bridge_left),
            events.ChannelDestroyed: (view.destroyed, polling.gone),
            events.AsteriskLost: (view.lost, polling.anew),
            events.Synchronised: (
                catching_up.channels,
                catching_up.synchronised,
                catching_up.passed_on,
                polling.anew,
            ),
            events.Beat: (polling.beat,),
        },
    )
