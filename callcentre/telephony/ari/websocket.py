"""The WebSocket of the event stream: RFC 6455, as far as a client needs it that reads texts and sends none.

A text is handed over within the call that brings its bytes. So a busy moment costs no queue, wakes no task for each
event, and reading never waits for anybody. A text that is of no interest is not even copied.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Final, cast

import structlog

from callcentre.telephony.ari.http import SWITCHING_PROTOCOLS, HttpClient

LARGEST_EVENT: Final = 64 * 1024 * 1024
"""Bytes of one event. A channel's variables may be long; a longer event drops the connection."""

CLOSING_SECONDS: Final = 1.0
"""The time that the server has for its part of a close."""

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_FINAL = _MASKED = 0x80
_WHOLE_TEXT: Final = _FINAL | _TEXT
_CONTROL: Final = 0x8
_LARGEST_CONTROL: Final = 125

_NORMAL, _PROTOCOL_ERROR, _NOT_TEXT, _TOO_LARGE = 1000, 1002, 1003, 1009
_NO_CODE, _NO_CLOSE = 1005, 1006

_ACCEPTED_BY: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server adds to the key of a handshake (RFC 6455, section 1.3)."""

Ignores = Callable[[bytes, int, int], bool]
"""Whether the text in these bytes, from an index to before another one, is of no interest."""

log = structlog.get_logger(__name__)


class ProtocolError(Exception):
    """The server breaks RFC 6455, or a limit of ours. `code` says which, for the close frame."""

    def __init__(self, message: str, code: int = _PROTOCOL_ERROR) -> None:
        super().__init__(message)
        self.code: Final = code


class Closed(Exception):  # noqa: N818 - the usual end
    """The server closed the connection, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code: Final = code


class Refused(Exception):  # noqa: N818 - the server's decision
    """The server does not open a WebSocket. `status` is that of its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status: Final = status


def ignores_nothing(_data: bytes, _begin: int, _end: int) -> bool:
    """Every text is of interest."""
    return False


def receives_nothing(_text: bytes) -> None:
    """No text is of interest."""


class FrameReader:
    """Finds the frames in the bytes of a server. It does no input or output.

    `text` gets each text but those that `ignores` leaves out. `control` gets opcode and payload of each ping and pong.
    Both are called in the order of the frames. `largest` is the most bytes of one text.
    """

    def __init__(
        self,
        *,
        text: Callable[[bytes], None],
        control: Callable[[int, bytes], None],
        ignores: Ignores = ignores_nothing,
        largest: int = LARGEST_EVENT,
    ) -> None:
        self.text = text
        self._control = control
        self._ignores = ignores
        self._largest = largest
        self._parts: list[bytes] = []
        """The beginning of a frame."""
        self._missing = 0
        """With fewer bytes that frame cannot go on."""
        self._fragments: list[bytes] | None = None
        """The beginning of a text that has several frames."""
        self._size = 0
        """The bytes of the fragments."""

    def feed(self, data: bytes) -> None:
        """Take bytes of the server. Raises `Closed`, `ProtocolError`, and what `text` raises; that is its end."""
        if self._parts:
            # They are joined once: a long text would otherwise be copied with each read of it.
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data = b"".join(self._parts)
            self._parts.clear()
        text, ignores = self.text, self._ignores
        at, end = 0, len(data)
        while True:
            if (needed := at + 2) > end:
                break
            first, length = data[at], data[at + 1]
            if length > _LARGEST_CONTROL:
                if length & _MASKED:
                    raise ProtocolError("a frame of the server is masked")
                if (needed := at + (4 if length == 126 else 10)) > end:
                    break
                length = int.from_bytes(data[at + 2 : needed])
                if length > self._largest:
                    raise ProtocolError(f"a frame has {length} bytes", _TOO_LARGE)
            begin = needed
            if (needed := begin + length) > end:
                break
            if first == _WHOLE_TEXT and self._fragments is None:
                if not ignores(data, begin, needed):
                    text(data[begin:needed])
            else:
                self._take(first, data[begin:needed])
            at = needed
        if at < end:
            self._parts.append(data[at:])
            self._missing = needed - end

    def _take(self, first: int, payload: bytes) -> None:
        """A frame that is not a whole text."""
        opcode = first & 0x0F
        if first & 0x70:
            raise ProtocolError("a frame uses an extension that nobody agreed on")
        if opcode & _CONTROL:
            if not first & _FINAL or len(payload) > _LARGEST_CONTROL:
                raise ProtocolError("a control frame is too long, or in parts")
            if opcode == _CLOSE:
                raise _closed(payload)
            if opcode not in (_PING, _PONG):
                raise ProtocolError(f"a frame has the unknown opcode {opcode}")
            self._control(opcode, payload)
        elif opcode == _CONTINUATION:
            self._continue(payload, is_last=bool(first & _FINAL))
        elif self._fragments is not None:
            raise ProtocolError("a text begins within another one")
        elif opcode == _TEXT:
            self._fragments, self._size = [payload], len(payload)
        else:
            raise ProtocolError(f"a frame has the opcode {opcode}", _NOT_TEXT if opcode == _BINARY else _PROTOCOL_ERROR)

    def _continue(self, payload: bytes, *, is_last: bool) -> None:
        if self._fragments is None:
            raise ProtocolError("a text goes on that has not begun")
        self._fragments.append(payload)
        self._size += len(payload)
        if self._size > self._largest:
            raise ProtocolError(f"a text has at least {self._size} bytes", _TOO_LARGE)
        if is_last:
            whole, self._fragments = b"".join(self._fragments), None
            if not self._ignores(whole, 0, len(whole)):
                self.text(whole)


def _closed(payload: bytes) -> Closed:
    if len(payload) == 1:
        raise ProtocolError("a close frame has half a code")
    return Closed(int.from_bytes(payload[:2]) if payload else _NO_CODE)


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a client, of at most 125 bytes. Its mask keeps proxies from taking it for something else."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes((_FINAL | opcode, _MASKED | len(payload))) + mask + masked


class WebSocket(asyncio.Protocol):
    """An open WebSocket. `receive` gets each text but those that `ignores` leaves out, in order.

    After `heartbeat` silent seconds it sends a ping. When nothing at all is received within half of that time again,
    the connection is dead.
    """

    def __init__(self, receive: Callable[[bytes], None], ignores: Ignores, heartbeat: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader: FrameReader | None = FrameReader(text=receive, control=self._answer, ignores=ignores)
        self._heartbeat = heartbeat
        self._heard = self._loop.time()
        self._pinged: float | None = None
        self._watching: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._lost = asyncio.Event()
        self._said_close = False

    async def ended(self) -> str:
        """Wait until no more texts come; return why. Raises what `receive` raised."""
        return await asyncio.shield(self._ended)

    async def close(self) -> None:
        """Close the connection in order, if the server does its part within a second; nothing more is received."""
        if self._reader is not None:
            self._reader.text = receives_nothing
        self._say_close(_NORMAL)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._lost.wait()
        except TimeoutError:
            log.debug("ari.close_unanswered")
        finally:
            self._transport.abort()
            if not self._ended.done():
                self._ended.cancel()
            elif not self._ended.cancelled():
                self._ended.exception()  # Marks it as retrieved.

    # --- called by the event loop ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        if self._reader is None:
            return
        try:
            self._reader.feed(data)
        except Closed as closed:
            self._end(f"Asterisk closed the connection (code {closed.code})")
            self._say_close(_NORMAL)
            self._transport.close()
        except ProtocolError as error:
            self._end(f"the connection broke: {error}")
            self._say_close(error.code)
        except Exception as error:
            self._end(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if exc is None:
            self._end(f"Asterisk closed the connection (code {_NO_CLOSE})")
        else:
            self._end(f"the connection broke: {str(exc) or type(exc).__name__}")
        self._lost.set()

    # -----------------------------------------------------------------------------------------------

    def _end(self, why: str | Exception) -> None:
        self._reader = None
        if self._ended.done():
            return
        if isinstance(why, Exception):
            self._ended.set_exception(why)
        else:
            self._ended.set_result(why)

    def _answer(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._send(_PONG, payload)

    def _watch(self) -> None:
        """Ping a server that is silent, and notice one that stays silent.

        All bytes are a sign of life. Bytes that came while the program was busy were handed over before this runs.
        """
        now = self._loop.time()
        if self._pinged is not None and self._heard < self._pinged:
            self._end(f"the connection broke: No PONG received after {self._heartbeat / 2:g} seconds")
            self._transport.abort()
            return
        if now - self._heard >= self._heartbeat:
            self._pinged = now
            self._send(_PING, b"")
            then = now + self._heartbeat / 2
        else:
            self._pinged = None
            then = self._heard + self._heartbeat
        self._watching = self._loop.call_at(then, self._watch)

    def _say_close(self, code: int) -> None:
        if not self._said_close:
            self._said_close = True
            self._send(_CLOSE, code.to_bytes(2))

    def _send(self, opcode: int, payload: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(masked_frame(opcode, payload))


async def connect(
    http: HttpClient, target: str, *, receive: Callable[[bytes], None], ignores: Ignores, heartbeat: float
) -> WebSocket:
    """Open the WebSocket at `target`. Raises `Refused`, or `HttpError` of the client."""
    key = base64.b64encode(os.urandom(16))
    response, connection = await http.upgrade(
        target,
        {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key.decode(),
        },
    )
    if not _is_accepted(response.status, response.headers, key):
        connection.transport.abort()
        raise Refused(response.status)
    socket = WebSocket(receive, ignores, heartbeat)
    connection.take_over(socket)
    return socket


def _is_accepted(status: int, headers: Mapping[str, str], key: bytes) -> bool:
    accepted = base64.b64encode(hashlib.sha1(key + _ACCEPTED_BY, usedforsecurity=False).digest()).decode()
    return (
        status == SWITCHING_PROTOCOLS
        and headers.get("upgrade", "").lower() == "websocket"
        and "upgrade" in headers.get("connection", "").lower()
        and headers.get("sec-websocket-accept") == accepted
        and "sec-websocket-extensions" not in headers
    )
