"""Connections to the web server: how many there may be, and how long each phase of one may take.

aiohttp limits the size of a head and closes a kept connection after a while. It waits for ever for a head, a body, or
a client that does not read its answer. So each connection here has phases with a time limit each.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from aiohttp import web

from callcentre.kernel.seldom import Seldom
from callcentre.web import descriptors
from callcentre.web.crowd import PER_ADDRESS, Crowd
from callcentre.web.peers import Network, customer_of, is_trusted

BACKLOG: Final = 128
"""Connections that the system keeps waiting while we accept others."""

_WITHOUT_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_ACCEPT_AGAIN: Final = 0.5
"""Seconds until we accept again when no descriptor was left."""

# When some were closed to free descriptors: these are free in the next turn of the loop.
_SOON: Final = 0.01

_LAST_WORDS: Final = 1.0
"""Seconds that unsent octets may still take after the decision to close."""

_TOO_LATE: Final = (
    b"HTTP/1.1 408 Request Timeout\r\nServer: callcentre\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for each phase of a connection, and how many connections there may be.

    `head` runs from the first octet, or from the connection; `body` from the end of the head; `answer` from the end of
    the body until all of the answer is handed to the system, except for a route that `stays_open`; `idle` is the time
    between two requests. When a client does not read its answer, at least `per_second` octets must be sent, checked
    every `reading` seconds. `most` are the connections in all, `per_address` those of one address, unless it is a
    trusted proxy, that wait for their client.
    """

    head: float = 10.0
    body: float = 20.0
    answer: float = 120.0
    idle: float = 30.0
    reading: float = 15.0
    per_second: int = 1024
    most: Callable[[], int] = descriptors.for_the_web
    per_address: int = PER_ADDRESS


class Phase(StrEnum):
    """The phase of a connection."""

    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"
    IDLE = "idle"


H = TypeVar("H", bound=Callable[[web.Request], Awaitable[web.StreamResponse]])
_OPEN: Final = "stays_open"


def stays_open(handler: H) -> H:
    """Declare that a route answers as long as its client listens, for example with a stream of events."""
    setattr(handler, _OPEN, True)
    return handler


class Connections:
    """The connections of one server. Any number of connections from `proxies` may wait."""

    def __init__(self, limits: Limits, proxies: Callable[[], Sequence[Network]], seldom: Seldom) -> None:
        self.limits = limits
        self.seldom = seldom
        self._proxies = proxies
        self.crowd: Crowd[BoundedProtocol] = Crowd()

    def enter(self, connection: BoundedProtocol, address: str) -> None:
        """Add a new connection, for which another one may be closed."""
        trusted = is_trusted(address, self._proxies())
        of_person = None if trusted else self.limits.per_address
        at = asyncio.get_running_loop().time()
        victim = self.crowd.enter(connection, customer_of(address), at, most=self.limits.most(), of_person=of_person)
        if victim is not None:
            reason = "one address has too many" if len(self.crowd) < self.limits.most() else "there are too many"
            self.seldom.say("warning", "connection closed", reason=reason, address=address)
            victim.abort()

    @property
    def busy(self) -> bool:
        """Whether there are as many as allowed, and none can be closed because all of them wait for our answer."""
        return len(self.crowd) >= self.limits.most() and self.crowd.longest_waiting() is None

    def close_longest_waiting(self) -> bool:
        """Close the longest waiting quarter of all, to free descriptors for others; False when none waits."""
        for gone in range(max(1, len(self.crowd) // 4, len(self.crowd) - self.limits.most())):
            victim = self.crowd.longest_waiting()
            if victim is None:
                return gone > 0
            self.crowd.leave(victim)
            victim.abort()
        return True


class BoundedProtocol(web.RequestHandler):
    """aiohttp's HTTP, with a time limit for every phase of a connection."""

    def __init__(self, server: web.Server, connections: Connections, **options: Any) -> None:
        super().__init__(server, **options)
        self.connections = connections
        self._phase = Phase.HEAD
        self._begun = False
        self._body: Any = None
        self._until = math.inf
        self._timer: asyncio.TimerHandle | None = None
        """Is not set anew for each phase, but looks at `_until` when it falls due: most phases end long before."""
        self._abort_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._wire: asyncio.Transport | None = None
        """The transport, also after aiohttp dropped it."""

    # --- called by the transport -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        super().connection_made(transport)
        self._wire = transport
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) and peer else "unknown"
        self.connections.enter(self, address)
        self._enter(Phase.HEAD)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.IDLE:
            self._enter(Phase.HEAD)
        self._begun = self._begun or self._phase is Phase.HEAD
        super().data_received(data)
        if self._phase is Phase.BODY and self._body.is_eof():
            self._enter(Phase.ANSWER)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_at_reader(None)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_looking()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.connections.crowd.leave(self)
        self._stop_looking()
        for timer in (self._timer, self._abort_timer):
            if timer is not None:
                timer.cancel()
        self._body = self._wire = None
        super().connection_lost(exc)

    # --- called by the server -------------------------------------------------------------------

    def begins(self, request: web.Request) -> None:
        """A head was read, and this is its request."""
        self._body = request.content
        handler = request.match_info.handler
        self._enter(Phase.ANSWER if self._body.is_eof() else Phase.BODY)
        if getattr(handler, _OPEN, False):
            self._until = math.inf

    def log_access(self, request: web.BaseRequest, response: web.StreamResponse, time: float | None) -> None:
        """aiohttp calls this when an answer is written."""
        super().log_access(request, response, time)
        self._body = None
        self._begun = False
        if self._wire is not None:
            self._enter(Phase.IDLE)

    def abort(self) -> None:
        """Close now, and send nothing more."""
        wire = self._wire
        self.force_close()
        if wire is not None:
            wire.abort()

    # --- the time of a phase ---------------------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        now = self._loop.time()
        crowd, limits = self.connections.crowd, self.connections.limits
        if phase is Phase.ANSWER:
            crowd.works(self)
            seconds = limits.answer
        else:
            crowd.waits(self, now)
            seconds = limits.head if phase is Phase.HEAD else limits.body if phase is Phase.BODY else limits.idle
        self._until = now + seconds
        if self._abort_timer is not None:
            self._abort_timer.cancel()
            self._abort_timer = None
        if self._timer is None or self._until < self._timer.when():
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._until, self._look, self._until)

    def _look(self, due: float) -> None:
        self._timer = None
        if self._until <= due:
            self._too_late()
        elif self._until < math.inf:
            self._set_timer()

    def _too_late(self) -> None:
        wire = self._wire
        if wire is None:
            return
        if self._phase is not Phase.IDLE:
            self.connections.seldom.say("info", "connection too slow", kind=self._phase, phase=self._phase.value)
        if self._phase is Phase.BODY and self._body is not None:
            # A handler that reads the body answers 408; one that does not read it has answered, and the connection
            # closes.
            self._body.set_exception(web.HTTPRequestTimeout(text="body too slow\n"))
            self._abort_timer = self._loop.call_later(_LAST_WORDS, self.abort)
            return
        if self._phase is Phase.HEAD and self._begun:
            wire.write(_TOO_LATE)
        self.force_close()
        self._loop.call_later(_LAST_WORDS, wire.abort)

    # --- a client that reads its answer slowly ---------------------------------------------------

    def _look_at_reader(self, before: int | None) -> None:
        """Check whether enough has been sent since the last check, when `before` octets were unsent."""
        self._reader_timer = None
        wire = self._wire
        if wire is None:
            return
        limits = self.connections.limits
        unsent = wire.get_write_buffer_size()
        if before is not None and before - unsent < limits.per_second * limits.reading:
            self.connections.seldom.say("info", "connection too slow", kind="reading", phase="reading")
            self.abort()
            return
        self._reader_timer = self._loop.call_later(limits.reading, self._look_at_reader, unsent)

    def _stop_looking(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None


# --- listening -----------------------------------------------------------------------------------


async def listeners(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of `host`. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            one = socket.create_server(address[:2], family=family, backlog=BACKLOG)
            one.setblocking(False)
            listening.append(one)
    except OSError:
        for one in listening:
            one.close()
        raise
    return listening


async def accept(listener: socket.socket, connections: Connections, protocol: Callable[[], BoundedProtocol]) -> None:
    """Accept until cancelled. asyncio's own loop would try a hundred times and log a traceback for each."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError as error:
            if error.errno in _WITHOUT_DESCRIPTORS:
                said = os.strerror(error.errno)
                connections.seldom.say("error", "connection not accepted", kind=error.errno, error=said)
                await asyncio.sleep(_SOON if connections.close_longest_waiting() else _ACCEPT_AGAIN)
            else:
                # About a client that disconnected while it waited (accept(2)).
                await asyncio.sleep(0)
            continue
        try:
            while connections.busy:  # noqa: ASYNC110 - any of a thousand connections may end it
                await asyncio.sleep(_SOON)  # The system keeps new clients waiting meanwhile.
        except asyncio.CancelledError:
            connection.close()
            raise
        with suppress(OSError):
            await loop.connect_accepted_socket(protocol, connection)
