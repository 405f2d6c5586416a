"""Callbacks: offered, promised, kept at their place, and kept."""

from callcentre.domain import callbacks, calls, conversation, events, facts, outgoing
from callcentre.domain.outgoing import Dialled
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.callback import tables
from callcentre.features.callback.agents import Bridges
from callcentre.features.callback.attempts import Attempts
from callcentre.features.callback.offering import Offering
from callcentre.features.callback.requests import Requests
from callcentre.features.callback.state import Offer, Offered, Offers
from callcentre.features.callback.turn import Turn


def feature(world: World) -> Feature:
    """The room of the callbacks."""
    offers = Offers()
    offering = Offering(world, offers)
    attempts = Attempts(world)
    turn = Turn(world, attempts)
    bridges = Bridges(world)
    requests = Requests(world, offering, attempts)
    return Feature(
        name="callback",
        shelves=(
            Shelf(callbacks.Callback, world.callbacks, tables.callbacks),
            Shelf(Dialled, world.outgoing, tables.dialled),
            Shelf(callbacks.DialTime, world.callbacks, tables.dial_time),
            Shelf(callbacks.Request, world.callbacks, tables.requests),
            Shelf(Offer, offers),
            Shelf(Offered, offers),
        ),
        rules={
            calls.ReservationAnswered: (turn.reserved,),
            events.StasisStarted: (offering.handed_over, attempts.handed_over, turn.handed_over),
            calls.CallArrived: (offering.arrived,),
            conversation.CallerAnswered: (offering.answered, attempts.answered),
            conversation.CallerGone: (offering.gone, attempts.gone),
            facts.QueueJoined: (offering.joined, attempts.joined),
            facts.QueueAnswered: (offering.served, attempts.connected),
            facts.QueueLeft: (offering.left, attempts.left, turn.moved),
            facts.CallEnded: (attempts.ended, turn.moved),
            calls.DutyKnown: (turn.duty_known,),
            events.BridgeEntered: (bridges.entered,),
            events.ChannelDestroyed: (offering.destroyed, attempts.destroyed),
            events.OriginateFailed: (attempts.not_dialled,),
            outgoing.CallInVain: (attempts.in_vain,),
            events.TimerDue: (attempts.due,),
            events.Synchronised: (
                offering.synchronised,
                attempts.synchronised,
                bridges.synchronised,
                turn.with_their_service,
                turn.within_call_hours,
                turn.closed_meanwhile,
            ),
            events.SettingsChanged: (turn.with_their_service, turn.within_call_hours),
            events.ClockStepped: (turn.within_call_hours,),
            events.Beat: (turn.beat,),
            events.CallbackRequested: (requests.requested,),
            events.CallbackWithdrawn: (requests.withdrawn,),
            callbacks.CancelCallback: (requests.cancelled,),
            callbacks.MoveCallback: (requests.moved,),
        },
    )
