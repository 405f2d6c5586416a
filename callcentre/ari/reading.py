"""Reading app_queue and the whole of Asterisk through REST: what events alone do not tell.

Dialplan functions are evaluated only on a live channel, any one of them. `EVAL` lets one request ask many of them, of
one moment.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from callcentre.ari.client import Client
from callcentre.ari.model import AriError, Bridge, Conflict, NotFound
from callcentre.ari.wire import channel_of
from callcentre.domain.events import Channel, Member, QueueRead, QueueReading, StasisStarted, Synchronised

TAIL = 5
"""So many places at the end of a queue are read for a caller who just joined: who joins usually is last."""

_LONGEST_QUESTION = 3500
"""Asterisk reads a request's line up to 4096 bytes, percent escapes and all; the path takes its part."""

_INTERFACE = re.compile(r"[A-Za-z0-9_./@:+-]+")
"""A member's interface that may stand in an expression; any other is asked for nothing."""

_VARIABLES = (
    "CALLCENTRE_SERVICE",
    "CALLCENTRE_JOINED",
    "MEMBERINTERFACE",
    "MEMBERNAME",
    "QEHOLDTIME",
    "QEORIGINALPOS",
    "QUEUESTATUS",
    "CALLERID(dnid)",  # last, since what was dialled may hold anything
)


class NothingToAskThrough(Exception):  # noqa: N818 - no mistake: with no call there is nobody to ask about
    """No channel lives that a function could be evaluated on."""


def _chunks(expressions: Sequence[str]) -> Iterator[Sequence[str]]:
    """Expressions in as few questions as fit Asterisk's request line."""
    chunk: list[str] = []
    length = 0
    for expression in expressions:
        size = len(quote(expression)) + len("%7C")
        if chunk and length + size > _LONGEST_QUESTION:
            yield chunk
            chunk, length = [], 0
        chunk.append(expression)
        length += size
    if chunk:
        yield chunk


class Reader:
    """Asks Asterisk. `alive` names channels that live as far as we know, the likeliest first."""

    def __init__(
        self, client: Client, app: str, alive: Callable[[], Iterable[str]], clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._app = app
        self._alive = alive
        self._clock = clock

    # --- functions -------------------------------------------------------------------------------

    async def _evaluate(self, expressions: Sequence[str]) -> list[str]:
        """The values of dialplan expressions such as `${QUEUE_WAITING_COUNT(support)}`, through any live channel.

        Raises `NothingToAskThrough`, or what the client raises.
        """
        answers: list[str] = []
        for chunk in _chunks(expressions):
            answers += await self._evaluate_at_once(chunk)
        return answers

    async def _evaluate_at_once(self, expressions: Sequence[str]) -> list[str]:
        variable = f"EVAL({'|'.join(expressions)})"
        tried = 0
        for channel in self._alive():
            try:
                answer = await self._client.channels.get_channel_var(channel, variable=variable)
            except (NotFound, Conflict):
                tried += 1
                if tried == 3:
                    break
            else:
                return answer.value.split("|")
        for known in await self._client.channels.list():
            try:
                answer = await self._client.channels.get_channel_var(known.id, variable=variable)
            except (NotFound, Conflict):
                continue
            return answer.value.split("|")
        raise NothingToAskThrough

    # --- a queue ---------------------------------------------------------------------------------

    async def queue(self, queue: str, *, complete: bool, members: bool) -> QueueRead:
        """Who waits where, and who is on duty. The queue's name is one that the configuration allows."""
        asked = self._clock()
        reading = await self._reading(queue, complete=complete, members=members)
        return QueueRead(at=self._clock(), reading=reading, asked=asked)

    async def _reading(self, queue: str, *, complete: bool, members: bool) -> QueueReading:
        first, *names = await self._evaluate([_count(queue), *(_from_the_end(queue, back) for back in range(TAIL))])
        waiting = int(first) if first.isdecimal() else 0
        if complete and waiting > TAIL:
            everyone = [f"${{QUEUE_GET_CHANNEL({queue},{place})}}" for place in range(1, waiting + 1)]
            places = {place: name for place, name in enumerate(await self._evaluate(everyone), 1) if name}
        else:
            places = {waiting - back: name for back, name in enumerate(names) if name and waiting > back}
        return QueueReading(
            queue=queue,
            waiting=waiting,
            places=places,
            complete=complete or waiting <= TAIL,
            members=await self._members(queue) if members else None,
        )

    async def _members(self, queue: str) -> tuple[Member, ...]:
        """The queue's members. They are listed first: app_queue logs an error when asked about one that left."""
        listed = await self._evaluate([f"${{QUEUE_MEMBER_LIST({queue})}}"])
        interfaces = [name for part in listed[0].split(",") if _INTERFACE.fullmatch(name := part.strip())]
        told = await self._evaluate(
            [f"${{DEVICE_STATE({name})}}:${{QUEUE_MEMBER({queue},paused,{name})}}" for name in interfaces]
        )
        return tuple(_member(interface, state) for interface, state in zip(interfaces, told, strict=True))

    # --- everything ------------------------------------------------------------------------------

    async def everything(self, queues: Iterable[str]) -> tuple[Synchronised, list[StasisStarted]]:
        """All channels, queues and conversations, and the calls that we hold and nobody remembers."""
        asked = self._clock()
        raw, bridges = await asyncio.gather(self._client.channels.list(), self._client.bridges.list())
        channels = [channel_of(channel) for channel in raw]
        readings = []
        try:
            for queue in queues:
                readings.append(await self._reading(queue, complete=True, members=True))  # noqa: PERF401 - one after the other
        except NothingToAskThrough:
            readings = [QueueReading(queue=queue, waiting=0, places={}, complete=True) for queue in queues]
        queued = [channel for channel in channels if channel.app.casefold() in ("queue", "execif", "stasis")]
        variables = dict(zip([c.id for c in queued], [await self._variables(c) for c in queued], strict=True))
        at = self._clock()
        held = [
            StasisStarted(at=at, channel=channel, arguments=tuple(arguments))
            for channel in channels
            if channel.app == "Stasis"
            for app, *arguments in [channel.app_data.split(",")]
            if app == self._app
        ]
        synchronised = Synchronised(
            at=at,
            channels=tuple(channels),
            readings=tuple(readings),
            variables=variables,
            talking=dict(_talking(bridges, channels)),
            asked=asked,
        )
        return synchronised, held

    async def _variables(self, channel: Channel) -> Mapping[str, str]:
        expression = "|".join(f"${{{name}}}" for name in _VARIABLES)
        try:
            answer = await self._client.channels.get_channel_var(channel.id, variable=f"EVAL({expression})")
        except AriError:
            return {}
        return {name: value for name, value in zip(_VARIABLES, answer.value.split("|"), strict=False) if value}


def _count(queue: str) -> str:
    return f"${{QUEUE_WAITING_COUNT({queue})}}"


def _from_the_end(queue: str, back: int) -> str:
    """The channel `back` places before the last; never place 0, for which app_queue logs an error."""
    place = f"$[{_count(queue)} > {back} ? {_count(queue)} - {back} :: 1]"
    return f"${{QUEUE_GET_CHANNEL({queue},{place})}}"


def _member(interface: str, told: str) -> Member:
    state, _, paused = told.partition(":")
    return Member(interface=interface, paused=paused == "1", state=state)


def _talking(bridges: Iterable[Bridge], channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    names = {channel.id: channel.name for channel in channels}
    for bridge in bridges:
        for channel in bridge.channels:
            for other in bridge.channels:
                if other != channel and other in names:
                    yield channel, names[other]
