"""The callbacks as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks import open_callbacks
from callcentre.features.callbacks.agents import Bridges
from callcentre.features.callbacks.answering import Answering
from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.changed_rules import ChangedRules, FindCallHours
from callcentre.features.callbacks.closing import Closing, ExpireNext, ExpireUnseen
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.elsewhere import (
    CloseCallback,
    HeldCalls,
    HoldCallback,
    Owning,
    ReleaseCallback,
    Visiting,
)
from callcentre.features.callbacks.events import (
    CallbackDeferred,
    CallbackMovedUp,
    CallbackRequested,
    CallbackWithdrawn,
    OtherServiceWanted,
)
from callcentre.features.callbacks.for_telephony import calls_of_ours, held_places
from callcentre.features.callbacks.interface import Announcer, CallbackList, OpenCallbacks
from callcentre.features.callbacks.metrics import collected
from callcentre.features.callbacks.model import CONFIRMATION, GIVEN_UP, WITHDRAWN, CancelCallback, MoveCallback
from callcentre.features.callbacks.offering import Offering
from callcentre.features.callbacks.offers import Offers
from callcentre.features.callbacks.open_callbacks import with_promises
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.callbacks.promise import Promises
from callcentre.features.callbacks.requests import Requests
from callcentre.features.callbacks.reservations import Reservations
from callcentre.features.callbacks.retention import retentions
from callcentre.features.callbacks.returning import Returning
from callcentre.features.callbacks.rights import CHANGE_CALLBACKS, SEE_CALLBACKS
from callcentre.features.callbacks.situation import Situations
from callcentre.features.callbacks.speaking import Speaking
from callcentre.features.callbacks.staff import Staff
from callcentre.features.callbacks.timers import CallbackWaits, CustomerRings, HoldEnds
from callcentre.features.callbacks.turn import CHANGES_TURNS, BeginNext, DialledNow, Turn
from callcentre.features.callbacks.views import Views
from callcentre.features.callbacks.web import routes
from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import ClockStepped, Event, SettingsChanged, Tick
from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.nodes.model import FromNodes, Nodes
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.people import People
from callcentre.kernel.program import Measured, Program
from callcentre.kernel.records import RecordsOfOthers
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.interface import Texts
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.ari.probe import LINGERS
from callcentre.telephony.dialling.interface import OwnCalls
from callcentre.telephony.dialling.outgoing import CallInVain
from callcentre.telephony.events import BridgeEntered, ChannelDestroyed, OriginateFailed, Synchronised
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts.model import CallerAnswered, CallerGone
from callcentre.telephony.queue_entry.model import Coming
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import CallArrived, DutyChanged, DutyKnown, ReservationAnswered
from callcentre.telephony.stasis.interface import purpose
from callcentre.web.component import BeforeAnswer
from callcentre.web.ports import WebPorts


def _build(building: Building) -> Iterable[Any]:
    callbacks, offers = Callbacks(), Offers()
    views = Views(
        rules=building.need(SettingsInForce), people=building.need(People), queues=building.need(QueueView),
        own_calls=building.need(OwnCalls),
        texts=building.need(Texts), bounds=building.need(Bounds), coming=building.need(Coming), callbacks=callbacks,
        of_others=RecordsOfOthers(callbacks), announcers=building.all(Announcer),
    )  # fmt: skip
    elsewhere = HeldCalls()
    visiting = Visiting(views, building.need(Nodes), elsewhere)
    situations, speaking, promises = Situations(views), Speaking(views), Promises(views)
    returning = Returning(views, speaking)
    offering = Offering(views, offers, situations, speaking, returning, visiting)
    answering = Answering(views, offers, situations, speaking, promises, returning, visiting)
    owning = Owning(views, returning)
    attempts = Attempts(views)
    dialled_now = DialledNow(views)
    turn = Turn(views, attempts, dialled_now)
    reservations = Reservations(views, attempts, dialled_now)
    closing = Closing(views, attempts)
    changed_rules = ChangedRules(views)
    bridges = Bridges(views)
    requests = Requests(views, offers, situations, promises, attempts, visiting)
    staff = Staff(views, attempts)
    yield provides(staff)
    yield provides(OpenCallbacks(callbacks, views.queues))
    yield provides(
        CallbackList(
            of=lambda service, at: with_promises(views, service, at),
            count=lambda service: len(callbacks.of_service(service)),
            page=lambda which, at: open_callbacks.page(views, which, at),
            found=lambda name, at: open_callbacks.found(views, name, at),
            of_services=lambda services: open_callbacks.of_services(views, services),
        )
    )
    yield from (CONFIRMATION, GIVEN_UP, WITHDRAWN)
    yield callbacks
    yield callbacks.requests
    yield callbacks.dial_times
    yield elsewhere
    yield views.of_others
    yield from retentions(callbacks, elsewhere)
    yield offers.by_call
    yield offers.offered
    link = building.need(AsteriskLink)

    async def look_at_agents(event: Event) -> None:
        if isinstance(event, CallbackRequested) and (service := views.settings.services.get(event.service)):
            await link.look([service.queue], LINGERS)

    yield KnowsNumber(lambda field, value: _number(callbacks, field, value))
    yield BeforeAnswer(look_at_agents)
    yield from (SEE_CALLBACKS, CHANGE_CALLBACKS)
    yield from routes(building.need(WebPorts), ports_of(views, building.need(Program), building.need(Reads)))
    yield Measured(lambda: collected(views))
    yield held_places(callbacks, elsewhere)
    yield calls_of_ours(callbacks)
    yield purpose("callback", attempts.handed_over)
    yield purpose("agent", reservations.handed_over)
    yield on(CallArrived, offering.arrived)
    yield on(ReservationAnswered, reservations.reserved)
    yield on(CallerAnswered, answering.answered, attempts.answered)
    yield on(CallerGone, answering.gone, attempts.gone)
    yield on(QueueJoined, offering.joined, returning.joined, visiting.joined, attempts.joined)
    yield on(QueueAnswered, returning.served, visiting.served, attempts.connected)
    yield on(QueueLeft, returning.left, visiting.left, attempts.left, turn.moved)
    yield on(CallEnded, attempts.ended, turn.moved)
    yield on(DutyKnown, turn.duty_known)
    yield on(DutyChanged, turn.duty_changed)
    yield on(BridgeEntered, bridges.entered)
    yield on(ChannelDestroyed, offering.destroyed, returning.destroyed, visiting.destroyed, attempts.destroyed)
    yield on(OriginateFailed, attempts.not_dialled)
    yield on(CallInVain, attempts.in_vain)
    yield on(CustomerRings, attempts.lost)
    yield on(CallbackWaits, attempts.waited, turn.waited)
    yield turn.changed
    yield from (on(kind, turn.callback_changed) for kind in CHANGES_TURNS)
    yield on(
        Synchronised,
        offering.synchronised,
        returning.synchronised,
        visiting.synchronised,
        attempts.synchronised,
        bridges.synchronised,
        changed_rules.with_their_service,
        changed_rules.within_call_hours,
        closing.synchronised,
    )
    yield on(SettingsChanged, changed_rules.with_their_service, changed_rules.within_call_hours)
    yield on(ClockStepped, changed_rules.within_call_hours)
    yield on(FindCallHours, changed_rules.find_call_hours)
    yield from (FromNodes(kind) for kind in (HoldCallback, ReleaseCallback, CloseCallback))
    yield on(HoldCallback, owning.hold)
    yield on(ReleaseCallback, owning.release)
    yield on(CloseCallback, owning.close)
    yield on(HoldEnds, owning.ended)
    yield on(Tick, visiting.tick, closing.tick, turn.tick)
    yield on(BeginNext, turn.begin_next)
    yield on(ExpireNext, closing.expire_next)
    yield on(ExpireUnseen, closing.expire_unseen)
    yield on(CallbackRequested, requests.requested)
    yield on(CallbackWithdrawn, requests.withdrawn)
    yield on(CallbackDeferred, staff.deferred)
    yield on(CallbackMovedUp, staff.moved_up)
    yield on(OtherServiceWanted, staff.reassigned)
    yield on(ErasureBegun, requests.erased)
    yield on(CancelCallback, requests.cancelled)
    yield on(MoveCallback, requests.moved)


def _number(callbacks: Callbacks, field: str, value: str) -> str | None:
    one = callbacks.get(value) if field == "callback" else callbacks.of_call(value) if field == "call" else None
    return None if one is None else one.number


COMPONENT = Component(name="callbacks", build=_build)
