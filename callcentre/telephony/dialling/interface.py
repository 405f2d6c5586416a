"""What others may know of the calls that we make: how many there are, and when the next one may ring.

A component that makes calls declares `CallsOfOurs`, so that dialling knows of them without knowing the component.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.dialling.outcome import Heard, Leg
from callcentre.telephony.dialling.outgoing import Denied, Granted, Outgoing, permission
from callcentre.values.days import day_of
from callcentre.values.endpoints import is_local

if TYPE_CHECKING:
    from callcentre.config.sections import Dialling

_A_WEEK: Final = timedelta(days=7)
"""The hours of a service and those at which a number may be called overlap within this time, or only on rare days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOfOurs:
    """A call of ours that nobody has taken yet: the callback that it is about, and the number it is made for (E.164).

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

    `in_flight` counts its calls that ring or are spoken with, `ringing` those that ring at a customer or are about to,
    and `reserving` the agents that it rings for a customer. `has_phone` says whether it rings at a number (E.164) or
    holds a call of it. `about` says what a channel of ours that nobody has taken is about; None for any other channel.
    """

    in_flight: Callable[[], int]
    ringing: Callable[[], int]
    has_phone: Callable[[str], bool]
    about: Callable[[str], CallOfOurs | None]
    reserving: Callable[[], int] = _none


@dataclass(slots=True)
class OwnCalls:
    """The calls that we make, of every kind."""

    rules: SettingsInForce
    people: People
    outgoing: Outgoing
    makers: Sequence[CallsOfOurs] = ()

    # --- now -------------------------------------------------------------------------------------

    def in_flight(self) -> int:
        """How many calls of ours ring or are spoken with now."""
        return sum(maker.in_flight() for maker in self.makers)

    def is_dialling(self) -> bool:
        """Whether a call of ours rings at a customer or is about to."""
        return any(maker.ringing() for maker in self.makers)

    def may_try(self) -> bool:
        """Whether no call of ours is dialled and no agent is rung for one.

        The next call may try then, if there is a route to a network.
        """
        return not self.is_dialling() and not any(maker.reserving() for maker in self.makers)

    def is_on_the_line(self, number: str) -> bool:
        """Whether we ring at this number (E.164) or hold a call of it. No other call of ours may go to it then."""
        return any(maker.has_phone(number) for maker in self.makers)

    def about(self, call: str) -> CallOfOurs | None:
        """What a channel of ours that nobody has taken is about; None for any other channel."""
        return next((about for maker in self.makers if (about := maker.about(call)) is not None), None)

    def ringing(self, call: str, callback: str, number: str, endpoint: str) -> Heard:
        """The record of a call to a number (E.164) as it is dialled: nothing has been heard of it yet."""
        return Heard(
            call=call, callback=callback, caller=self.people.caller(number), local=is_local(endpoint), own=Leg(call)
        )

    # --- how many --------------------------------------------------------------------------------

    def permission(
        self, number: str, service: str, dialling: Dialling, at: datetime, *, spare: int = 0
    ) -> Granted | Denied:
        """Whether a number may be dialled once more today for a service, with `spare` calls to it left for others."""
        day = day_of(at, self.rules.settings.timezone)
        return permission(
            self.outgoing, number, dialling, self.rules.numbers, key=self.people.key, day=day, at=at,
            zone=self.zone_of(service), spare=spare,
        )  # fmt: skip

    # --- when ------------------------------------------------------------------------------------

    def next_call(self, number: str, service: str, at: datetime) -> datetime:
        """When a call of ours for a service may ring at a number (E.164): `at` itself, or the next call hours."""
        return self.rules.numbers.next_call(number, at, self.zone_of(service))

    def next_call_of_service(self, number: str, service: str, at: datetime) -> datetime | None:
        """When, from `at` on, a service is open and a call of ours for it may ring at a number (E.164).

        None where its hours and those at which the number may be called do not overlap within a week of its next
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
        """The timezone of a service; that of the whole file for a service that is no more."""
        settings = self.rules.settings
        known = settings.services.get(service)
        return settings.timezone if known is None else known.timezone
