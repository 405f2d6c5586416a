"""Reading app_queue and the whole of Asterisk through REST: what events alone do not tell.

Dialplan functions are evaluated only on a live channel, any one of them. `EVAL` lets one request ask many of them, of
one moment.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from callcentre.ari.client import Client
from callcentre.ari.model import AriError, Bridge, Conflict, NotFound, ServerError
from callcentre.ari.wire import channel_of
from callcentre.domain.callers import CALLER_VARIABLES, DIALLED_NUMBER, PRESENTATION
from callcentre.domain.contexts import DIALPLAN_VERSION, ENTRY_CONTEXT, VERSION_CONTEXT
from callcentre.domain.events import PROBE, Channel, Member, QueueRead, QueueReading, StasisStarted, Synchronised

AROUND = 3
"""So many places before and behind the one expected are read for a caller who just joined."""

_LONGEST_QUESTION = 3500
"""Asterisk reads a request's line up to 4096 bytes, percent escapes and all; the path takes its part."""

_INTERFACE = re.compile(r"[A-Za-z0-9_./@:+-]+")
"""A member's interface that may stand in an expression; any other is asked for nothing."""

_VARIABLES = (
    "CALLCENTRE_SERVICE",
    "CALLCENTRE_JOINED",
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

_APART = "\x1f"
"""Between the values of variables: what was dialled and what stands before a name may hold any printable character."""

_RUNS_A_QUEUE = frozenset({"queue", "execif", "agi"})
"""The applications in which a caller is in a queue, or on the way from it to the agent."""

_TRIES = 3
"""So many channels that may be gone by now are tried before all of them are listed."""


class NothingToAskThrough(Exception):  # noqa: N818 - no mistake: with no call there is nobody to ask about
    """No channel lives that a function could be evaluated on."""


def _chunks(functions: Sequence[str]) -> Iterator[Sequence[str]]:
    """Functions in as few questions as fit Asterisk's request line."""
    chunk: list[str] = []
    length = 0
    for function in functions:
        size = len(quote(f"${{{function}}}|"))
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
    ) -> None:
        self._client = client
        self._app = app
        self._alive = alive
        self._expected = expected
        self._clock = clock
        self._at_once = True
        self._probes = 0
        self._probed = 0
        self._made: asyncio.Future[str]

    # --- functions -------------------------------------------------------------------------------

    async def _ask(self, functions: Sequence[str]) -> list[str]:
        """The values of dialplan functions such as `QUEUE_WAITING_COUNT(support)`, through any live channel.

        Raises `NothingToAskThrough`, or what the client raises.
        """
        if self._at_once:
            try:
                return [value for chunk in _chunks(functions) for value in await self._ask_at_once(chunk)]
            except ServerError:
                # EVAL is in func_strings, which need not be loaded: then one question for each function.
                self._at_once = False
        return [await self._ask_through_any(function) for function in functions]

    async def _ask_at_once(self, functions: Sequence[str]) -> list[str]:
        told = await self._ask_through_any(f"EVAL({'|'.join(f'${{{function}}}' for function in functions)})")
        return told.split("|")

    async def _ask_through_any(self, function: str) -> str:
        # All at once: while one is asked, channels come and go.
        for channel in tuple(islice(self._alive(), _TRIES)):
            with suppress(NotFound, Conflict):
                return (await self._client.channels.get_channel_var(channel, variable=function)).value
        for known in await self._client.channels.list():
            if known.dialplan.app_name == "Stasis" and not known.id.startswith(PROBE):
                continue
            with suppress(NotFound, Conflict):
                return (await self._client.channels.get_channel_var(known.id, variable=function)).value
        raise NothingToAskThrough

    # --- a queue ---------------------------------------------------------------------------------

    async def queue(self, queue: str, *, complete: bool, members: bool) -> QueueRead:
        """Who waits where, and who is on duty. The queue's name is one that the configuration allows."""
        asked = self._clock()
        try:
            reading = await self._reading(queue, complete=complete, members=members)
        except NothingToAskThrough:
            async with self._probe():
                reading = await self._reading(queue, complete=complete, members=members)
        return QueueRead(at=self._clock(), reading=reading, asked=asked)

    @asynccontextmanager
    async def _probe(self) -> AsyncIterator[None]:
        """A channel that rings nowhere, for as long as somebody asks through it: one for all who do at a time."""
        if self._probed == 0:
            self._probes += 1
            self._made = asyncio.ensure_future(self._make(f"{PROBE}-{self._probes}"))
        self._probed += 1
        made = self._made
        try:
            # Whoever asks no longer, because a connection ended, must not end it for the others.
            await asyncio.shield(made)
            yield
        finally:
            self._probed -= 1
            if self._probed == 0:
                made.cancel()
                if made.done() and not made.cancelled() and made.exception() is None:
                    with suppress(NotFound):
                        await self._client.channels.hangup(made.result())

    async def _make(self, name: str) -> str:
        await self._client.channels.create(
            endpoint=f"Local/s@{PROBE}", app=self._app, app_args="probe", channel_id=name,
            other_channel_id=f"{name}-other",
        )  # fmt: skip
        return name

    async def _reading(self, queue: str, *, complete: bool, members: bool) -> QueueReading:
        expected = self._expected(queue)
        around = range(max(1, expected.start - AROUND), expected.stop + AROUND)
        count, *names = await self._ask([f"QUEUE_WAITING_COUNT({queue})", *_at_places(queue, around)])
        waiting = int(count) if count.isdecimal() else 0
        places = {place: name for place, name in zip(around, names, strict=True) if name}
        everybody = range(1, waiting + 1)
        if complete and not set(everybody) <= set(around):
            names = await self._ask(_at_places(queue, everybody))
            places = {place: name for place, name in zip(everybody, names, strict=True) if name}
        elif waiting not in around and waiting:
            end = range(max(1, waiting - 2 * AROUND), waiting + 1)
            names = await self._ask(_at_places(queue, end))
            places |= {place: name for place, name in zip(end, names, strict=True) if name}
        return QueueReading(
            queue=queue,
            waiting=max(waiting, max(places, default=0)),
            places=places,
            complete=complete or set(everybody) <= set(around),
            members=await self._members(queue) if members else None,
        )

    async def _members(self, queue: str) -> tuple[Member, ...]:
        """The queue's members. They are listed first: app_queue logs an error when asked about one that left."""
        (listed,) = await self._ask([f"QUEUE_MEMBER_LIST({queue})"])
        interfaces = [name for part in listed.split(",") if _INTERFACE.fullmatch(name := part.strip())]
        states = await self._ask([f"DEVICE_STATE({name})" for name in interfaces])
        paused = await self._ask([f"QUEUE_MEMBER({queue},paused,{name})" for name in interfaces])
        return tuple(
            Member(interface=name, paused=pause == "1", state=state)
            for name, state, pause in zip(interfaces, states, paused, strict=True)
        )

    # --- everything ------------------------------------------------------------------------------

    async def _readings(self, queues: Iterable[str]) -> list[QueueReading]:
        return [await self._reading(queue, complete=True, members=True) for queue in queues]

    async def everything(
        self, queues: Iterable[str], calls: Container[str] = ()
    ) -> tuple[Synchronised, list[StasisStarted]]:
        """All channels, queues and conversations, and the calls that we hold and nobody remembers.

        `calls` are those we know of: their variables say what became of them, wherever they are by now.
        """
        asked = self._clock()
        raw, bridges = await asyncio.gather(self._client.channels.list(), self._client.bridges.list())
        channels = [channel_of(channel) for channel in raw]
        try:
            readings = await self._readings(queues)
        except NothingToAskThrough:
            readings = [QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in queues]
            try:
                async with self._probe():
                    readings = await self._readings(queues)
            except (AriError, NothingToAskThrough):
                # With no call only the agents are not known: they are asked for again at the next beat.
                if channels:
                    raise
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
        expression = _APART.join(f"${{{name}}}" for name in _VARIABLES)
        try:
            told = await self._client.channels.get_channel_var(channel.id, variable=f"EVAL({expression})")
        except ServerError:
            values = [await self._variable(channel, name) for name in _VARIABLES]
        except AriError:
            return {}
        else:
            values = told.value.split(_APART, len(_VARIABLES) - 1)
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
            return {"CALLCENTRE_SERVICE": service, "CALLCENTRE_JOINED": joined, "QUEUE_PRIO": priority}
        case ("enter", service, joined, *_) | ("exit", _, service, joined, *_):
            return {"CALLCENTRE_SERVICE": service, "CALLCENTRE_JOINED": joined}
        case _:
            return {}


def _at_places(queue: str, places: Iterable[int]) -> list[str]:
    """Who is at these places. app_queue logs an error for place 0, and says nothing for one beyond the end."""
    return [f"QUEUE_GET_CHANNEL({queue},{place})" for place in places]


def _talking(bridges: Iterable[Bridge], channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    names = {channel.id: channel.name for channel in channels}
    for bridge in bridges:
        for channel in bridge.channels:
            for other in bridge.channels:
                if other != channel and other in names:
                    yield channel, names[other]
