"""Callbacks: offered, promised, kept at their place, and kept."""

from callcentre.features.callbacks import model as callbacks
from callcentre.features.callbacks import tables
from callcentre.features.callbacks.agents import Bridges
from callcentre.features.callbacks.answering import Answering
from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.changed_rules import ChangedRules, FindCallHours
from callcentre.features.callbacks.closing import Closing, ExpireNext, ExpireUnseen
from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.offering import Offering
from callcentre.features.callbacks.offers import Offer, Offered, Offers
from callcentre.features.callbacks.promise import Promises
from callcentre.features.callbacks.requests import Requests
from callcentre.features.callbacks.reservations import Reservations
from callcentre.features.callbacks.returning import Returning
from callcentre.features.callbacks.situation import Situations
from callcentre.features.callbacks.speaking import Speaking
from callcentre.features.callbacks.turn import BeginNext, Turn
from callcentre.kernel.event import ClockStepped, SettingsChanged, Tick, TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.telephony.dialling import outgoing
from callcentre.telephony.events import BridgeEntered, ChannelDestroyed, OriginateFailed, Synchronised
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts import model as conversation
from callcentre.telephony.queue_view import model as calls
from callcentre.telephony.stasis import purpose
from callcentre.world import World


def feature(world: World) -> Feature:
    """The room of the callbacks."""
    offers = Offers()
    situations, speaking, promises = Situations(world), Speaking(world), Promises(world)
    returning = Returning(world, speaking)
    offering = Offering(world, offers, situations, speaking, returning)
    answering = Answering(world, offers, situations, speaking, promises, returning)
    attempts = Attempts(world)
    turn = Turn(world, attempts)
    reservations = Reservations(world, attempts)
    closing = Closing(world, attempts)
    changed_rules = ChangedRules(world)
    bridges = Bridges(world)
    requests = Requests(world, offers, situations, promises, attempts)
    return Feature(
        name="callback",
        more=(purpose("callback", attempts.handed_over), purpose("agent", reservations.handed_over)),
        shelves=(
            Shelf(callbacks.Callback, world.callbacks, tables.callbacks),
            Shelf(callbacks.DialTime, world.callbacks, tables.dial_time),
            Shelf(callbacks.Request, world.callbacks, tables.requests),
            Shelf(Offer, offers),
            Shelf(Offered, offers),
        ),
        rules={
            calls.ReservationAnswered: (reservations.reserved,),
            calls.CallArrived: (offering.arrived,),
            conversation.CallerAnswered: (answering.answered, attempts.answered),
            conversation.CallerGone: (answering.gone, attempts.gone),
            QueueJoined: (returning.joined, attempts.joined),
            QueueAnswered: (returning.served, attempts.connected),
            QueueLeft: (returning.left, attempts.left, turn.moved),
            CallEnded: (attempts.ended, turn.moved),
            calls.DutyKnown: (turn.duty_known,),
            BridgeEntered: (bridges.entered,),
            ChannelDestroyed: (offering.destroyed, returning.destroyed, attempts.destroyed),
            OriginateFailed: (attempts.not_dialled,),
            outgoing.CallInVain: (attempts.in_vain,),
            TimerDue: (attempts.due,),
            Synchronised: (
                offering.synchronised,
                returning.synchronised,
                attempts.synchronised,
                bridges.synchronised,
                changed_rules.with_their_service,
                changed_rules.within_call_hours,
                closing.synchronised,
            ),
            SettingsChanged: (changed_rules.with_their_service, changed_rules.within_call_hours),
            ClockStepped: (changed_rules.within_call_hours,),
            Tick: (closing.tick, turn.tick),
            ExpireNext: (closing.expire_next,),
            ExpireUnseen: (closing.expire_unseen,),
            BeginNext: (turn.begin_next,),
            FindCallHours: (changed_rules.find_call_hours,),
            CallbackRequested: (requests.requested,),
            CallbackWithdrawn: (requests.withdrawn,),
            callbacks.CancelCallback: (requests.cancelled,),
            callbacks.MoveCallback: (requests.moved,),
        },
    )
