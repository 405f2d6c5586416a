"""`GET /live`: server-sent events that keep a page current.

A browser that reconnects says by Last-Event-ID which fact it saw last. It gets those that it missed from the journal,
and then every panel as it is now. So nothing is lost and nothing is shown twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from aiohttp import HttpVersion11, web

from callcentre.kernel.errors import StoreError
from callcentre.web.connections import stays_open
from callcentre.web.live.hub import Facts, Hub, Viewer, event, fact_event
from callcentre.web.visitor import Visitor, visitor

HEARTBEAT: Final = 15.0
"""Seconds from one `clock` event to the next. A dead connection is not seen without them."""

CHECK: Final = 3.0
"""Seconds from one look at the sessions of open streams to the next."""

MOST_MISSED: Final = 5_000
"""Facts that are replayed; when more were missed, the page loads its panels anew."""

_RETRY: Final = (1200, 2400)
"""Milliseconds until a browser reconnects, another number for each: a hundred screens do not come back together."""

_MOST_UNREAD: Final = 256 * 1024
"""Octets that may wait for a client."""

_LONGEST_NUMBER: Final = 15
"""Digits."""

_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each event on at once.
    "X-Content-Type-Options": "nosniff",
}


class _Connection:
    """The connection of a viewer. What goes there needs no task of its own: a viewer costs a few microseconds."""

    def __init__(self, request: web.Request) -> None:
        self._transport = request.transport
        self._in_chunks = request.version >= HttpVersion11

    def send(self, octets: bytes) -> None:
        """Send whole events, as a chunk (RFC 9112, section 7.1)."""
        if self._transport is not None and octets:
            self._transport.write(b"%x\r\n%b\r\n" % (len(octets), octets) if self._in_chunks else octets)

    @property
    def is_full(self) -> bool:
        """Whether the client reads too slowly."""
        # The transport of asyncio; its size is what the system has not taken yet.
        return self._transport is not None and self._transport.get_write_buffer_size() > _MOST_UNREAD

    @property
    def is_gone(self) -> bool:
        """Whether the client is gone."""
        return self._transport is None or self._transport.is_closing()


@dataclass(frozen=True, slots=True)
class Stream:
    """Answers `/live`.

    `missed(visitor, after, most)` reads the facts of this node after a number from the journal, in their order: the
    columns of each. `newest` is the number of the last one there. `facts` are those that a visitor gets. `still_valid`
    says whether the session of a visitor is valid still.
    """

    hub: Hub
    node: Callable[[], str]
    clock: Callable[[], datetime]
    facts: Callable[[Visitor], Facts]
    missed: Callable[[Visitor, int, int], Awaitable[Sequence[Mapping[str, Any]]]]
    newest: Callable[[], Awaitable[int]]
    still_valid: Callable[[Visitor], Awaitable[bool]]

    @property
    def handler(self) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of the route."""

        @stays_open
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self.answer(request, visitor(request))

        return answer

    async def answer(self, request: web.Request, who: Visitor) -> web.StreamResponse:
        """Send events until the client is gone, or the session is over."""
        response = web.StreamResponse(headers=_HEADERS)
        viewer = self.hub.join(who, self.facts(who))
        try:
            await response.prepare(request)
            first = b"retry: %d\n\n" % random.randint(*_RETRY) + self._clock()  # noqa: S311 - no secret  # nosec B311
            await response.write(first + await self._since(request, viewer) + self.hub.all_panels(viewer))
            viewer.begin(_Connection(request))
            await viewer.ended.wait()
            if viewer.over:
                await response.write(event("ended", b"{}"))
        except ConnectionError:
            pass  # The client is gone.
        finally:
            self.hub.leave(viewer)
        return response

    async def _since(self, request: web.Request, viewer: Viewer) -> bytes:
        """The facts that a client missed, or `resync`."""
        last = request.headers.get("Last-Event-ID", "") or request.query.get("last", "")
        node, _, number = last.rpartition(":")
        try:
            if not last:
                latest = viewer.known = self.hub.latest or await self.newest()
                return event("start", b"{}", f"{self.node()}:{latest}")
            if node != self.node() or not number.isascii() or not number.isdigit() or len(number) > _LONGEST_NUMBER:
                return self.hub.resync()
            found = await self.missed(viewer.visitor, int(number), MOST_MISSED + 1)
        except StoreError:
            return self.hub.resync()
        if len(found) > MOST_MISSED:
            return self.hub.resync()
        # Facts that were committed before may still be on their way to all viewers.
        viewer.known = found[-1]["id"] if found else int(number)
        seen = (fact for fact in found if viewer.sees(fact["service"], fact["organisation"]))
        return b"".join(fact_event(fact, node) for fact in seen)

    def _clock(self) -> bytes:
        return event("clock", msgspec.json.encode({"now": round(self.clock().timestamp() * 1000)}))

    async def send_clock(self) -> None:
        """Send the time to every viewer now and then, until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            self.hub.send_to_all(self._clock())

    async def look_at_sessions(self) -> None:
        """End the streams of sessions that are over, until cancelled."""
        while True:
            await asyncio.sleep(CHECK)
            valid: dict[str, bool] = {}
            for viewer in self.hub.viewers:
                session = viewer.visitor.identity.session
                if session not in valid:
                    valid[session] = await self.still_valid(viewer.visitor)
                if not valid[session]:
                    viewer.end()
