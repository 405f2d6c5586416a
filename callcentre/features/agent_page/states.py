"""What the panels of an agent show: the agent's own queues, and who calls, from memory.

Times are moments in milliseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from callcentre.features.agent_page.model import LastCaller, NoteRecords
from callcentre.features.callbacks.interface import OpenCallbacks, Phase
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.agents.interface import Agents, AgentState
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call, Stage
from callcentre.values.numbers import mask, normalise
from callcentre.web.live.panel import AsAgent

AFTER_THE_CALL: Final = timedelta(minutes=15)
"""How long the last caller is shown after the call: agents write their notes then."""


class OwnQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue of the agent. `state` is None for one that the agent is not logged on to.

    `services` are those of the queue that the agent sees, `waiting` their callers, `longest` when the one joined who
    has waited longest.
    """

    queue: str
    services: tuple[str, ...]
    state: AgentState | None
    paused: bool
    since: int | None
    reason: str | None
    waiting: int
    longest: int | None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, or called last.

    `number` is masked, "" when it is withheld. `wait` is whole seconds. `place` is the place from which the caller was
    answered. `since` is when the agent answered, `ended` when the conversation was over. `called_back`: we call the
    person, because a callback was promised. `ringing`: that person has not accepted the call yet. `callbacks` are how
    many are open to the number, without this one.
    """

    call: str
    number: str
    name: str
    service: str
    queue: str
    wait: int
    place: int | None = None
    since: int | None = None
    ended: int | None = None
    called_back: bool = False
    ringing: bool = False
    callbacks: int = 0


class QueuesNow(msgspec.Struct, frozen=True, kw_only=True):
    """The queues of an agent."""

    queues: tuple[OwnQueue, ...]


class CallerNow(msgspec.Struct, frozen=True, kw_only=True):
    """The caller of an agent: who is on the line, else who was on it last."""

    caller: Caller | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the person of a call. `number` is E.164, "" when only the hash is known."""

    call: str
    service: str
    caller: str | None
    masked: str
    number: str = ""


def milliseconds(at: datetime) -> int:
    """A moment as browsers count."""
    return round(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStates:
    """Reads it."""

    settings: SettingsInForce
    queues: QueueView
    agents: Agents
    callbacks: OpenCallbacks
    people: People
    records: NoteRecords

    def queues_now(self, who: AsAgent, _at: datetime) -> QueuesNow:
        """What the panel of queues shows."""
        return QueuesNow(queues=tuple(self._queues(who)))

    def caller_now(self, who: AsAgent, at: datetime) -> CallerNow:
        """What the panel of the caller shows."""
        return CallerNow(caller=self._caller(who, at))

    def queues_of(self, who: AsAgent) -> tuple[str, ...]:
        """The queues with a service that the agent sees, in the order of their names."""
        return tuple(sorted({self.settings.settings.services[key].queue for key in self._services(who)}))

    def known(self, who: AsAgent, call: str) -> Known | None:
        """The person of a call of the agent's: the present one, or the last one; None for any other."""
        now, last = self.queues.calls.talking_with(who.agent), self.records.last.get(who.agent)
        if now is not None and now.service in who.services:
            about, number, _name = self._person(now)
            if about == call:
                named = self.people.who(number)
                return Known(
                    call=call, service=now.service, caller=named.get("caller"), masked=named.get("number", ""),
                    number=self._e164(number) if named else "",
                )  # fmt: skip
        if last is not None and last.call == call and last.service in who.services:
            return Known(
                call=call, service=last.service, caller=last.caller, masked=_masked(last.number), number=last.number
            )
        return None

    # --- queues ----------------------------------------------------------------------------------

    def _services(self, who: AsAgent) -> list[str]:
        return sorted(who.services & self.settings.settings.services.keys())

    def _queues(self, who: AsAgent) -> Iterator[OwnQueue]:
        theirs = self._services(who)
        for queue in self.queues_of(who):
            services = tuple(key for key in theirs if self.settings.settings.services[key].queue == queue)
            joined = [call.joined_at for call in self._waiting(queue) if call.service in services]
            one = self.agents.member(queue, who.agent)
            yield OwnQueue(
                queue=queue,
                services=services,
                state=None if one is None else one.state,
                paused=one is not None and one.paused,
                since=None if one is None or one.since is None else milliseconds(one.since),
                reason=None if one is None else one.reason,
                waiting=len(joined),
                longest=milliseconds(min(joined)) if joined else None,
            )

    def _waiting(self, queue: str) -> Iterator[Call]:
        calls = self.queues.calls
        for name in calls.waiting(queue):
            call = calls.calls.get(name)
            if call is not None and call.stage is Stage.WAITING and not call.consultation:
                yield call

    # --- who calls -------------------------------------------------------------------------------

    def _caller(self, who: AsAgent, at: datetime) -> Caller | None:
        now, last = self.queues.calls.talking_with(who.agent), self.records.last.get(who.agent)
        if now is not None and now.service in who.services and not now.consultation:
            return self._on_the_line(now, who)
        if last is not None and last.service in who.services and at - last.ended < AFTER_THE_CALL:
            return self._called_last(last, who)
        return None

    def _on_the_line(self, now: Call, who: AsAgent) -> Caller:
        callback = self.callbacks.of_call(now.call)
        call, number, name = self._person(now)
        named = self.people.who(number)
        return Caller(
            call=call,
            number=named.get("number", ""),
            name=name if named else "",
            service=now.service,
            queue=now.queue,
            wait=round(now.waited),
            place=None if callback is not None else now.position,
            since=None if now.answered is None else milliseconds(now.answered),
            called_back=callback is not None,
            ringing=callback is not None and callback.phase is not Phase.CONNECTED,
            callbacks=self._open_to(number, who) - (callback is not None),
        )

    def _called_last(self, last: LastCaller, who: AsAgent) -> Caller:
        return Caller(
            call=last.call, number=_masked(last.number), name=last.name, service=last.service, queue=last.queue,
            wait=round(last.wait), ended=milliseconds(last.ended), callbacks=self._open_to(last.number, who),
        )  # fmt: skip

    def _person(self, call: Call) -> tuple[str, str, str]:
        """The call, the number and the name of the person who talks: a customer's, when an agent was reserved first."""
        callback = self.callbacks.of_call(call.call)
        if callback is None:
            return call.call, call.number, call.caller_name
        return callback.call or call.call, callback.number, callback.caller_name

    def _open_to(self, number: str, who: AsAgent) -> int:
        e164 = self._e164(number)
        return sum(one.service in who.services for one in self.callbacks.of_number(e164)) if e164 else 0

    def _e164(self, number: str) -> str:
        return normalise(number, self.settings.settings.region) or ""


def _masked(number: str) -> str:
    return mask(number) if number else ""
