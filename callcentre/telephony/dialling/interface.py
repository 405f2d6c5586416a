"""What other components may read about outgoing calls: how many there are, and when the next one may ring.

A component that makes calls declares `CallsOfOurs`, so that dialling knows of them without knowing the component.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.limits.caps import Caps, caps_of
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.dialling.outcome import Heard, Leg
from callcentre.telephony.dialling.outgoing import Denied, Granted, Outgoing, given_back, permission, spent
from callcentre.telephony.dialling.settings import CallCaps, DiallingSettings
from callcentre.values.days import day_of
from callcentre.values.endpoints import is_local

OF_ORGANISATION: Final = "calls of organisation"
"""What is counted for the cap of an organisation: calls for all of its services."""

_A_WEEK: Final = timedelta(days=7)
"""The hours of a service and those of a number overlap within this time, or only on rare days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOfOurs:
    """An outgoing call that nobody has answered yet: its callback, and the number that it is made for (E.164).

    `reserves`: it rings an agent for the customer of the callback.
    """

    callback: str
    number: str
    reserves: bool = False


def _none() -> int:
    """No calls of this kind."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsOfOurs:
    """A component that makes calls.

    `in_flight` counts its calls that ring or are in a conversation, `ringing` those that ring at a customer or are
    about to, and `reserving` the agents that it rings for a customer. `has_phone` says whether it rings at a number
    (E.164) or has a call with it. `about` describes one of its channels that is still unanswered; None for any other
    channel.
    """

    in_flight: Callable[[], int]
    ringing: Callable[[], int]
    has_phone: Callable[[str], bool]
    about: Callable[[str], CallOfOurs | None]
    reserving: Callable[[], int] = _none


@dataclass(slots=True)
class OwnCalls:
    """All outgoing calls, of every kind."""

    rules: SettingsInForce
    people: People
    outgoing: Outgoing
    caps: Caps
    makers: Sequence[CallsOfOurs] = ()

    # --- now -------------------------------------------------------------------------------------

    def in_flight(self) -> int:
        """How many outgoing calls ring or are in a conversation now."""
        return sum(maker.in_flight() for maker in self.makers)

    def is_dialling(self) -> bool:
        """Whether an outgoing call rings at a customer or is about to."""
        return any(maker.ringing() for maker in self.makers)

    def may_try(self) -> bool:
        """Whether no outgoing call is dialled and no agent is rung for one.

        The next call may then try whether there is a route to a network.
        """
        return not self.is_dialling() and not any(maker.reserving() for maker in self.makers)

    def is_on_the_line(self, number: str) -> bool:
        """Whether we ring at this number (E.164) or have a call with it. Then no other call may go to it."""
        return any(maker.has_phone(number) for maker in self.makers)

    def about(self, call: str) -> CallOfOurs | None:
        """The callback and number of an outgoing channel that is still unanswered; None for any other channel."""
        return next((about for maker in self.makers if (about := maker.about(call)) is not None), None)

    def ringing(self, call: str, callback: str, service: str, number: str, endpoint: str) -> Heard:
        """The record of a call to a number (E.164) when it is dialled, without any events yet."""
        return Heard(
            call=call, callback=callback, service=service, caller=self.people.caller(number),
            local=is_local(endpoint), own=Leg(call),
        )  # fmt: skip

    # --- limits ----------------------------------------------------------------------------------

    def permission(
        self, number: str, service: str, dialling: DiallingSettings, at: datetime, *, spare: int = 0
    ) -> Granted | Denied:
        """Whether a number may be dialled once more today for a service, with `spare` calls left for other uses."""
        day = day_of(at, self.rules.settings.timezone)
        verdict = permission(
            self.outgoing, number, dialling, self.rules.numbers, key=self.people.key, day=day, at=at,
            zone=self.zone_of(service), spare=spare,
        )  # fmt: skip
        if isinstance(verdict, Denied):
            return verdict
        if self.cap_reached(service, at):
            return Denied("per_day")
        return verdict.also(*self.caps.take(OF_ORGANISATION, service, self._cap_of(service), at))

    def spent(self, service: str, dialling: DiallingSettings, at: datetime) -> bool:
        """Whether the calls of today are used up, for all services or for those of the organisation of this one."""
        day = day_of(at, self.rules.settings.timezone)
        return spent(self.outgoing, day=day, per_day=dialling.per_day) or self.cap_reached(service, at)

    def cap_reached(self, service: str, at: datetime) -> bool:
        """Whether the organisation of a service has made all calls that it may make today."""
        return self.caps.reached(OF_ORGANISATION, service, self._cap_of(service), at)

    def given_back(self, heard: Heard, at: datetime) -> Decision:
        """Uncount a call of today that did not go out."""
        decision = given_back(self.outgoing, heard.caller, day_of(at, self.rules.settings.timezone))
        if decision is NOTHING:
            return NOTHING
        return decision + Decision(changes=self.caps.give_back(OF_ORGANISATION, heard.service, at))

    def _cap_of(self, service: str) -> int | None:
        caps = caps_of(self.rules.settings, service, CallCaps)
        return None if caps is None else caps.calls_per_day

    # --- hours -----------------------------------------------------------------------------------

    def next_call(self, number: str, service: str, at: datetime) -> datetime:
        """When an outgoing call for a service may ring at a number (E.164): `at`, or the next call hours."""
        return self.rules.numbers.next_call(number, at, self.zone_of(service))

    def next_call_of_service(self, number: str, service: str, at: datetime) -> datetime | None:
        """When, from `at` on, a service is open and an outgoing call for it may ring at a number (E.164).

        None where the hours of the service and those of the number do not overlap within a week of the service's next
        opening.
        """
        known = self.rules.settings.services.get(service)
        opens = None if known is None else known.opening_hours.next_opening(at)
        if known is None or opens is None:
            return None
        latest = opens + _A_WEEK
        while opens is not None and opens <= latest:
            rings = self.next_call(number, service, opens)
            if rings == opens:
                return opens
            opens = known.opening_hours.next_opening(rings)
        return None

    def zone_of(self, service: str) -> ZoneInfo:
        """The timezone of a service; that of the whole file for a service that no longer exists."""
        settings = self.rules.settings
        known = settings.services.get(service)
        return settings.timezone if known is None else known.timezone
