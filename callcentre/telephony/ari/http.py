"""HTTP/1.1 as ARI needs it: requests over a few kept connections to one server.

A request is one write, and its answer is mostly one read. There are no cookies, redirections, proxies, compression or
pipelining: ARI needs none of it, and a client for everything spends most of its time on what is not used here.

Source of the rules: RFC 9112, where an answer ends in section 6.3, and when a connection is kept in section 9.3.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from yarl import URL

KEEP_ALIVE: Final = 10.0
"""Seconds that an idle connection is kept. Asterisk closes it after 15, and no request may be sent at that moment."""

LARGEST_HEAD: Final = 64 * 1024
"""Bytes of the status line and the headers of an answer. Asterisk sends about 200."""

LARGEST_BODY: Final = 64 * 1024 * 1024
"""Bytes of the body of an answer. All channels of a large PBX are some megabytes."""

SENT_AGAIN: Final = frozenset({"GET", "PUT", "DELETE"})
"""The methods that do no harm when they arrive twice (RFC 9110, section 9.2.2)."""

SWITCHING_PROTOCOLS: Final = 101
_WITHOUT_BODY: Final = frozenset({SWITCHING_PROTOCOLS, 204, 304})

_NEXT_ADDRESS: Final = 0.25
"""Seconds after which the next address of a host name is tried as well (RFC 8305)."""

_STATUS_LINE: Final = re.compile(r"HTTP/1\.([01]) ([1-9]\d\d)(?: .*)?", re.ASCII)
_LENGTH: Final = re.compile(r"(\d{1,15})(?:, \1)*", re.ASCII)
"""A length that is sent twice is the same length."""
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class HttpError(Exception):
    """There is no answer, or none that can be understood."""


class ConnectError(HttpError):
    """There is no connection, so the request was not sent."""


class DisconnectedError(HttpError):
    """The server closed the connection before it began an answer. The request may have arrived."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. The names of `headers` are in lower case. `keeps`: the connection can have another request."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    keeps: bool


class ResponseReader:
    """Finds the answers in the bytes of a connection, one at a time. It does no input or output."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._closed = False
        self._reading = self._read()
        self.has_begun = False
        """Whether a part of an answer has come."""

    @property
    def rest(self) -> bytes:
        """What came after the latest answer."""
        return bytes(self._bytes)

    def feed(self, data: bytes) -> Response | None:
        """Take bytes of the server; return the answer once it is complete. Raises `HttpError`."""
        self.has_begun = True
        self._bytes += data
        return self._go_on()

    def close(self) -> Response | None:
        """The connection is closed; return the answer that this completes, if any. Raises `HttpError`."""
        self._closed = True
        return self._go_on()

    def _go_on(self) -> Response | None:
        try:
            next(self._reading)
        except StopIteration as complete:
            self._reading = self._read()
            self.has_begun = False
            return cast("Response", complete.value)
        return None

    # Each of these yields when it needs more bytes.

    def _read(self) -> Generator[None, None, Response]:
        while True:
            one, status, headers = _head(bytes((yield from self._until(b"\r\n\r\n"))))
            # An interim answer, such as 100 Continue, comes before the answer.
            if status >= 200 or status == SWITCHING_PROTOCOLS:
                break
        keeps = "close" not in (said := headers.get("connection", "").lower()) and (one or "keep-alive" in said)
        if status in _WITHOUT_BODY:
            body = b""
        elif (coding := headers.get("transfer-encoding")) is not None:
            if coding.lower() != "chunked":
                raise HttpError(f"the answer has the unknown transfer coding {coding[:40]!r}")
            body = yield from self._chunks()
        elif (length := headers.get("content-length")) is not None:
            if (match := _LENGTH.fullmatch(length)) is None or int(match[1]) > LARGEST_BODY:
                raise HttpError(f"the answer has the impossible length {length[:40]!r}")
            body = yield from self._exactly(int(match[1]))
        else:
            keeps = False
            body = yield from self._rest()
        return Response(status, headers, body, keeps)

    def _until(self, end: bytes) -> Generator[None, None, bytes]:
        """The bytes before `end`, which is taken as well."""
        while (at := self._bytes.find(end, 0, LARGEST_HEAD)) < 0:
            if len(self._bytes) >= LARGEST_HEAD:
                raise HttpError(f"a head of more than {LARGEST_HEAD} bytes")
            yield
        taken = bytes(self._bytes[:at])
        del self._bytes[: at + len(end)]
        return taken

    def _exactly(self, size: int) -> Generator[None, None, bytes]:
        while len(self._bytes) < size:
            yield
        taken = bytes(self._bytes[:size])
        del self._bytes[:size]
        return taken

    def _rest(self) -> Generator[None, None, bytes]:
        while not self._closed:
            if len(self._bytes) > LARGEST_BODY:
                raise HttpError(f"a body of more than {LARGEST_BODY} bytes")
            yield
        return (yield from self._exactly(len(self._bytes)))

    def _chunks(self) -> Generator[None, None, bytes]:
        parts, taken = [], 0
        while True:
            line = yield from self._until(b"\r\n")
            if (match := _CHUNK_SIZE.fullmatch(line)) is None:
                raise HttpError(f"a chunk of the answer has the impossible size {line[:40]!r}")
            if (size := int(match[1], 16)) == 0:
                break
            if (taken := taken + size) > LARGEST_BODY:
                raise HttpError(f"a body of more than {LARGEST_BODY} bytes")
            parts.append((yield from self._exactly(size)))
            if (yield from self._exactly(2)) != b"\r\n":
                raise HttpError("a chunk of the answer is longer than its size")
        # A trailer says nothing about ARI.
        while trailer := (yield from self._until(b"\r\n")):
            if (taken := taken + len(trailer)) > LARGEST_BODY:
                raise HttpError(f"a body of more than {LARGEST_BODY} bytes")
        return b"".join(parts)


def _head(head: bytes) -> tuple[bool, int, Mapping[str, str]]:
    """Whether the answer is of HTTP/1.1, its status, and its headers."""
    first, *lines = head.decode("latin-1").split("\r\n")
    if (status := _STATUS_LINE.fullmatch(first)) is None:
        raise HttpError(f"the answer does not begin as HTTP: {first[:40]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise HttpError(f"the answer has the impossible header {line[:40]!r}")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return status[1] == "1", int(status[2]), headers


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class HttpConnection(asyncio.Protocol):
    """A connection that takes one request after the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reader = ResponseReader()
        self._answer: asyncio.Future[Response] | None = None
        self.transport: asyncio.Transport
        self.idle_since = 0.0
        """When it had its latest answer, on the clock of the event loop."""

    @property
    def is_usable(self) -> bool:
        """Whether it can have another request, as far as is known."""
        return not self.transport.is_closing()

    async def exchange(self, request: bytes) -> Response:
        """Send a request, and return its answer. The connection is closed when there is none. Raises `HttpError`."""
        answer: asyncio.Future[Response] = self._loop.create_future()
        self._answer = answer
        self.transport.write(request)
        try:
            response = await answer
        except BaseException:
            # Of a request that was given up, an answer may come that must not be taken for that of another.
            self.transport.abort()
            raise
        if not response.keeps and response.status != SWITCHING_PROTOCOLS:
            self.transport.abort()
        self.idle_since = self._loop.time()
        return response

    def take_over(self, protocol: asyncio.Protocol) -> None:
        """After an answer 101: have this protocol use the connection from now on."""
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        if rest := self._reader.rest:
            protocol.data_received(rest)
        self.transport.resume_reading()

    # --- called by the event loop ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.transport.abort()  # Nothing was asked.
            return
        try:
            response = self._reader.feed(data)
        except HttpError as error:
            self._answer.set_exception(error)
            return
        if response is None:
            return
        if response.status == SWITCHING_PROTOCOLS:
            # What follows is not HTTP: it waits until the other protocol is there.
            self.transport.pause_reading()
        elif self._reader.rest:
            self.transport.abort()
        self._answer.set_result(response)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if exc is None and self._reader.has_begun:
            try:
                response = self._reader.close()
            except HttpError as error:
                self._answer.set_exception(error)
                return
            if response is not None:
                self._answer.set_result(response)
                return
        why = "the connection was closed" if exc is None else str(exc) or type(exc).__name__
        if self._reader.has_begun:
            self._answer.set_exception(HttpError(f"{why} in the middle of the answer"))
        else:
            self._answer.set_exception(DisconnectedError(why))


class HttpClient:
    """Sends requests to the server of `url`, over at most `connections` connections at once.

    `headers` are sent with every request. It belongs to the event loop that runs when it is made.
    """

    def __init__(self, url: URL, headers: Mapping[str, str], *, connections: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._host = url.raw_host or ""
        self._port = url.port or 0
        # An address has no other. asyncio loses a socket when such a race is cancelled, so there is none without need.
        self._next_address = None if _is_address(self._host) else _NEXT_ADDRESS
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._path = url.raw_path.rstrip("/")
        fixed = {"Host": url.host_port_subcomponent, **headers}
        self._head = "".join(f"\r\n{name}: {value}" for name, value in fixed.items())
        self._slots = asyncio.Semaphore(connections)
        self._all: set[HttpConnection] = set()
        self._idle: list[HttpConnection] = []
        """The connections that have no request; the one that had one last is the last."""
        self._sweeping: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def send(self, method: str, target: str, body: bytes | None = None) -> Response:
        """Send one request with a body of JSON, or with none. `target` is encoded, and relative to the path of `url`.

        A server closes an idle connection when it likes, so a request may meet its end. A GET, PUT or DELETE is then
        sent once more, over a new connection. A POST is sent once. Raises `HttpError`.
        """
        head = f"{method} {self._path}{target} HTTP/1.1{self._head}"
        if body is not None:
            head = f"{head}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        elif method != "GET":
            head = f"{head}\r\nContent-Length: 0"
        request = f"{head}\r\n\r\n".encode("ascii") + (body or b"")
        async with self._slots:
            if (kept := self._take_idle()) is not None:
                try:
                    return await self._exchange(kept, request)
                except DisconnectedError:
                    if method not in SENT_AGAIN:
                        raise
            return await self._exchange(await self._connect(), request)

    async def upgrade(self, target: str, headers: Mapping[str, str]) -> tuple[Response, HttpConnection]:
        """Send a GET that asks for another protocol, over a connection of its own. Raises `HttpError`.

        After an answer 101 the connection is the caller's: `take_over` hands it to the other protocol.
        """
        lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items())
        request = f"GET {self._path}{target} HTTP/1.1{self._head}{lines}\r\n\r\n".encode("ascii")
        connection = await self._connect()
        try:
            response = await connection.exchange(request)
        finally:
            self._all.discard(connection)  # It is the caller's, or closed.
        if response.status != SWITCHING_PROTOCOLS:
            connection.transport.abort()
        return response, connection

    async def close(self) -> None:
        """Close all connections. A request that is under way gets no answer."""
        self._is_closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in self._all:
            connection.transport.abort()
        await asyncio.sleep(0)

    async def _exchange(self, connection: HttpConnection, request: bytes) -> Response:
        try:
            return await connection.exchange(request)
        finally:
            if connection.is_usable:
                self._idle.append(connection)
                if self._sweeping is None:
                    self._sweeping = self._loop.call_later(KEEP_ALIVE, self._sweep)
            else:
                self._all.discard(connection)

    async def _connect(self) -> HttpConnection:
        if self._is_closed:
            raise ConnectError("the client was closed")
        try:
            _, connection = await self._loop.create_connection(
                lambda: HttpConnection(self._loop),
                self._host,
                self._port,
                ssl=self._tls,
                happy_eyeballs_delay=self._next_address,
            )
        except OSError as error:
            raise ConnectError(error.strerror or str(error) or type(error).__name__) from error
        except UnicodeError as error:  # A label of the host's name is empty, or longer than 63 characters.
            raise ConnectError(f"{self._host!r} is no name of a host") from error
        self._all.add(connection)
        return connection

    def _take_idle(self) -> HttpConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and self._loop.time() - connection.idle_since < KEEP_ALIVE:
                return connection
            self._let_go(connection)
        return None

    def _sweep(self) -> None:
        """Close what was idle for long: the connections of a busy moment."""
        self._sweeping = None
        oldest = self._loop.time() - KEEP_ALIVE
        while self._idle and self._idle[0].idle_since <= oldest:
            self._let_go(self._idle.pop(0))
        if self._idle:
            self._sweeping = self._loop.call_at(self._idle[0].idle_since + KEEP_ALIVE, self._sweep)

    def _let_go(self, connection: HttpConnection) -> None:
        self._all.discard(connection)
        connection.transport.abort()
