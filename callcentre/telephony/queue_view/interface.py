"""What other components may read about calls and queues.

Components above this one may hold places in a queue for people without a channel in `Queue()`. Each declares
`HeldPlaces`, so that the queue view counts these places without knowing the component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_view.callers import may_be_withheld
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.estimate import estimated_wait, handle_time
from callcentre.telephony.queue_view.model import Call, Entering
from callcentre.telephony.queue_view.order import Rank, rank
from callcentre.telephony.queue_view.settings import WaitEstimateSettings
from callcentre.telephony.queue_view.variables import SINCE_VARIABLE
from callcentre.values.numbers import normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Service


LOOKED_AT: Final = 15
"""The most queues that are looked at in one second."""

_NO_SERVICES: Mapping[str, Service] = MappingProxyType({})


def _nobody(_call: str) -> None:
    """No call of the component joined earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlaces:
    """A component that holds places in queues for people without a channel in `Queue()`.

    `before` counts how many of them are before a rank in a queue. `queues` are those in which anybody holds such a
    place or is on the way to it. `joined_at` says when the person on a call joined the queue, if the component knows
    that call. `live`: the people are on the line, so the queue is read for them also while its services are closed.
    """

    before: Callable[[str, Rank], int]
    queues: Callable[[], Iterable[str]]
    joined_at: Callable[[str], datetime | None] = _nobody
    live: bool = False


@dataclass(slots=True)
class QueueView:
    """Which callers wait in which queue at which place, and for how long."""

    rules: SettingsInForce
    calls: Calls
    held: Sequence[HeldPlaces] = ()

    # --- services -------------------------------------------------------------------------------

    def services_of(self, queue: str) -> Mapping[str, Service]:
        """The services of a queue, in the order of the configuration."""
        return self.rules.settings.queues.get(queue, _NO_SERVICES)

    def looked_at(self, at: datetime) -> Sequence[str]:
        """The queues that are looked at in this second, in the order of the configuration.

        All of them while they are few. Of more, each has its turn every few seconds, so that a second costs the same
        however many there are. What happens in a queue is decided when it happens: a look finds what came with time
        alone, such as the hour at which people may be called.
        """
        queues = self.rules.settings.queue_names
        seconds = -(-len(queues) // LOOKED_AT)
        return queues[int(at.timestamp()) % seconds :: seconds]

    def is_on_the_line(self, number: str) -> bool:
        """Whether there is any call with this number (E.164): queued, on its way there, or made by us.

        It goes through all channels, so it is not for what happens with every event.
        """
        region = self.rules.settings.region
        return (
            any(self.calls.of_number(number, region))
            or any(self.calls.entering_of_number(number, region))
            or any(normalise(live.number, region) == number for live in self.calls.live.values())
        )

    def service_of(self, queue: str, entered_as: str, dialled: Iterable[str]) -> str | None:
        """The service that a call in this queue belongs to.

        It is the service that the entry names, else the first of the dialled numbers that belongs to one, else the
        first service of the queue. None when no service has this queue.
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
        region = self.rules.settings.region
        number = normalise(dialled, region)
        if number is None:
            return None
        for name, service in candidates.items():
            if any(normalise(own, region) == number for own in service.numbers):
                return name
        return None

    # --- what the PBX says about a caller ---------------------------------------------------------

    def caller_of(self, channel: Channel) -> tuple[str, str]:
        """The number and the name of a channel's caller. Both are "" when the number is withheld."""
        live = self.calls.live.get(channel.id)
        return ("", "") if live is not None and live.withheld else (channel.number, channel.caller_name)

    def number_of(self, field: str, value: str) -> str | None:
        """The number (E.164) of the caller of a call that goes on, by the field `call` of a fact."""
        call = self.calls.calls.get(value) if field == "call" else None
        return None if call is None else normalise(call.number, self.rules.settings.region)

    def to_be_asked(self, queue: str) -> Iterator[str]:
        """The calls on their way into a queue whose presentation (withheld or not) must be read."""
        calls = self.calls
        return (one.call for one in calls.entering_queue(queue) if may_be_withheld(one, calls.live.get(one.call)))

    def way_back(self, call: str) -> tuple[tuple[str, str], ...]:
        """The variables by which our dialplan brings a call back into the `Queue()` that it left.

        Empty for a call that our dialplan brought into its queue, because the dialplan itself knows.
        """
        live = self.calls.live.get(call)
        if live is None or live.given is None:
            return ()
        return (
            ("CALLCENTRE_QUEUED", live.given.arguments),
            ("CALLCENTRE_AFTER", live.given.after),
            (SINCE_VARIABLE, str(int(live.given.since.timestamp()))),
        )

    def channels_to_ask_through(self) -> Iterator[str]:
        """Channels that can be asked: first those in a queue, since most questions are about queues.

        None in Stasis: while a prompt is played to a channel, it answers no question.
        """
        calls = self.calls
        carriers = (call.on for call in calls.calls.newest_first())
        lives = (live.call for live in calls.live.newest_first())
        return (call for call in chain(calls.entering, carriers, lives) if not calls.is_held(call))

    # --- places ---------------------------------------------------------------------------------

    def joined_before(self, call: str) -> datetime | None:
        """When the person on a call joined, for a call that another component made or took over; None for any other."""
        return next((joined for held in self.held if (joined := held.joined_at(call)) is not None), None)

    def joined_at(self, entering: Entering) -> datetime:
        """When a call joined: with its callback, else when it entered `callcentre-queue`, else now."""
        joined = self.joined_before(entering.call)
        if joined is not None:
            return joined
        live = self.calls.live.get(entering.call)
        return (live.joined_at if live is not None else None) or entering.at

    def held_before(self, queue: str, order: Rank) -> int:
        """The number of people without a channel in `Queue()` who hold a place before this rank."""
        return sum(held.before(queue, order) for held in self.held)

    def live_before(self, queue: str, order: Rank) -> int:
        """The number of live callers before this rank, in the queue or on their way into it.

        Callers who listen to our prompts keep their place.
        """
        coming = sum(held.before(queue, order) for held in self.held if held.live)
        return self.calls.waiting_before(queue, order) + coming

    def position_for(self, queue: str, order: Rank) -> int:
        """The place at which a call of this rank enters `Queue()`: behind the live callers before it.

        This includes callers on their way in who have not been seen at a place yet.
        """
        entering = (rank(self.joined_at(one), one.priority) for one in self.calls.entering_queue(queue))
        return self.calls.waiting_before(queue, order) + sum(one < order for one in entering) + 1

    # --- waiting times ---------------------------------------------------------------------------

    def estimated_wait(self, call: Call, place: int) -> float | None:
        """Seconds this caller will wait at `place`.

        None with nobody on duty, or for a service that no longer exists.
        """
        if call.service not in self.rules.settings.services:
            return None
        return estimated_wait(place, self.calls.duty.get(call.queue), self.handle_time(call.service))

    def handle_time(self, service: str) -> float:
        """Seconds that a call of this service takes an agent."""
        configured = self.rules.settings.services[service].section(WaitEstimateSettings).handle_time.total_seconds()
        return handle_time(self.calls.handling.get(service), configured)
