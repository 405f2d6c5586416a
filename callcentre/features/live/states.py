"""What the panels show: the state of a service now, as structs that are also the JSON of `/api/live`.

Times are moments in milliseconds since 1970: a browser counts the seconds, and a state is the same while nothing
happens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from callcentre.features.callbacks.interface import CallbackList, NextStep, Phase
from callcentre.features.live.levels import Held, Level, held, level_of
from callcentre.features.live.model import LiveRecords
from callcentre.features.live.rules import Counting
from callcentre.features.live.settings import LiveSettings
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.interface import Texts
from callcentre.telephony.agents.interface import Agents, AgentState
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Stage
from callcentre.values.numbers import mask, normalise

MOST_ROWS: Final = 50
"""Rows of a table; the rest is a number."""

_ROUNDED: Final = 10
"""Seconds to which an estimate is rounded: it is none to the second."""


class WaitingCaller(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who waits. `number` is masked, "" when it is withheld; `estimate` is seconds, None when unknown."""

    call: str
    place: int
    number: str
    since: int
    estimate: int | None


class ServiceNow(msgspec.Struct, frozen=True, kw_only=True):
    """A service now. `longest` is when the caller began to wait who has waited longest; `service_level` is 0 to 1."""

    service: str
    queue: str
    open: bool
    waiting: int
    waiting_level: Level
    longest: int | None
    longest_level: Level
    service_level: float | None
    service_level_level: Level
    offered: int
    answered: int
    abandoned: int
    average_wait: int | None
    agents_ready: int
    agents_on_duty: int
    callbacks: int


class WaitingNow(msgspec.Struct, frozen=True, kw_only=True):
    """The callers who wait for a service: the first of them, and how many more there are."""

    callers: tuple[WaitingCaller, ...]
    more: int


class LiveCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An open callback; `number` is masked, `says` is why it waits, in one sentence."""

    callback: str
    number: str
    phase: Phase
    place: int | None
    since: int
    attempts: int
    next_step: NextStep
    why: str | None
    says: str


class CallbacksNow(msgspec.Struct, frozen=True, kw_only=True):
    """The open callbacks of a service."""

    callbacks: tuple[LiveCallback, ...]
    more: int


class LiveAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent; `since` is when the state began, if that was seen."""

    agent: str
    name: str
    state: AgentState
    paused: bool
    since: int | None
    reason: str | None
    call: str | None


class AgentsNow(msgspec.Struct, frozen=True, kw_only=True):
    """The agents of a service."""

    agents: tuple[LiveAgent, ...]


class TextsNow(msgspec.Struct, frozen=True, kw_only=True):
    """Texts in trouble: whether they arrived is unclear, the gateway refuses them, or they failed today."""

    unclear: int
    again: int
    failed: int


class LiveAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that is raised."""

    reason: str
    since: int
    queue: str | None


class AlarmsNow(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms that are raised."""

    alarms: tuple[LiveAlarm, ...]


def milliseconds(at: datetime) -> int:
    """A moment as browsers count."""
    return round(at.timestamp() * 1000)


@dataclass(slots=True)
class States:
    """Reads what the panels show from memory."""

    settings: SettingsInForce
    queues: QueueView
    agents: Agents
    callbacks: CallbackList
    texts: Texts
    records: LiveRecords
    counting: Counting
    _held: dict[tuple[str, str], Held] = field(default_factory=dict)
    """The levels that were shown last, by service and figure."""

    def service(self, service: str, at: datetime) -> ServiceNow:
        """The figures of a service."""
        known = self.settings.settings.services[service]
        calls = [call for each in self._waiting(service) if (call := self.queues.calls.calls.get(each)) is not None]
        longest = min((call.joined_at for call in calls), default=None)
        today = self.counting.today(service, at)
        limits = known.section(LiveSettings)
        duty = self.queues.calls.duty.get(known.queue)
        agents = self.agents.of(service)
        on_duty = [each for each in agents if not each.paused and each.state is not AgentState.UNAVAILABLE]
        wait = None if longest is None else (at - longest).total_seconds()
        level = today.service_level
        per_cent = None if level is None else level * 100
        return ServiceNow(
            service=service,
            queue=known.queue,
            open=known.opening_hours.is_open(at),
            waiting=len(calls),
            waiting_level=self._level(
                service, "waiting", level_of(len(calls), limits.waiting_warning, limits.waiting_critical), at
            ),
            longest=None if longest is None else milliseconds(longest),
            longest_level=self._level(
                service,
                "longest",
                level_of(wait, limits.wait_warning.total_seconds(), limits.wait_critical.total_seconds()),
                at,
            ),
            service_level=None if level is None else round(level, 3),
            service_level_level=self._level(
                service, "level", level_of(per_cent, limits.level_warning, limits.level_critical, low_is_bad=True), at
            ),
            offered=today.offered,
            answered=today.answered,
            abandoned=today.abandoned,
            average_wait=round(today.waited / today.answered) if today.answered else None,
            agents_ready=sum(each.state is AgentState.READY for each in on_duty) if agents or not duty else duty.ready,
            agents_on_duty=len(on_duty) if agents or not duty else duty.on_duty,
            callbacks=self.callbacks.count(service),
        )

    def waiting(self, service: str, _at: datetime) -> WaitingNow:
        """The callers who wait."""
        callers = self._waiting(service)
        rows: list[WaitingCaller] = []
        region = self.settings.settings.region
        for name in callers[:MOST_ROWS]:
            call = self.queues.calls.calls.get(name)
            place = self.queues.calls.position(name)
            if call is None or place is None:
                continue
            estimate = self.queues.estimated_wait(call, place)
            number = normalise(call.number, region)
            rows.append(
                WaitingCaller(
                    call=name,
                    place=place,
                    number="" if number is None else mask(number),
                    since=milliseconds(call.joined_at),
                    estimate=None if estimate is None else _ROUNDED * round(estimate / _ROUNDED),
                )
            )
        return WaitingNow(callers=tuple(rows), more=max(0, len(callers) - MOST_ROWS))

    def open_callbacks(self, service: str, at: datetime) -> CallbacksNow:
        """The open callbacks."""
        found = self.callbacks.of(service, at)
        rows = tuple(
            LiveCallback(
                callback=each.id, number=each.number, phase=each.phase, place=each.place,
                since=milliseconds(taken_at), attempts=each.attempts, next_step=each.next_step, why=each.why,
                says=each.says,
            )
            for each, taken_at in found[:MOST_ROWS]
        )  # fmt: skip
        return CallbacksNow(callbacks=rows, more=max(0, len(found) - MOST_ROWS))

    def agents_of(self, service: str, _at: datetime) -> AgentsNow:
        """The agents."""
        return AgentsNow(
            agents=tuple(
                LiveAgent(
                    agent=each.agent, name=each.agent_name or each.agent, state=each.state, paused=each.paused,
                    since=None if each.since is None else milliseconds(each.since), reason=each.reason, call=each.call,
                )
                for each in self.agents.of(service)
            )
        )  # fmt: skip

    def texts_of(self, service: str, at: datetime) -> TextsNow:
        """The texts in trouble."""
        unclear, again = self.texts.in_trouble(service)
        return TextsNow(unclear=unclear, again=again, failed=self.counting.today(service, at).texts_failed)

    def alarms(self, _service: str, _at: datetime) -> AlarmsNow:
        """The alarms about the whole program."""
        return self._alarms(None)

    def alarms_of(self, service: str, _at: datetime) -> AlarmsNow:
        """The alarms about the queue of a service: others may not learn the queue's name."""
        return self._alarms(self.settings.settings.services[service].queue)

    def _alarms(self, queue: str | None) -> AlarmsNow:
        found = sorted(
            (each for each in self.records.alarms.values() if each.queue == queue), key=lambda each: each.since
        )
        return AlarmsNow(
            alarms=tuple(
                LiveAlarm(reason=each.reason, since=milliseconds(each.since), queue=each.queue) for each in found
            )
        )

    def _waiting(self, service: str) -> list[str]:
        """The calls that wait for a service, in the order of the queue."""
        queue = self.settings.settings.services[service].queue
        calls = self.queues.calls
        return [
            name
            for name in calls.waiting(queue)
            if (call := calls.calls.get(name)) is not None and call.service == service and call.stage is Stage.WAITING
        ]

    def _level(self, service: str, figure: str, now: Level, at: datetime) -> Level:
        shown = self._held[service, figure] = held(self._held.get((service, figure), Held()), now, at)
        return shown.level
