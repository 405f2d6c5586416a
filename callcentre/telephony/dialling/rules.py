"""Follows outgoing calls until somebody answers them, and decides what an unanswered call means."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import SettingsChanged
from callcentre.telephony.dialling.interface import OwnCalls
from callcentre.telephony.dialling.outcome import Heard, Leg, Outcome, is_quick, outcome_of
from callcentre.telephony.dialling.outgoing import CallInVain, CallNotCounted
from callcentre.telephony.dialling.route import NO_ROUTE_ALARM, Route, concluded, got_through, without
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.events import (
    ChannelCreated,
    ChannelDestroyed,
    DialProgress,
    HangupRequested,
    OriginateFailed,
    Synchronised,
)


class Dialling:
    """The rules for the outcome of outgoing calls."""

    def __init__(self, calls: OwnCalls) -> None:
        self._calls = calls
        self._rules = calls.rules
        self._outgoing = calls.outgoing

    def erased(self, event: ErasureBegun, _at: datetime) -> Decision:
        """The person is to be erased: the route is known without the number."""
        return self._known(without(self._outgoing.route, event.erasure.caller))

    # --- while it rings --------------------------------------------------------------------------

    def created(self, event: ChannelCreated, _at: datetime) -> Decision:
        """An outgoing channel was created: from now on its time counts."""
        heard = self._outgoing.heard.get(event.channel.id)
        return NOTHING if heard is None else Decision(changes=(Put(replace(heard, began=event.when)),))

    def progressed(self, event: DialProgress, _at: datetime) -> Decision:
        """An outgoing call rings, is answered, or is about to end."""
        before = self._heard(event.call)
        if before is None:
            return NOTHING
        after = before.status(event.leg, event.status)
        answered = event.leg is None and event.status == "ANSWER"
        decision = Decision(changes=(Delete(after) if answered else Put(after),))
        route = self._outgoing.route
        if not after.rang:
            return decision
        mute = after.is_mute if answered else route.mute
        return decision + self._known(got_through(route, after.caller, mute=mute))

    def hangup_requested(self, event: HangupRequested, _at: datetime) -> Decision:
        """The network ends a call, which is a reaction too."""
        heard = None if event.soft else self._outgoing.of_channel(event.call)
        if heard is None:
            return NOTHING
        return Decision(changes=(Put(heard.ended(event.call, event.cause, hung_up=True)),))

    # --- when it is over -------------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """An outgoing call is over, or a channel that the dialplan dialled for it."""
        heard = self._outgoing.of_channel(event.call) or self._heard(event.call)
        if heard is None:
            return NOTHING
        heard = heard.ended(event.call, event.cause)
        if heard.call != event.call:
            return Decision(changes=(Put(heard),))
        seconds = heard.lasted(event.when)
        if seconds is None:
            heard, seconds = replace(heard, whole=False), 0.0
        return self._over(heard, seconds, at)

    def not_begun(self, event: OriginateFailed, at: datetime) -> Decision:
        """Asterisk did not begin to dial: the endpoint does not exist, or cannot be reached."""
        heard = self._heard(event.call)
        return NOTHING if heard is None else self._over(replace(heard, whole=True), None, at)

    def not_counted(self, event: CallNotCounted, at: datetime) -> Decision:
        """Another daemon has made the last call that was allowed: ours has no record any more, and is not dialled."""
        heard = self._heard(event.call)
        if heard is None:
            return NOTHING
        in_vain = CallInVain(
            at=at, call=heard.call, callback=heard.callback, outcome=Outcome.LIMIT, reserves=heard.reserves
        )
        return Decision(changes=(Delete(heard),), commands=(in_vain,))

    def _over(self, heard: Heard, seconds: float | None, at: datetime) -> Decision:
        """Report the outcome to the component that made the call, unless it no longer waits for it."""
        forgotten = Decision(changes=(Delete(heard),))
        if self._calls.about(heard.call) is None:
            return forgotten
        known = self._outgoing.route
        quick = is_quick(heard, seconds)
        outcome = outcome_of(heard, seconds, mute=known.mute)
        if heard.reserves:
            # An agent who does not answer is not a fault, but a dialplan without the context that rings agents is.
            if seconds is not None and (heard.own.statuses or not heard.whole):
                return forgotten
            outcome, quick = Outcome.NO_ROUTE, False
        route, outcome = concluded(known, outcome, heard.caller, at, quick=quick)
        decision = forgotten + self._known(route)
        if outcome is Outcome.NO_ROUTE and not heard.reserves and (seconds is None or not heard.left_us):
            decision += self._calls.given_back(heard, at)
        in_vain = CallInVain(at=at, call=heard.call, callback=heard.callback, outcome=outcome, reserves=heard.reserves)
        return decision + Decision(commands=(in_vain,))

    def _known(self, route: Route) -> Decision:
        """The new knowledge about the route, with the alarm where it changes."""
        before = self._outgoing.route
        if route == before:
            return NOTHING
        decision = Decision(changes=(Put(route),))
        if route.raised == before.raised:
            return decision
        return decision + Decision(facts=(NO_ROUTE_ALARM.raised() if route.raised else NO_ROUTE_ALARM.cleared(),))

    # --- the call of a channel --------------------------------------------------------------------

    def _heard(self, call: str) -> Heard | None:
        """The record of an outgoing call that nobody has answered; None for any other channel."""
        known = self._outgoing.heard.get(call)
        if known is not None:
            return known
        about = self._calls.about(call)
        if about is None:
            return None
        caller = self._calls.people.caller(about.number)
        return Heard(
            call=call, callback=about.callback, caller=caller, local=False, own=Leg(call), whole=False,
            reserves=about.reserves,
        )  # fmt: skip

    # --- after a break, and changes --------------------------------------------------------------

    def synchronised(self, event: Synchronised, _at: datetime) -> Decision:
        """Events were missed: from now on nothing is concluded from missing events."""
        present = {channel.id for channel in event.channels}
        heard = self._outgoing.heard.values()
        return Decision(
            changes=tuple(Put(replace(one, whole=False)) if one.call in present else Delete(one) for one in heard)
        )

    def with_their_rules(self, _event: Synchronised | SettingsChanged, _at: datetime) -> Decision:
        """When no dialling is configured any more, the alarm about it is cleared."""
        route = self._outgoing.route
        if not route.raised or self._rules.settings.section(DiallingSettings) is not None:
            return NOTHING
        return self._known(Route(mute=route.mute))

    def try_at_once(self, _event: SettingsChanged, _at: datetime) -> Decision:
        """The administrator has changed something: the next call may try at once."""
        route = self._outgoing.route
        return self._known(replace(route, paused_until=None)) if route.raised else NOTHING
