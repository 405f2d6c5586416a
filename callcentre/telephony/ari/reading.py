"""Reads app_queue, and all of Asterisk, through REST: what events alone do not show.

app_queue logs a line when it is asked about an unknown queue or member. So it is asked only about queues that it has
reported, and about members that it has just listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.ari.members import COUNTS, MemberReader, agents_of, counts_of
from callcentre.telephony.ari.model import AriError, Bridge, NotFound, ServerError
from callcentre.telephony.ari.probe import LINGERS, Probe
from callcentre.telephony.ari.questions import SEPARATOR, Line, NothingToAskThrough, Questions, whole_number
from callcentre.telephony.ari.wire import channel_of
from callcentre.telephony.contexts import DIALPLAN_VERSION, ENTRY_CONTEXT, VERSION_CONTEXT
from callcentre.telephony.events import (
    PROBE,
    Agents,
    Channel,
    Member,
    QueueRead,
    QueueReading,
    QueuesRead,
    StasisStarted,
    Synchronised,
)
from callcentre.telephony.queue_view.callers import CALLER_VARIABLES, DIALLED_NUMBER, PRESENTATION
from callcentre.telephony.queue_view.variables import SINCE_VARIABLE
from callcentre.telephony.queue_view.variables import whole_number as second_of

AROUND = 3
"""For a caller who just joined, this many places before and after the expected one are read."""

_JOINED = "CALLCENTRE_JOINED"
"""The second, on Asterisk's clock, in which the caller entered our dialplan."""

_VARIABLES = (
    "CALLCENTRE_SERVICE",
    _JOINED,
    "CALLCENTRE_IN",
    "MEMBERINTERFACE",
    "MEMBERNAME",
    "QEHOLDTIME",
    "QEORIGINALPOS",
    "QUEUESTATUS",
    "ABANDONED",
    "TRANSFERERNAME",
    *CALLER_VARIABLES,
    PRESENTATION,
    DIALLED_NUMBER,
)


_RUNS_A_QUEUE = frozenset({"queue", "execif", "agi"})
"""The applications that a caller in a queue runs, or on the way from it to the agent."""


class Reader:
    """Asks Asterisk.

    `alive` names channels that exist as far as we know, the likeliest first. `expected` are the expected places of
    callers on their way into a queue.
    """

    def __init__(
        self,
        client: Client,
        app: str,
        *,
        alive: Callable[[], Iterable[str]],
        expected: Callable[[str], range],
        clock: Callable[[], datetime],
        theirs: AsteriskClock | None = None,
    ) -> None:
        self._client = client
        self._app = app
        self._expected = expected
        self._clock = clock
        self._theirs = theirs or AsteriskClock()
        self._existing: set[str] = set()
        self._probe = Probe(client, app)
        self._questions = Questions(client, self._probe, alive)
        self._members = MemberReader(self._questions)

    async def close(self) -> None:
        """Hang up the probe channel."""
        await self._probe.end()

    # --- one queue -------------------------------------------------------------------------------

    async def queue(self, queue: str, *, complete: bool, members: bool, through: str | None = None) -> QueueRead:
        """The callers of a queue with their places, and its agents. Its name is one that the configuration allows."""
        asked = self._clock()
        line = Line(through=through)
        expected = self._expected(queue)
        around = range(max(1, expected.start - AROUND), expected.stop + AROUND)
        counts = counts_of(queue) if members else []
        count, *answers = await self._questions.ask(
            [f"QUEUE_WAITING_COUNT({queue})", *counts, *_at_places(queue, around)], line
        )
        waiting = whole_number(count)
        places = _named(around, answers[len(counts) :])
        everybody = range(1, waiting + 1)
        if complete and not set(everybody) <= set(around):
            places = _named(everybody, await self._questions.ask(_at_places(queue, everybody), line))
        elif waiting not in around and waiting:
            end = range(max(1, waiting - 2 * AROUND), waiting + 1)
            places |= _named(end, await self._questions.ask(_at_places(queue, end), line))
        agents = {queue: agents_of(answers)} if members else {}
        await self._members.complete(agents, line)
        reading = QueueReading(
            queue=queue,
            waiting=max(waiting, max(places, default=0)),
            places=places,
            complete=complete or set(everybody) <= set(around),
            agents=agents.get(queue),
        )
        return QueueRead(at=self._clock(), reading=reading, asked=asked)

    # --- several queues --------------------------------------------------------------------------

    async def queues(self, queues: Sequence[str], counted: Sequence[str] = (), lingers: float = LINGERS) -> QueuesRead:
        """Several queues at once: of `queues` as much as rules need, of `counted` only the number of waiting callers.

        Raises `NothingToAskThrough` when there is no call and only counts were requested, or the client's errors. A
        channel that is made for this is kept for `lingers` seconds.
        """
        asked = self._clock()
        line = Line(makes_one=bool(queues), lingers=lingers)
        readings = await self._readings(queues, counted, line)
        return QueuesRead(at=self._clock(), readings=tuple(readings), asked=asked)

    async def members(self, queues: Sequence[str], lingers: float = LINGERS) -> Mapping[str, tuple[Member, ...]]:
        """All members of each queue, with pause flags and device states; none of a queue that Asterisk does not have.

        Raises `NothingToAskThrough`, or the client's errors. A channel that is made for this is kept for `lingers`
        seconds.
        """
        line = Line(lingers=lingers)
        await self._find([queue for queue in queues if queue not in self._existing], line)
        found = await self._members.everybody([queue for queue in queues if queue in self._existing], line)
        return {queue: found.get(queue, ()) for queue in queues}

    async def _readings(self, queues: Sequence[str], counted: Sequence[str], line: Line) -> list[QueueReading]:
        everywhere = [*queues, *counted]
        await self._find([queue for queue in everywhere if queue not in self._existing], line)
        asked = [queue for queue in everywhere if queue in self._existing]
        expected = {queue: self._expected(queue) for queue in asked}
        around = {
            queue: range(max(1, places.start - AROUND), places.stop + AROUND) if places else range(0)
            for queue, places in expected.items()
        }
        wanted = frozenset(queues)
        questions = {
            queue: [
                f"QUEUE_EXISTS({queue})",
                f"QUEUE_WAITING_COUNT({queue})",
                *(counts_of(queue) if queue in wanted else ()),
                *_at_places(queue, around[queue]),
            ]
            for queue in asked
        }
        answers = iter(await self._questions.ask([question for queue in asked for question in questions[queue]], line))
        readings: dict[str, QueueReading] = {}
        agents: dict[str, Agents] = {queue: Agents(ready=0, logged=0, count=0) for queue in queues}
        for queue, questions_about in questions.items():
            exists, count, *rest = islice(answers, len(questions_about))
            if exists != "1":
                self._existing.discard(queue)
                continue
            if queue in wanted:
                agents[queue] = agents_of(rest)
                rest = rest[COUNTS:]
            places = _named(around[queue], rest)
            waiting = max(whole_number(count), max(places, default=0))
            readings[queue] = QueueReading(queue=queue, waiting=waiting, places=places, complete=waiting == 0)
        await self._members.complete(agents, line)
        nobody = (QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in everywhere)
        return [replace(readings.get(one.queue, one), agents=agents.get(one.queue)) for one in nobody]

    async def _find(self, queues: Sequence[str], line: Line) -> None:
        """Find out which of these queues Asterisk has. Asterisk logs nothing for a missing one."""
        answers = await self._questions.ask([f"QUEUE_EXISTS({queue})" for queue in queues], line)
        self._existing |= {queue for queue, exists in zip(queues, answers, strict=True) if exists == "1"}

    # --- everything ------------------------------------------------------------------------------

    async def everything(
        self, queues: Sequence[str], calls: Container[str] = (), *, needed: Sequence[str] = ()
    ) -> tuple[Synchronised, list[StasisStarted]]:
        """All channels, queues and conversations, and the calls in Stasis, which no new event reports.

        `calls` are the known calls: their variables say what became of them, wherever they are now. Without any call
        all queues are empty; then only the agents of the queues in `needed` are read.
        """
        await self._compare_clocks()
        asked = self._clock()
        raw, bridges = await asyncio.gather(self._client.channels.list(), self._client.bridges.list())
        await self._probe.found(channel.id for channel in raw)
        channels = [channel_of(channel) for channel in raw if not channel.id.startswith(PROBE)]
        if channels:
            readings = await self._complete(await self._readings(queues, (), Line()), Line())
        else:
            readings = [QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in queues]
            # Where no channel can be made, the agents are read again at the next tick.
            with suppress(AriError, NothingToAskThrough):
                known = {one.queue: one for one in await self._readings(needed, (), Line())} if needed else {}
                readings = [known.get(one.queue, one) for one in readings]
        # Except those in Stasis: while something is played they answer no question, and their arguments say enough.
        queued = [
            channel for channel in channels
            if channel.app.casefold() in _RUNS_A_QUEUE or (channel.id in calls and channel.app != "Stasis")
        ]  # fmt: skip
        answers = await asyncio.gather(*(self._variables(channel) for channel in queued))
        variables = {channel.id: values for channel, values in zip(queued, answers, strict=True)}
        at = self._clock()
        held = [
            StasisStarted(at=at, channel=channel, arguments=tuple(arguments))
            for channel in channels
            if channel.app == "Stasis"
            for app, *arguments in [channel.app_data.split(",")]
            if app == self._app
        ]
        variables |= {started.channel.id: _said_by(started.arguments) for started in held}
        variables = {channel: self._in_our_time(values, asked) for channel, values in variables.items()}
        synchronised = Synchronised(
            at=at,
            channels=tuple(channels),
            readings=tuple(readings),
            variables=variables,
            talking=dict(_talking(bridges, channels)),
            asked=asked,
            bridges={bridge.id: tuple(bridge.channels) for bridge in bridges},
        )
        return synchronised, held

    async def asterisks_time(self) -> datetime:
        """The time of Asterisk's clock now. It is requested when it may be unknown. Raises the client's errors."""
        if self._theirs.must_be_asked(self._clock()):
            await self._compare_clocks()
        return self._theirs.theirs(self._clock())

    async def _compare_clocks(self) -> None:
        asked = self._clock()
        try:
            theirs = (await self._client.asterisk.ping()).timestamp
        except NotFound:
            return  # It cannot report its time. Its events do, and callers need not go without the daemon for that.
        if theirs is not None:
            self._theirs.answered(theirs, asked, self._clock())

    def in_asterisks_time(self, name: str, value: str) -> str:
        """The value of a variable to set on a channel: the dialplan compares seconds with Asterisk's clock."""
        if name != SINCE_VARIABLE:
            return value
        return str(int(value) + int(self._theirs.ahead.total_seconds()))

    def _in_our_time(self, variables: Mapping[str, str], asked: datetime) -> Mapping[str, str]:
        """With the second in which a caller joined translated to our clock, and never in the future."""
        joined = second_of(variables.get(_JOINED, ""))
        if joined is None:
            return variables
        ours = min(joined - int(self._theirs.ahead.total_seconds()), int(asked.timestamp()))
        return {**variables, _JOINED: str(ours)}

    async def _complete(self, readings: Sequence[QueueReading], line: Line) -> list[QueueReading]:
        """These readings with all callers and their places."""
        places = [(one.queue, place) for one in readings for place in range(1, one.waiting + 1)]
        names = await self._questions.ask([f"QUEUE_GET_CHANNEL({queue},{place})" for queue, place in places], line)
        queued_at = [(queue, place, name) for (queue, place), name in zip(places, names, strict=True) if name]
        return [
            replace(one, complete=True, places={place: name for queue, place, name in queued_at if queue == one.queue})
            for one in readings
        ]

    async def dialplan_is_outdated(self, service: str) -> bool:
        """Whether Asterisk has our entry context for this service, but printed by another version.

        No channel is needed: the device state of a Local channel shows whether its extension exists.
        """
        entry, version = await asyncio.gather(
            self._exists(service, ENTRY_CONTEXT), self._exists(DIALPLAN_VERSION, VERSION_CONTEXT)
        )
        return entry and not version

    async def _exists(self, extension: str, context: str) -> bool:
        try:
            return (await self._client.device_states.get(f"Local/{extension}@{context}")).state != "INVALID"
        except AriError:
            return True  # It is unknown, so there is no warning.

    async def _variables(self, channel: Channel) -> Mapping[str, str]:
        """The variables of a channel; empty for a channel that is gone."""
        expression = SEPARATOR.join(f"${{{name}}}" for name in _VARIABLES)
        try:
            answers = await self._client.channels.get_channel_var(channel.id, variable=f"EVAL({expression})")
        except ServerError:
            values = [await self._variable(channel, name) for name in _VARIABLES]
        except AriError:
            return {}
        else:
            values = answers.value.split(SEPARATOR)
            if len(values) != len(_VARIABLES):
                # A caller's number holds the separator. Each value must count for its own variable only.
                values = [await self._variable(channel, name) for name in _VARIABLES]
        return {name: value for name, value in zip(_VARIABLES, values, strict=True) if value}

    async def _variable(self, channel: Channel, name: str) -> str:
        try:
            return (await self._client.channels.get_channel_var(channel.id, variable=name)).value
        except AriError:
            return ""


def _said_by(arguments: tuple[str, ...]) -> Mapping[str, str]:
    """The variables that our dialplan repeats in the arguments of `Stasis()`."""
    match arguments:
        case ("enter", service, joined, priority, *_) if priority:
            return {"CALLCENTRE_SERVICE": service, _JOINED: joined, "QUEUE_PRIO": priority}
        case ("enter", service, joined, *_) | ("exit", _, service, joined, *_):
            return {"CALLCENTRE_SERVICE": service, _JOINED: joined}
        case _:
            return {}


def _at_places(queue: str, places: Iterable[int]) -> list[str]:
    """The functions for the callers at these places. app_queue logs an error for place 0, but none beyond the end."""
    return [f"QUEUE_GET_CHANNEL({queue},{place})" for place in places]


def _named(places: Iterable[int], names: Iterable[str]) -> dict[int, str]:
    return {place: name for place, name in zip(places, names, strict=True) if name}


def _talking(bridges: Iterable[Bridge], channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    names = {channel.id: channel.name for channel in channels}
    for bridge in bridges:
        for channel in bridge.channels:
            for other in bridge.channels:
                if other != channel and other in names:
                    yield channel, names[other]
