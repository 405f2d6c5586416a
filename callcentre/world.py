"""What every feature may look at when it decides: the rules in force and the state that all share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.model import Callback
from callcentre.features.notices.model import Notices
from callcentre.features.surveys.model import Surveys
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.settings_in_force.model import RulesInForce
from callcentre.messaging.model import Suppressions, Texts
from callcentre.telephony.dialling.outgoing import Outgoing
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_entry.model import Coming
from callcentre.telephony.queue_view.callers import may_be_withheld
from callcentre.telephony.queue_view.estimate import estimated_wait, handle_time
from callcentre.telephony.queue_view.model import SINCE_VARIABLE, Call, Calls, Entering
from callcentre.telephony.queue_view.order import Rank, rank
from callcentre.values.numbers import NumberPolicy, caller_hash, is_withheld, mask, normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings

_A_WEEK: Final = timedelta(days=7)
"""The hours of a service and those at which a number may be called meet by then, or only on some odd day."""


@lru_cache(maxsize=4096)
def _who(number: str, region: str, key: bytes) -> Mapping[str, str]:
    if is_withheld(number) or not any(character.isdecimal() for character in number):
        return {}
    known = normalise(number, region) or number
    return {"number": mask(known), "caller": caller_hash(key, known)}


@dataclass(slots=True)
class World:
    """One for the daemon's life. `key` is the secret that numbers are hashed with.

    `prompts` tells the length in seconds of each of our prompts, by language and name.
    """

    settings: Settings
    key: bytes
    prompts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)
    coming: Coming = field(default_factory=Coming)
    callbacks: Callbacks = field(default_factory=Callbacks)
    outgoing: Outgoing = field(default_factory=Outgoing)
    notices: Notices = field(default_factory=Notices)
    surveys: Surveys = field(default_factory=Surveys)
    texts: Texts = field(default_factory=Texts)
    suppressions: Suppressions = field(default_factory=Suppressions)
    bounds: Bounds = field(default_factory=Bounds)

    def put(self, record: RulesInForce) -> None:
        """From now on these rules hold."""
        self.settings = record.settings

    def delete(self, _record: RulesInForce) -> None:
        """Rules are replaced, never taken away."""

    # --- who -------------------------------------------------------------------------------------

    @property
    def numbers(self) -> NumberPolicy:
        """Whom we may dial or text."""
        return self.settings.number_policy

    def who(self, number: str | None) -> dict[str, str]:
        """How a fact names a person: the number masked, and a keyed hash to tell people apart.

        Nothing for a withheld number: those who withhold it cannot be told apart.
        """
        return dict(_who(number or "", self.settings.region, self.key))

    # --- which service ---------------------------------------------------------------------------

    def services_of(self, queue: str) -> Mapping[str, Service]:
        """The services behind a queue, in the order of the configuration."""
        return {name: service for name, service in self.settings.services.items() if service.queue == queue}

    def service_of(self, queue: str, entered_as: str, dialled: Iterable[str]) -> str | None:
        """The service a call in this queue belongs to: the one its entry or a dialled number names, else the first.

        The first of the dialled numbers that belongs to one of them counts. None when no service has this queue.
        """
        candidates = self.services_of(queue)
        if entered_as in candidates:
            return entered_as
        if len(candidates) > 1:
            named = (self._service_with(number, candidates) for number in dialled if number)
            if (name := next(filter(None, named), None)) is not None:
                return name
        return next(iter(candidates), None)

    def _service_with(self, dialled: str, candidates: Mapping[str, Service]) -> str | None:
        number = normalise(dialled, self.settings.region)
        if number is None:
            return None
        for name, service in candidates.items():
            if any(normalise(own, self.settings.region) == number for own in service.numbers):
                return name
        return None

    # --- what the PBX says of a caller -------------------------------------------------------------

    def caller_of(self, channel: Channel) -> tuple[str, str]:
        """The number and the name of a channel's caller; neither when the number is withheld."""
        live = self.calls.live.get(channel.id)
        return ("", "") if live is not None and live.withheld else (channel.number, channel.caller_name)

    def to_be_asked(self, queue: str) -> Iterator[str]:
        """The calls on their way into a queue that must be asked whether their number is withheld."""
        calls = self.calls
        return (one.call for one in calls.entering_queue(queue) if may_be_withheld(one, calls.live.get(one.call)))

    # --- calls of ours ---------------------------------------------------------------------------

    def in_flight(self) -> int:
        """How many calls of ours, of every kind, ring or are spoken with now."""
        return self.callbacks.in_flight() + self.notices.in_flight()

    def is_dialling(self) -> bool:
        """Whether a call of ours, of any kind, rings at a customer or is about to."""
        return self.callbacks.dialling() > 0 or self.notices.ringing() > 0

    def may_try(self) -> bool:
        """Whether no call of ours is dialled, nor an agent rung for one: the next may try if there is a way out."""
        return not self.is_dialling() and self.callbacks.reserving_in_all() == 0

    def is_on_the_line(self, number: str) -> bool:
        """Whether we ring at this number (E.164) or hold its call, about whatever: nobody else of us may call it."""
        held = (one for name in self.settings.services for one in self.callbacks.all_of_owner(name, number))
        return self.notices.has_phone(number) or any(one.calls for one in held)

    def next_call(self, number: str, service: str, at: datetime) -> datetime:
        """When a call of ours for a service may ring at a number (E.164): `at` itself, or the next call hours."""
        return self.numbers.next_call(number, at, self.zone_of(service))

    def next_call_of_service(self, number: str, service: str, at: datetime) -> datetime | None:
        """When a service is open and a call of ours for it may ring at a number (E.164), from `at` on.

        None where its hours and those at which the number may be called do not meet within a week of its next opening.
        """
        known = self.settings.services.get(service)
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
        known = self.settings.services.get(service)
        return self.settings.timezone if known is None else known.timezone

    # --- at which place --------------------------------------------------------------------------

    def joined_at(self, entering: Entering) -> datetime:
        """When a call joined: as its callback did, else when it entered `callcentre-queue`, else now."""
        callback = self.callbacks.of_call(entering.call)
        if callback is not None:
            return callback.joined_at
        live = self.calls.live.get(entering.call)
        return (live.joined_at if live is not None else None) or entering.at

    def place(self, callback: Callback) -> int:
        """The place of a callback in its queue now: those who stand before it, and one."""
        live = self.live_before(callback.queue, callback.rank)
        return live + self.callbacks.queued_before(callback.queue, callback.order) + 1

    def live_before(self, queue: str, order: Rank) -> int:
        """How many live callers stand before this: in the queue, or on the way there (listening costs no place)."""
        return self.calls.waiting_before(queue, order) + self.coming.before(queue, order)

    def way_back(self, call: str) -> tuple[tuple[str, str], ...]:
        """The variables by which our dialplan lets a call go back into the `Queue()` that it came out of.

        Nothing for a call that our dialplan brought into its queue: the dialplan itself knows.
        """
        live = self.calls.live.get(call)
        if live is None or live.given is None:
            return ()
        return (
            ("CALLCENTRE_QUEUED", live.given.arguments),
            ("CALLCENTRE_AFTER", live.given.after),
            (SINCE_VARIABLE, str(int(live.given.since.timestamp()))),
        )

    def position_for(self, queue: str, order: Rank) -> int:
        """Where a call of this rank enters `Queue()`: behind the live callers who stand before it.

        Those count too who are on the way in and have not been seen at a place yet.
        """
        entering = (rank(self.joined_at(one), one.priority) for one in self.calls.entering_queue(queue))
        return self.calls.waiting_before(queue, order) + sum(one < order for one in entering) + 1

    # --- how long --------------------------------------------------------------------------------

    def estimated_wait(self, call: Call, place: int) -> float | None:
        """Seconds this caller will wait at `place`; None with nobody on duty, or for a service that is no more."""
        if call.service not in self.settings.services:
            return None
        return estimated_wait(place, self.calls.duty.get(call.queue), self.handle_time(call.service))

    def handle_time(self, service: str) -> float:
        """Seconds that a call of this service takes an agent."""
        configured = self.settings.services[service].wait_estimate.handle_time.total_seconds()
        return handle_time(self.calls.handling.get(service), configured)
