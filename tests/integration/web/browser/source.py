"""A web server with one live page, whose stream the tests write, cut and silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web

from callcentre.config.settings import Settings
from callcentre.web.pages import HEADERS, Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.static_files import StaticFiles

NODE = "main"
PATIENCE = 30
"""Seconds until a condition that does not come is an error."""


def sample_pages() -> Pages:
    """Pages whose templates are `sample:*.html`, for a visitor without a configuration."""
    ports = cast("WebPorts", SimpleNamespace(clock=lambda: datetime(2026, 11, 29, 12, 3, 7, tzinfo=UTC)))
    templates = [Templates("sample", "tests.integration.web.browser", "sample")]
    return Pages(ports, lambda: cast("Settings", None), StaticFiles(), templates, ())


SUPERVISOR = SimpleNamespace(user="Anna Virtanen", role="supervisor")


@dataclass(eq=False)
class Stream:
    """One open stream. `queue` has what is sent, and None for its end."""

    last: str
    transport: asyncio.Transport
    queue: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


@dataclass
class Source:
    """Serves `/` and `/live`. `commit` makes a fact, and shows its number in the panel.

    `panel` is the HTML of the panel of Support. `down`: connections are reset. `retry`: milliseconds that browsers are
    asked to wait. `upgraded`: the page names another version of the script. `refused`: requests while it was down.
    `clock`: the time of the server in milliseconds since 1970; None: that of the machine.
    """

    panel: str = '<p id="number">0</p>'
    down: bool = False
    retry: int = 10
    clock: int | None = None
    upgraded: bool = False
    refused: int = 0
    newest: int = 0
    streams: set[Stream] = field(default_factory=set)
    asked_for: list[str] = field(default_factory=list)
    posted: list[dict[str, str]] = field(default_factory=list)
    address: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _pages: Pages = field(default_factory=sample_pages)

    # --- what tests do ---------------------------------------------------------------------------

    def commit(self) -> None:
        """A fact, and the panel that it changes."""
        self.newest += 1
        self.panel = f'<p id="number">{self.newest}</p>'
        self.send(self.fact(self.newest) + self.shown())

    def send(self, chunk: bytes) -> None:
        """Write to every open stream."""
        for stream in self.streams:
            stream.queue.put_nowait(chunk)

    def cut(self, within: bytes = b"") -> None:
        """Reset the connections after these bytes, which may end in the middle of a message."""
        for stream in tuple(self.streams):
            if within:
                stream.queue.put_nowait(within)
            stream.queue.put_nowait(None)
            self.streams.discard(stream)

    async def open_streams(self, count: int) -> None:
        """Return when this many streams are open."""
        await self._until(lambda: len(self.streams) == count)

    async def refuses(self, count: int) -> None:
        """Return when this many requests were refused."""
        await self._until(lambda: self.refused >= count)

    async def has_posted(self, *forms: dict[str, str]) -> None:
        """Return when these forms, and no others, were posted."""
        await self._until(lambda: self.posted == [*forms])

    async def asked(self, last: str) -> None:
        """Return when the newest stream is one that goes on after this id."""
        await self._until(lambda: self.asked_for[-1:] == [last])

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # --- messages --------------------------------------------------------------------------------

    @staticmethod
    def message(event: str, data: Any, id_: str = "") -> bytes:
        """One server-sent event."""
        number = f"id: {id_}\n" if id_ else ""
        return f"event: {event}\n{number}data: {json.dumps(data)}\n\n".encode()

    def fact(self, number: int) -> bytes:
        """The event of a fact."""
        return self.message("fact", {"id": number, "event": "queue.joined"}, f"{NODE}:{number}")

    def shown(self, html: str | None = None) -> bytes:
        """The event of the panel as it is now."""
        html = self.panel if html is None else html
        return self.message("panel", {"panel": "waiting", "service": "support", "html": html})

    # --- the server ------------------------------------------------------------------------------

    def app(self) -> web.Application:
        """The application."""
        app = web.Application(middlewares=[self._reset_if_down])
        static = StaticFiles().route()
        app.router.add_get(static.path, static.handler)
        app.router.add_get("/", self._page)
        app.router.add_get("/login", self._page)
        app.router.add_get("/sample/{name}", self._sample)
        app.router.add_post("/act", self._act)
        app.router.add_get("/live", self._live)
        return app

    @web.middleware
    async def _reset_if_down(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not self.down:
            return await handler(request)
        self.refused += 1
        self._changed.set()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _page(self, _request: web.Request) -> web.Response:
        return self.answer("stream.html", panel=self.panel)

    async def _sample(self, request: web.Request) -> web.Response:
        return self.answer(f"{request.match_info['name']}.html", **self.values)

    def answer(self, template: str, language: str = "en", **values: Any) -> web.Response:
        """A sample page."""
        known = {"visitor": SUPERVISOR, "csrf": "token", "path": "/"} | values
        text = self._pages.text(f"sample:{template}", language, **known)
        if self.upgraded:
            text = text.replace("live.js?v=", "live.js?v=new-")
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def _act(self, request: web.Request) -> web.Response:
        self.posted.append({name: str(value) for name, value in (await request.post()).items()})
        self._changed.set()
        return web.Response(status=303, headers={"Location": "/"})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        last = request.headers.get("Last-Event-ID", "")
        self.asked_for.append(last)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        transport = request.transport
        if transport is None:
            return response
        stream = Stream(last, transport)
        await response.write(self._first(last))
        self.streams.add(stream)
        self._changed.set()
        try:
            while (chunk := await stream.queue.get()) is not None:
                await response.write(chunk)
            # What was written arrives, and the end of the response does not.
            transport.close()
        finally:
            self.streams.discard(stream)
            self._changed.set()
        return response

    def _first(self, last: str) -> bytes:
        """What a new stream begins with: the facts that were missed, then the panels."""
        head = f"retry: {self.retry}\n\n".encode() + self._clock_message()
        if not last:
            return head + self.message("start", {}, f"{NODE}:{self.newest}") + self.shown()
        missed: Sequence[int] = range(int(last.rpartition(":")[2]) + 1, self.newest + 1)
        return head + b"".join(self.fact(number) for number in missed) + self.shown()

    def _clock_message(self) -> bytes:
        now = datetime.now(UTC).timestamp() * 1000 if self.clock is None else self.clock
        return self.message("clock", {"now": round(now)})
