"""The rules of the features, asked about calls of the past.

What nobody can know of the past is taken to be so: nobody had opted out, nobody took the callback they were offered,
nobody answered a survey. So the queues stay as they were, and `max_open` and the budgets of a day are never reached.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, assert_never

from callcentre.features.callbacks.rules import Refusal, Situation, may_offer
from callcentre.features.surveys import policy as survey
from callcentre.features.surveys.model import sampled
from callcentre.features.welcome import rules as welcome
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS, estimated_wait
from callcentre.telephony.queue_view.model import Handling
from callcentre.values.numbers import Refused
from callcentre.what_if.replay import Arrival, Conversation, Departure, Moment
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings

Part = Literal["call", "welcome", "callback", "survey"]

_KEY: Final = b"what-if"
"""In place of a database's secret: it chooses who belongs to a sample, the same at each run, and hides nobody."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule said at a moment; `reason` is None for yes. `call` has no rule: somebody called."""

    at: datetime
    service: str
    part: Part
    reason: str | None = None


@dataclass(slots=True)
class _Latest:
    """When something was last done for somebody; what is older than `kept` is forgotten."""

    kept: timedelta
    at: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def put(self, who: tuple[str, str], at: datetime) -> None:
        self.at.pop(who, None)
        self.at[who] = at
        while at - (oldest := next(iter(self.at.items())))[1] > self.kept:
            del self.at[oldest[0]]


@dataclass(order=True, slots=True)
class _Due:
    """A survey whose time has not come. It is off when the same person calls again before."""

    at: datetime
    number: str
    service: str = field(compare=False)
    off: bool = field(default=False, compare=False)


class Rules:
    """The configured rules over the calls of a log, told in their order."""

    def __init__(self, settings: Settings) -> None:
        self._world = World(settings=settings, key=_KEY)
        services = settings.services.values()
        cooldowns = (one.welcome.cooldown for one in services if one.welcome is not None)
        quarantines = (one.survey.quarantine for one in services if one.survey is not None)
        self._greeted = _Latest(max(cooldowns, default=timedelta(0)))
        self._asked = _Latest(max(quarantines, default=timedelta(0)))
        self._coming: list[_Due] = []
        self._coming_to: dict[str, _Due] = {}
        self._on_the_line: dict[str, int] = {}

    def hear(self, moment: Moment) -> Iterator[Verdict]:
        """What the rules say to the next thing that happens; first to the surveys whose time came before it."""
        yield from self._surveys_until(moment.at)
        match moment:
            case Arrival():
                yield from self._arrived(moment)
            case Departure():
                self._gone(moment.number)
            case Conversation():
                self._gone(moment.number)
                yield from self._talked(moment)
            case _:
                assert_never(moment)

    def end(self) -> Iterator[Verdict]:
        """The log is over: what the rules say to the surveys that are still to come."""
        while self._coming:
            yield from self._surveys_until(self._coming[0].at)

    # --- those who come --------------------------------------------------------------------------

    def _arrived(self, arrival: Arrival) -> Iterator[Verdict]:
        name = self._world.service_of(arrival.queue, "", (arrival.dialled,))
        who = self._who(arrival.number)
        self._on_the_line[who] = self._on_the_line.get(who, 0) + 1
        if name is None or arrival.again:
            return
        service = self._world.settings.services[name]
        yield Verdict(arrival.at, name, "call")
        if service.callback is not None and self._world.settings.dialling is not None:
            yield Verdict(arrival.at, name, "callback", self._why_no_callback(arrival, name, service))
        if service.welcome is not None:
            reason = self._why_no_welcome(arrival, name, service)
            if reason is None:
                self._greeted.put((name, who), arrival.at)
            yield Verdict(arrival.at, name, "welcome", reason)

    def _why_no_welcome(self, arrival: Arrival, name: str, service: Service) -> str | None:
        verdict = self._world.numbers.may_text(arrival.number)
        if isinstance(verdict, Refused):
            return verdict.reason.value
        if service.welcome is None:
            return None
        greeted_at = self._greeted.at.get((name, verdict.e164))
        return welcome.skip(service.welcome, waiting=arrival.ahead + 1, welcomed_at=greeted_at, at=arrival.at)

    def _why_no_callback(self, arrival: Arrival, name: str, service: Service) -> str | None:
        if service.callback is None:
            return None
        handle_time = self._world.handle_time(name)
        place = arrival.ahead + 1
        situation = Situation(
            place=place,
            wait=estimated_wait(place, arrival.duty, handle_time),
            ahead=arrival.ahead,
            on_duty=arrival.duty.on_duty,
            handle_time=handle_time,
            calls_left=True,
            open_callbacks=0,
        )
        rules = service.callback
        refusal = may_offer(rules.offer, rules.dial, service.opening_hours, situation, arrival.at)
        verdict = self._world.numbers.may_dial(arrival.number)
        if refusal is None and isinstance(verdict, Refused) and not rules.offer.other_number:
            refusal = Refusal.NUMBER
        if refusal is None and not isinstance(verdict, Refused):
            rings_at = self._world.next_call(verdict.e164, name, arrival.at)
            refusal = Refusal.CALL_HOURS if rings_at > arrival.at else None
        return None if refusal is None else refusal.value

    # --- those who have talked -------------------------------------------------------------------

    def _talked(self, over: Conversation) -> Iterator[Verdict]:
        name = self._world.service_of(over.queue, "", (over.dialled,))
        if name is None:
            return
        handling = self._world.calls.handling.get(name)
        talks = (*(handling.talks if handling else ()), over.talk)[-REMEMBERED_CALLS:]
        self._world.calls.put(Handling(service=name, talks=talks))
        rules = self._world.settings.services[name].survey
        if rules is None:
            return
        verdict = self._world.numbers.may_text(over.number)
        if isinstance(verdict, Refused):
            yield Verdict(over.at, name, "survey", verdict.reason.value)
            return
        due = self._send_at(name, over.at)
        number = verdict.e164
        reason = survey.skip(
            rules, talk=over.talk, opted_out=False, last_asked=self._asked.at.get(("", number)), open_already=False,
            sampled=sampled(_KEY, over.call, rules.sample), due=due or over.at,
        )  # fmt: skip
        if due is None or reason is not None:
            yield Verdict(over.at, name, "survey", reason or "stale")
            return
        earlier = self._coming_to.get(number)
        if earlier is not None:
            earlier.off = True
        self._coming_to[number] = coming = _Due(due, number, name)
        heapq.heappush(self._coming, coming)

    def _send_at(self, name: str, ended_at: datetime) -> datetime | None:
        settings = self._world.settings
        service = settings.services[name]
        if service.survey is None:
            return None
        return survey.send_at(
            service.survey.between, settings.sms.quiet_hours, ended_at + service.survey.after, zone=service.timezone,
            quiet_zone=settings.timezone, before=survey.stale_at(service.survey, ended_at),
        )  # fmt: skip

    def _surveys_until(self, at: datetime) -> Iterator[Verdict]:
        while self._coming and self._coming[0].at <= at:
            due = heapq.heappop(self._coming)
            if self._coming_to.get(due.number) is due:
                del self._coming_to[due.number]
            if due.off or self._on_the_line.get(due.number):
                yield Verdict(due.at, due.service, "survey", "called_again")
            else:
                self._asked.put(("", due.number), due.at)
                yield Verdict(due.at, due.service, "survey")

    # --- who is who ------------------------------------------------------------------------------

    def _gone(self, number: str) -> None:
        who = self._who(number)
        left = self._on_the_line.pop(who, 0) - 1
        if left > 0:
            self._on_the_line[who] = left

    def _who(self, number: str) -> str:
        verdict = self._world.numbers.may_text(number)
        return number if isinstance(verdict, Refused) else verdict.e164
