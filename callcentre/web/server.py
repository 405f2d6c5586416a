"""The daemon's web server: one application, one address, plain answers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.typedefs import Handler

from callcentre.kernel.log import where
from callcentre.kernel.seldom import Seldom
from callcentre.web import status
from callcentre.web.access import GATE, SELDOM, Gate
from callcentre.web.connections import BoundedProtocol, Connections, Limits, accept, listeners
from callcentre.web.exchange import PREFIX, ApiRefusal, json_answer, plain_refusal
from callcentre.web.guard import Guard
from callcentre.web.openapi import DESCRIBE, description
from callcentre.web.ports import WebPorts
from callcentre.web.rights import PEOPLE, Right
from callcentre.web.routes import Route
from callcentre.web.words import message as _

# Far above what a hook may have: the token is checked first, then the length.
_LONGEST_REQUEST_LINE: Final = 64 * 1024
_LONGEST_BODY: Final = 64 * 1024
"""Octets of any request; a route may have a lower limit."""
_SHUTDOWN: Final = 5.0
# Seconds to go on reading after a body was refused, so that the answer is not lost in a reset.
_LINGERING: Final = 1.0
_SERVER: Final = "callcentre"
# Headers of a refusal that are kept.
_KEPT: Final = frozenset({"Allow", "HX-Redirect", "Location", "Retry-After", "WWW-Authenticate"})


RefusalPage = Callable[[web.Request, int, str], web.Response]
_MISTAKE: Final = _("Something went wrong here. The log of the daemon says more.")
_REFUSAL: Final = web.AppKey[RefusalPage | None]("refusal")

DESCRIPTION: Final = Right("api.describe", "Read the description of the programming interface", PEOPLE)


class CannotListen(OSError):  # noqa: N818
    """The address cannot be listened on; the text says why and what to change."""


def build(
    ports: WebPorts, routes: Sequence[Route], guard: Guard | None = None, refusal: RefusalPage | None = None
) -> web.Application:
    """Build the application from the server's own routes and `routes`, those of the components.

    Without a guard `http.token` alone opens them. `refusal` is the page for a browser whose request is refused.
    Raises UndeclaredRightError.
    """
    app = web.Application(middlewares=[_plain_answers], client_max_size=_LONGEST_BODY)
    app.on_response_prepare.append(_without_version)
    app[GATE] = Gate(ports.trusted_proxies)
    app[SELDOM] = Seldom()
    app[_REFUSAL] = refusal

    async def described(_request: web.Request) -> web.Response:
        return json_answer(200, description(every))

    own = Route(
        method="GET", path="/api/openapi.json", handler=described, guard="api", right=DESCRIPTION, allow_head=False,
        operation=DESCRIBE,
    )  # fmt: skip
    every = (*status.routes(ports), *routes, own)
    guard = guard or Guard.of_token(ports, every)
    for route in every:
        guard.check(route)
        handler = guard.guarded(route)
        if route.method == "GET":
            app.router.add_get(route.path, handler, allow_head=route.allow_head)
        else:
            app.router.add_route(route.method, route.path, handler)
    return app


class WebServer:
    """Serves `app` on `listen`, which is `host:port` or `[IPv6]:port`; port 0 lets the system choose.

    `limits` apply to its connections.
    """

    def __init__(self, listen: str, app: web.Application, *, limits: Limits | None = None) -> None:
        self._listen = listen
        self._runner = web.AppRunner(app, shutdown_timeout=_SHUTDOWN)
        self._connections = Connections(limits or Limits(), app[GATE].proxies, app[SELDOM])
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []

    @property
    def address(self) -> tuple[str, int]:
        """Host and port in use. Raises RuntimeError before `start`."""
        if not self._sockets:
            raise RuntimeError("the web server is not started")
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Begin to listen. Raises CannotListen."""
        host, _, port = self._listen.rpartition(":")
        await self._runner.setup()
        try:
            self._sockets = await listeners(host.strip("[]"), int(port))
        except OSError as error:
            await self._runner.cleanup()
            said = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
            raise CannotListen(
                f"http.listen: cannot listen on {self._listen}: {said}; stop what uses this address, or choose another"
            ) from error
        self._accepting = [
            asyncio.create_task(accept(each, self._connections, self._protocol), name="accept")
            for each in self._sockets
        ]

    def _protocol(self) -> _PlainProtocol:
        server = self._runner.server
        assert server is not None  # noqa: S101
        return _PlainProtocol(
            server,
            self._connections,
            loop=asyncio.get_running_loop(),
            access_log=None,
            auto_decompress=False,
            lingering_time=_LINGERING,
            max_line_size=_LONGEST_REQUEST_LINE,
        )

    async def stop(self) -> None:
        """Stop listening, and give open requests 5 s to end."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for each in self._sockets:
            each.close()
        self._accepting, self._sockets = [], []
        await self._runner.cleanup()


@web.middleware
async def _plain_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every refusal with one plain line, and an unexpected exception with a line without details.

    Below /api/ that line is in JSON.
    """
    if isinstance(request.protocol, BoundedProtocol):
        request.protocol.begins(request)
    try:
        return await handler(request)
    except ApiRefusal as refusal:
        answer = refusal.answer()
    except web.HTTPException as refusal:
        text = refusal.text or ""
        if not text.endswith("\n"):
            text = f"{refusal.reason.lower()}\n"
        answer = _refusal(request, refusal.status, text)
        for name in _KEPT & refusal.headers.keys():
            answer.headers[name] = refusal.headers[name]
    except Exception as error:
        if isinstance(error, ConnectionError) and request.transport is None:
            raise  # The client has disconnected; nobody reads an answer.
        # The words of an error may contain data of a request, so only its kind and place are logged.
        resource, place = request.match_info.route.resource, where(error)
        request.app[SELDOM].say(
            "error",
            "web request failed",
            kind=place,
            page=resource.canonical if resource else None,
            error=type(error).__name__,
            where=place,
        )
        answer = _refusal(request, 500, f"{_MISTAKE}\n" if _wants_page(request) else "internal error\n")
    if request.can_read_body:
        # The rest of the body is not worth reading.
        answer.force_close()
    return answer


def _wants_page(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(PREFIX)


def _refusal(request: web.Request, status: int, text: str) -> web.Response:
    page = request.app.get(_REFUSAL)
    if page is not None and status >= 400 and _wants_page(request):
        return page(request, status, text)
    if status < 400:
        return web.Response(status=status)
    return plain_refusal(status, text) if request.path.startswith(PREFIX) else web.Response(status=status, text=text)


async def _without_version(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = _SERVER


class _PlainProtocol(BoundedProtocol):
    """aiohttp's HTTP, except that a malformed request is neither repeated to its sender nor logged.

    A request line, token and all, would otherwise be in both.
    """

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        status = super().handle_error(request, status, exc, message).status
        text = "malformed request\n"
        if isinstance(exc, LineTooLong):
            status, text = 413, "request line or header too long\n"
        answer = web.Response(status=status, text=text, headers={"Server": _SERVER})
        answer.force_close()
        return answer

    def log_exception(self, *_args: Any, **details: Any) -> None:
        error = details.get("exc_info")
        if not isinstance(error, web.HTTPRequestTimeout):  # That is logged already.
            kind = type(error).__name__
            self.connections.seldom.say("warning", "malformed request", kind=kind, error=kind)
