"""The client: one session to one Asterisk, its operations, and its events.

`Client` is all that a small program needs; see the example of `callcentre.telephony.ari`. A program that keeps a view
of the calls, which must be correct again after an interruption, uses a `Connection`.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from types import TracebackType
from typing import Any, Final, NoReturn, Self
from urllib.parse import quote

import msgspec
import structlog
from yarl import URL

from callcentre.telephony.ari import websocket
from callcentre.telephony.ari.bridges import Bridges, Playbacks, Recordings
from callcentre.telephony.ari.channels import Channels
from callcentre.telephony.ari.connection import Connection, ConnectionState
from callcentre.telephony.ari.http import ConnectError, HttpClient, HttpError
from callcentre.telephony.ari.model import AriError, Forbidden, NotFound, ServerError, Unreachable
from callcentre.telephony.ari.operation import Reply, Request
from callcentre.telephony.ari.server import Applications, Asterisk, DeviceStates, Endpoints, Sounds
from callcentre.telephony.ari.websocket import Ignores, Refused, WebSocket, ignores_nothing, receives_nothing
from callcentre.values.json_errors import NOT_JSON

Event = dict[str, Any]
"""An event as ARI sends it, decoded from JSON."""

Callback = Callable[[Event], Awaitable[object] | None]

ASTERISK_SESSION_LIMIT: Final = 100
"""Connections that Asterisk's HTTP server accepts by default, from everyone together."""

log = structlog.get_logger(__name__)


class Client:
    """ARI of one Asterisk, at `url` such as `http://127.0.0.1:8088/ari`.

    `timeout` is in seconds and applies to each operation as a whole. `connections` limits how many operations run at
    once; the others wait.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        timeout: float = 5.0,
        connections: int = 32,
    ) -> None:
        """Nothing is contacted yet. Raises ValueError for a URL, a user name or a limit that cannot work."""
        address = URL(url)
        if address.scheme not in ("http", "https") or not address.host or address.user or address.query_string:
            raise ValueError(
                "the ARI address is http:// or https://, a host and a path, such as http://127.0.0.1:8088/ari;"
                " user name and password are given separately"
            )
        if not 0 < connections < ASTERISK_SESSION_LIMIT:
            raise ValueError(
                f"connections is {connections}; give 1 to {ASTERISK_SESSION_LIMIT - 1},"
                " since Asterisk accepts no more than session_limit in http.conf"
            )
        if ":" in username:
            raise ValueError("a user name of ARI has no colon: HTTP ends the name with it")
        self.url: Final = str(address).rstrip("/")
        self.timeout: Final = timeout
        self._address = address
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._connections = connections
        self._http: HttpClient | None = None
        self._callbacks: dict[str, list[Callback]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.applications = Applications(self)
        self.asterisk = Asterisk(self)
        self.bridges = Bridges(self)
        self.channels = Channels(self)
        self.device_states = DeviceStates(self)
        self.endpoints = Endpoints(self)
        self.playbacks = Playbacks(self)
        self.recordings = Recordings(self)
        self.sounds = Sounds(self)

    async def __aenter__(self) -> Self:
        self._http = HttpClient(self._address, self._headers, connections=self._connections)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def send(self, request: Request) -> Reply:
        """Send one request and return its reply. Raises `Unreachable`.

        A GET, PUT or DELETE is sent once more when a kept connection turns out closed; a POST is sent once.
        """
        http = self._open_http(request.operation)
        try:
            async with asyncio.timeout(self.timeout):
                response = await http.send(request.method, request.target, request.body)
        except (HttpError, TimeoutError) as error:
            raise self._unreachable(request.operation, error) from error
        return Reply(response.status, response.body)

    async def connect_events(
        self,
        app: str,
        *,
        heartbeat: float,
        receive: Callable[[bytes], None] = receives_nothing,
        ignores: Ignores = ignores_nothing,
    ) -> WebSocket:
        """Open the WebSocket of the Stasis application `app`. `receive` gets each event as the bytes of its JSON.

        It has no subscription yet. Events that `ignores` tells to be of no interest are left out. A ping is sent after
        `heartbeat` silent seconds. Without a sign of life within half of that time again the connection is closed.
        Raises the `AriError` of the kind of refusal.
        """
        operation = "events"
        http = self._open_http(operation)
        target = f"/events?app={quote(app, safe='')}"
        try:
            async with asyncio.timeout(self.timeout):
                return await websocket.connect(http, target, receive=receive, ignores=ignores, heartbeat=heartbeat)
        except Refused as error:
            raise self._refused(operation, error.status) from error
        except (HttpError, TimeoutError) as error:
            raise self._unreachable(operation, error) from error

    def on_event(self, event_type: str, callback: Callback) -> Callable[[], None]:
        """Call `callback` with each event of this type, such as `StasisStart`, while `run` runs.

        A coroutine function runs as a separate task, so it may take its time and use the client. A plain function must
        return at once. Exceptions of both are logged. Returns a function that removes the callback.
        """
        callbacks = self._callbacks.setdefault(event_type, [])
        callbacks.append(callback)

        def end() -> None:
            if callback in callbacks:
                callbacks.remove(callback)

        return end

    async def run(self, apps: str, *, state: Callable[[ConnectionState], None] | None = None) -> NoReturn:
        """Receive the events of one Stasis application until cancelled, connecting again as needed.

        Events while disconnected are lost, as ARI keeps none. Raises `Replaced` when another
        program takes over the application's name.
        """
        connection = Connection(
            self,
            apps,
            receive=self._dispatch,
            synchronise=_nothing_to_synchronise,
            state=state or _ignore_state,
        )
        try:
            await connection.run()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _dispatch(self, frame: bytes) -> None:
        try:
            event = msgspec.json.decode(frame, type=Event)
        except NOT_JSON as error:
            log.warning("ari.event_not_understood", error=str(error))
            return
        kind = str(event.get("type"))
        for callback in tuple(self._callbacks.get(kind, ())):
            try:
                pending = callback(event)
            except Exception:
                log.exception("ari.callback_failed", type=kind)
                continue
            if isawaitable(pending):
                task = asyncio.create_task(_finish(pending, kind))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _open_http(self, operation: str) -> HttpClient:
        if self._http is None:
            raise Unreachable(operation, "the client is not open; use it in `async with`")
        return self._http

    def _unreachable(self, operation: str, error: Exception) -> Unreachable:
        match error:
            case ConnectError():
                reason = (
                    f"cannot connect to {self.url}: {error};"
                    " is Asterisk running, with enabled=yes and this address in http.conf?"
                )
            case TimeoutError():
                reason = f"no answer from {self.url} within {self.timeout:g} s"
            case _:
                reason = f"{self.url} broke off: {error}"
        return Unreachable(operation, reason)

    def _refused(self, operation: str, status: int) -> AriError:
        match status:
            case 401:
                return Forbidden(
                    operation, f"{self.url} refuses the user name or password; compare with ari.conf", status
                )
            case 403:
                return Forbidden(
                    operation, f"{self.url} does not permit this machine; permit its address in ari.conf", status
                )
            case 404:
                return NotFound(
                    operation,
                    f"there is no ARI at {self.url}; are res_ari loaded and the path right?",
                    status,
                )
            case _ if status >= 500:
                return ServerError(
                    operation,
                    f"{self.url} answers {status}: Asterisk is not ready, or a proxy before it does not reach it",
                    status,
                )
            case _:
                return AriError(operation, f"{self.url} refuses the WebSocket", status)


def _ignore_state(_state: ConnectionState) -> None:
    """Does nothing: the state is only logged."""


async def _nothing_to_synchronise() -> None:
    """Does nothing: callbacks keep no view that an interruption could make wrong."""


async def _finish(pending: Awaitable[object], kind: str) -> None:
    try:
        await pending
    except Exception:
        log.exception("ari.callback_failed", type=kind)
