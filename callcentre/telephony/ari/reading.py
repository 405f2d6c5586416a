"""Reading app_queue and the whole of Asterisk through REST: what events alone do not tell.

Dialplan functions are evaluated only on a live channel, any one of them. `EVAL` lets one request ask many of them, of
one moment. app_queue logs a line when it is asked about a queue or a member that it does not know: so it is asked only
about queues that it said to have, and members that it has just listed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.ari.model import AriError, Bridge, Conflict, NotFound, ServerError
from callcentre.telephony.ari.probe import LINGERS, Probe
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
from callcentre.telephony.queue_view.estimate import on_duty_bounds
from callcentre.telephony.queue_view.model import SINCE_VARIABLE

AROUND = 3
"""So many places before and behind the one expected are read for a caller who just joined."""

_LONGEST_QUESTION = 3500
"""Asterisk reads a request's line up to 4096 bytes, percent escapes and all; the path takes its part."""

_SEPARATOR = "\x1e"
"""Between the answers of one question: no name, number or interface has it."""

_STRUCTURE = re.compile(r'[][(){}$",\\\x00-\x1f\x7f]')
"""What Asterisk reads as structure in an expression: a member whose interface has it is not asked about."""

_LONGEST_LIST = 4000
"""app_queue cuts a list of members that is longer than about 4096 bytes: then the last may be cut as well."""

_HINTED = re.compile(r"Local/([^@/]+)@([^@/]+)(?:/.*)?")
"""A Local channel to an extension, whose hint may tell more than its device state: that the extension exists."""

_HINT_CONTEXT = "ext-local"
"""Where FreePBX keeps the hints of its extensions."""

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
"""The applications in which a caller is in a queue, or on the way from it to the agent."""

_TRIES = 3
"""So many channels that may be gone by now are tried before all of them are listed."""


class NothingToAskThrough(Exception):  # noqa: N818 - no mistake: with no call there is nobody to ask about
    """No channel lives that a function could be evaluated on."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Which channels a question goes through.

    `through` is tried first. With `makes_one` a channel is made when there is no other, and kept for so many seconds.
    """

    through: str | None = None
    makes_one: bool = True
    lingers: float = LINGERS


def _chunks(functions: Sequence[str]) -> Iterator[Sequence[str]]:
    """Functions in as few questions as fit Asterisk's request line."""
    chunk: list[str] = []
    length = 0
    for function in functions:
        size = len(quote(f"${{{function}}}{_SEPARATOR}", safe=""))
        if chunk and length + size > _LONGEST_QUESTION:
            yield chunk
            chunk, length = [], 0
        chunk.append(function)
        length += size
    if chunk:
        yield chunk


class Reader:
    """Asks Asterisk.

    `alive` names channels that live as far as we know, the likeliest first; `expected` are the places at which we
    think to find those who are on their way into a queue.
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
        self._alive = alive
        self._expected = expected
        self._clock = clock
        self._theirs = theirs or AsteriskClock()
        self._at_once = True
        self._knows_hints: bool | None = None
        self._existing: set[str] = set()
        self._probe = Probe(client, app)

    async def close(self) -> None:
        """Leave no channel behind."""
        await self._probe.end()

    # --- functions -------------------------------------------------------------------------------

    async def _ask(self, functions: Sequence[str], line: _Line = _Line()) -> list[str]:
        """The values of dialplan functions such as `QUEUE_WAITING_COUNT(support)`, through any live channel.

        Raises `NothingToAskThrough`, or what the client raises.
        """
        if self._at_once:
            try:
                return [value for chunk in _chunks(functions) for value in await self._ask_at_once(chunk, line)]
            except ServerError:
                # EVAL is in func_strings, which need not be loaded: then one question for each function.
                self._at_once = False
        return [await self._ask_through_any(function, line) for function in functions]

    async def _ask_at_once(self, functions: Sequence[str], line: _Line) -> list[str]:
        told = await self._ask_through_any(
            f"EVAL({_SEPARATOR.join(f'${{{function}}}' for function in functions)})", line
        )
        return told.split(_SEPARATOR)

    async def _ask_through_any(self, function: str, line: _Line) -> str:
        # All at once: while one is asked, channels come and go.
        alive = tuple(islice(self._alive(), _TRIES))
        for channel in alive if line.through is None else (line.through, *alive):
            with suppress(NotFound, Conflict):
                return await self._ask_through(channel, function)
        if (probe := self._probe.name) is not None:
            self._probe.keep(line.lingers)
            with suppress(NotFound, Conflict):
                return await self._ask_through(probe, function)
            self._probe.lost(probe)
        for known in await self._client.channels.list():
            if known.dialplan.app_name == "Stasis" and not known.id.startswith(PROBE):
                continue
            with suppress(NotFound, Conflict):
                return await self._ask_through(known.id, function)
        if not line.makes_one:
            raise NothingToAskThrough
        try:
            return await self._ask_through(await self._probe.channel(line.lingers), function)
        except (NotFound, Conflict) as gone:
            raise NothingToAskThrough from gone

    async def _ask_through(self, channel: str, function: str) -> str:
        return (await self._client.channels.get_channel_var(channel, variable=function)).value

    # --- one queue -------------------------------------------------------------------------------

    async def queue(self, queue: str, *, complete: bool, members: bool, through: str | None = None) -> QueueRead:
        """Who waits where, and who is on duty. The queue's name is one that the configuration allows."""
        asked = self._clock()
        line = _Line(through=through)
        expected = self._expected(queue)
        around = range(max(1, expected.start - AROUND), expected.stop + AROUND)
        counts = _counts(queue) if members else []
        count, *told = await self._ask([f"QUEUE_WAITING_COUNT({queue})", *counts, *_at_places(queue, around)], line)
        waiting = _number(count)
        places = _named(around, told[len(counts) :])
        everybody = range(1, waiting + 1)
        if complete and not set(everybody) <= set(around):
            places = _named(everybody, await self._ask(_at_places(queue, everybody), line))
        elif waiting not in around and waiting:
            end = range(max(1, waiting - 2 * AROUND), waiting + 1)
            places |= _named(end, await self._ask(_at_places(queue, end), line))
        agents = {queue: _agents(told)} if members else {}
        await self._tell_paused(agents, line)
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
        """Several queues at once: of `queues` as much as rules need, of `counted` only how many wait.

        Raises `NothingToAskThrough` when there is nobody on the line and only counts were asked for, or what the client
        raises. `lingers` is how many seconds a channel that is made for this is kept.
        """
        asked = self._clock()
        line = _Line(makes_one=bool(queues), lingers=lingers)
        readings = await self._readings(queues, counted, line)
        return QueuesRead(at=self._clock(), readings=tuple(readings), asked=asked)

    async def _readings(self, queues: Sequence[str], counted: Sequence[str], line: _Line) -> list[QueueReading]:
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
                *(_counts(queue) if queue in wanted else ()),
                *_at_places(queue, around[queue]),
            ]
            for queue in asked
        }
        told = iter(await self._ask([question for queue in asked for question in questions[queue]], line))
        readings: dict[str, QueueReading] = {}
        agents: dict[str, Agents] = {queue: Agents(ready=0, logged=0, count=0) for queue in queues}
        for queue, questions_about in questions.items():
            exists, count, *rest = islice(told, len(questions_about))
            if exists != "1":
                self._existing.discard(queue)
                continue
            if queue in wanted:
                agents[queue] = _agents(rest)
                rest = rest[_COUNTS:]
            places = _named(around[queue], rest)
            waiting = max(_number(count), max(places, default=0))
            readings[queue] = QueueReading(queue=queue, waiting=waiting, places=places, complete=waiting == 0)
        await self._tell_paused(agents, line)
        nobody = (QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in everywhere)
        return [replace(readings.get(one.queue, one), agents=agents.get(one.queue)) for one in nobody]

    async def _find(self, queues: Sequence[str], line: _Line) -> None:
        """Learn which of these queues Asterisk has. Nothing is logged for one that it has not."""
        told = await self._ask([f"QUEUE_EXISTS({queue})" for queue in queues], line)
        self._existing |= {queue for queue, exists in zip(queues, told, strict=True) if exists == "1"}

    # --- who is on duty --------------------------------------------------------------------------

    async def _tell_paused(self, agents: dict[str, Agents], line: _Line) -> None:
        """Command about the members of those queues whose numbers leave open how many are on duty; and only those."""
        open_yet = [queue for queue, counts in agents.items() if counts.logged != counts.ready]
        lists = await self._ask([f"QUEUE_MEMBER_LIST({queue})" for queue in open_yet], line)
        members = {queue: _members(listed) for queue, listed in zip(open_yet, lists, strict=True)}
        named = [(queue, name) for queue in open_yet for name in members[queue] if not _STRUCTURE.search(name)]
        flags = await self._ask([f"QUEUE_MEMBER({queue},paused,{name})" for queue, name in named], line)
        paused = {key: flag == "1" for key, flag in zip(named, flags, strict=True)}
        for queue in open_yet:
            listed = tuple(Member(interface=name, paused=paused.get((queue, name))) for name in members[queue])
            agents[queue] = replace(agents[queue], members=listed)
        await self._tell_states(agents, [queue for queue in open_yet if _is_open(agents[queue])], line)

    async def _tell_states(self, agents: dict[str, Agents], queues: Sequence[str], line: _Line) -> None:
        """Command for the states of the members who are not paused, where even the pause flags leave it open."""
        names = list(
            dict.fromkeys(
                member.interface for queue in queues for member in agents[queue].members or () if member.paused is False
            )
        )
        states = dict(zip(names, await self._ask([f"DEVICE_STATE({name})" for name in names], line), strict=True))
        states |= await self._hinted(names, line)
        for queue in queues:
            members = agents[queue].members or ()
            told = tuple(replace(one, state=states.get(one.interface, one.state)) for one in members)
            agents[queue] = replace(agents[queue], members=told)

    async def _hinted(self, names: Iterable[str], line: _Line) -> dict[str, str]:
        """What hints say of members behind Local channels: a Local channel itself is never unavailable."""
        found = [(name, match[1], match[2]) for name in names if (match := _HINTED.fullmatch(name))]
        hints = [
            (name, f"EXTENSION_STATE({extension}@{context})")
            for name, extension, own in found
            for context in dict.fromkeys((_HINT_CONTEXT, own))
        ]
        if not hints or self._knows_hints is False:
            return {}
        if self._knows_hints is None:
            # Asterisk logs an error for each question when func_extstate is not loaded: so only one is asked first.
            (told,) = await self._ask([hints[0][1]], line)
            self._knows_hints = told != ""
            return await self._hinted(names, line)
        states: dict[str, str] = {}
        for (name, _), state in zip(hints, await self._ask([hint for _, hint in hints], line), strict=True):
            if state not in ("", "UNKNOWN"):
                states.setdefault(name, state)
        return states

    # --- everything ------------------------------------------------------------------------------

    async def everything(
        self, queues: Sequence[str], calls: Container[str] = (), *, needed: Sequence[str] = ()
    ) -> tuple[Synchronised, list[StasisStarted]]:
        """All channels, queues and conversations, and the calls that we hold and nobody remembers.

        `calls` are those we know of: their variables say what became of them, wherever they are by now. With nobody on
        the line all queues are empty; then only the agents of those that are `needed` are asked for.
        """
        await self._compare_clocks()
        asked = self._clock()
        raw, bridges = await asyncio.gather(self._client.channels.list(), self._client.bridges.list())
        await self._probe.found(channel.id for channel in raw)
        channels = [channel_of(channel) for channel in raw if not channel.id.startswith(PROBE)]
        if channels:
            readings = await self._complete(await self._readings(queues, (), _Line()), _Line())
        else:
            readings = [QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in queues]
            # Where no channel can be made the agents are asked for again at the next tick.
            with suppress(AriError, NothingToAskThrough):
                known = {one.queue: one for one in await self._readings(needed, (), _Line())} if needed else {}
                readings = [known.get(one.queue, one) for one in readings]
        # Not those in Stasis: while something is played they answer no question, and their arguments tell enough.
        queued = [
            channel for channel in channels
            if channel.app.casefold() in _RUNS_A_QUEUE or (channel.id in calls and channel.app != "Stasis")
        ]  # fmt: skip
        told = await asyncio.gather(*(self._variables(channel) for channel in queued))
        variables = {channel.id: values for channel, values in zip(queued, told, strict=True)}
        at = self._clock()
        held = [
            StasisStarted(at=at, channel=channel, arguments=tuple(arguments))
            for channel in channels
            if channel.app == "Stasis"
            for app, *arguments in [channel.app_data.split(",")]
            if app == self._app
        ]
        variables |= {started.channel.id: _told_by(started.arguments) for started in held}
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
        """What Asterisk's clock shows now. It is asked when that may not be known. Raises what the client raises."""
        if self._theirs.must_be_asked(self._clock()):
            await self._compare_clocks()
        return self._theirs.theirs(self._clock())

    async def _compare_clocks(self) -> None:
        asked = self._clock()
        try:
            told = (await self._client.asterisk.ping()).timestamp
        except NotFound:
            return  # It cannot tell its time. Its events do, and no caller has to do without us for that.
        if told is not None:
            self._theirs.answered(told, asked, self._clock())

    def in_asterisks_time(self, name: str, value: str) -> str:
        """The value of a variable to set on a channel: the dialplan compares seconds with Asterisk's clock."""
        if name != SINCE_VARIABLE:
            return value
        return str(int(value) + int(self._theirs.ahead.total_seconds()))

    def _in_our_time(self, variables: Mapping[str, str], asked: datetime) -> Mapping[str, str]:
        """With the second in which a caller joined on our clock: nobody joined later than now."""
        joined = variables.get(_JOINED, "")
        if not (joined.isascii() and joined.isdecimal()):
            return variables
        ours = min(int(joined) - int(self._theirs.ahead.total_seconds()), int(asked.timestamp()))
        return {**variables, _JOINED: str(ours)}

    async def _complete(self, readings: Sequence[QueueReading], line: _Line) -> list[QueueReading]:
        """These readings with everybody at their places."""
        places = [(one.queue, place) for one in readings for place in range(1, one.waiting + 1)]
        names = await self._ask([f"QUEUE_GET_CHANNEL({queue},{place})" for queue, place in places], line)
        standing = [(queue, place, name) for (queue, place), name in zip(places, names, strict=True) if name]
        return [
            replace(one, complete=True, places={place: name for queue, place, name in standing if queue == one.queue})
            for one in readings
        ]

    async def dialplan_is_outdated(self, service: str) -> bool:
        """Whether Asterisk has our way in for this service, but printed by another version than this one.

        No channel is needed: the device state of a Local channel tells whether its extension exists.
        """
        entry, version = await asyncio.gather(
            self._exists(service, ENTRY_CONTEXT), self._exists(DIALPLAN_VERSION, VERSION_CONTEXT)
        )
        return entry and not version

    async def _exists(self, extension: str, context: str) -> bool:
        try:
            return (await self._client.device_states.get(f"Local/{extension}@{context}")).state != "INVALID"
        except AriError:
            return True  # Nobody can tell, so nobody is warned.

    async def _variables(self, channel: Channel) -> Mapping[str, str]:
        """What a channel's variables say; nothing for a channel that is gone."""
        expression = _SEPARATOR.join(f"${{{name}}}" for name in _VARIABLES)
        try:
            told = await self._client.channels.get_channel_var(channel.id, variable=f"EVAL({expression})")
        except ServerError:
            values = [await self._variable(channel, name) for name in _VARIABLES]
        except AriError:
            return {}
        else:
            values = told.value.split(_SEPARATOR, len(_VARIABLES) - 1)
        return {name: value for name, value in zip(_VARIABLES, values, strict=True) if value}

    async def _variable(self, channel: Channel, name: str) -> str:
        try:
            return (await self._client.channels.get_channel_var(channel.id, variable=name)).value
        except AriError:
            return ""


def _told_by(arguments: tuple[str, ...]) -> Mapping[str, str]:
    """The variables that our dialplan repeats in the arguments of `Stasis()`."""
    match arguments:
        case ("enter", service, joined, priority, *_) if priority:
            return {"CALLCENTRE_SERVICE": service, _JOINED: joined, "QUEUE_PRIO": priority}
        case ("enter", service, joined, *_) | ("exit", _, service, joined, *_):
            return {"CALLCENTRE_SERVICE": service, _JOINED: joined}
        case _:
            return {}


def _at_places(queue: str, places: Iterable[int]) -> list[str]:
    """Who is at these places. app_queue logs an error for place 0, and says nothing for one beyond the end."""
    return [f"QUEUE_GET_CHANNEL({queue},{place})" for place in places]


def _named(places: Iterable[int], names: Iterable[str]) -> dict[int, str]:
    return {place: name for place, name in zip(places, names, strict=True) if name}


_COUNTS = 3


def _counts(queue: str) -> list[str]:
    return [f"QUEUE_MEMBER({queue},{what})" for what in ("ready", "logged", "count")]


def _agents(told: Sequence[str]) -> Agents:
    ready, logged, count = map(_number, told[:_COUNTS])
    return Agents(ready=ready, logged=logged, count=count)


def _members(listed: str) -> list[str]:
    names = listed.split(",")
    if len(listed.encode()) > _LONGEST_LIST:
        names.pop()
    return [name for name in names if name]


def _is_open(agents: Agents) -> bool:
    """Whether numbers and pause flags leave open how many are on duty."""
    flags = [member.paused for member in agents.members or ()]
    least, most = on_duty_bounds(agents, paused=flags.count(True), unknown=flags.count(None))
    return least < most


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdecimal() else 0


def _talking(bridges: Iterable[Bridge], channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    names = {channel.id: channel.name for channel in channels}
    for bridge in bridges:
        for channel in bridge.channels:
            for other in bridge.channels:
                if other != channel and other in names:
                    yield channel, names[other]
