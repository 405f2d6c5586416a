"""Which channel questions to Asterisk go through, and how many questions one request has.

Asterisk evaluates dialplan functions only on a live channel, and any live channel will do. With `EVAL` one request
reads many functions at the same moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import Conflict, NotFound, ServerError
from callcentre.telephony.ari.operation import percent_encoded
from callcentre.telephony.ari.probe import LINGERS, Probe
from callcentre.telephony.events import PROBE

SEPARATOR = "\x1e"
"""Separates the answers of one request. No name, number or interface contains it."""

_LONGEST_QUESTION = 3500
"""Asterisk reads a request line up to 4096 bytes, percent escapes included. The path needs some of them."""

_COUNT = re.compile(r"[0-9]{1,5}", re.ASCII)

_TRIES = 3
"""The number of known channels that are tried before all channels are listed. Each of them may be gone already."""


class NothingToAskThrough(Exception):  # noqa: N818 - not an error: without calls there is nothing to ask
    """There is no live channel that a function could be evaluated on."""


@dataclass(frozen=True, slots=True)
class Line:
    """Which channels a question may go through.

    `through` is tried first. With `makes_one` a channel is made when there is no other. It is kept for `lingers`
    seconds.
    """

    through: str | None = None
    makes_one: bool = True
    lingers: float = LINGERS


ANY_CHANNEL = Line()


class Questions:
    """Reads the values of dialplan functions.

    `alive` names channels that exist as far as we know, the likeliest first. `probe` is the channel that is made when
    there is no other.
    """

    def __init__(self, client: Client, probe: Probe, alive: Callable[[], Iterable[str]]) -> None:
        self._client = client
        self._probe = probe
        self._alive = alive
        self._has_eval = True

    async def ask(self, functions: Sequence[str], line: Line = ANY_CHANNEL) -> list[str]:
        """The values of dialplan functions such as `QUEUE_WAITING_COUNT(support)`, through any live channel.

        There is one value for each function, whatever the values are.
        Raises `NothingToAskThrough`, or the client's errors.
        """
        if self._has_eval:
            try:
                return [value for chunk in _chunks(functions) for value in await self._ask_at_once(chunk, line)]
            except ServerError:
                # EVAL is in func_strings, which may not be loaded. Without it each function is one request.
                self._has_eval = False
        return [await self._ask_through_any(function, line) for function in functions]

    async def _ask_at_once(self, functions: Sequence[str], line: Line) -> list[str]:
        expression = SEPARATOR.join(f"${{{function}}}" for function in functions)
        values = (await self._ask_through_any(f"EVAL({expression})", line)).split(SEPARATOR)
        if len(values) == len(functions):
            return values
        # A value holds the separator, or Asterisk left some out: it is unknown which value belongs to which function.
        return [await self._ask_through_any(function, line) for function in functions]

    async def _ask_through_any(self, function: str, line: Line) -> str:
        # A copy, because channels come and go during the request.
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


def _chunks(functions: Sequence[str]) -> Iterator[Sequence[str]]:
    """The functions in as few questions as fit into Asterisk's request line."""
    chunk: list[str] = []
    length = 0
    for function in functions:
        size = len(percent_encoded(f"${{{function}}}{SEPARATOR}"))
        if chunk and length + size > _LONGEST_QUESTION:
            yield chunk
            chunk, length = [], 0
        chunk.append(function)
        length += size
    if chunk:
        yield chunk


def whole_number(value: str) -> int:
    """A count in the form of a dialplan function; 0 for anything else, also for more callers than any queue has."""
    return int(value) if _COUNT.fullmatch(value) else 0
