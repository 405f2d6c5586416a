"""The WebSocket of one Stasis application, which is reconnected for ever.

Each connection goes through the same steps: connect; subscribe to all channels, bridges and endpoints;
set the event filter, which Asterisk may have kept or forgotten; let the owner synchronise its view over
REST while arriving events are buffered; hand over the buffer in order; go live. Asterisk discards events that happen
without a connection and never repeats them, so the owner's view is correct only because `synchronise` corrects it
each time. It can be synchronised again without a new connection, and then no event is missed.

`subscribeAll=true` is not used: Asterisk ignores it while the application's name still exists from
before, and it includes device states, with which Asterisk 22.10 stops answering all of ARI, often at
the second connection, when a connection closes while a device changes its state.

Events are handed over as they are read, and reading waits for nothing. When events are not read for 100 ms and the
buffers in between are full, Asterisk drops the connection.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, NoReturn, Protocol

import msgspec
import structlog

from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.server import Applications
from callcentre.telephony.ari.websocket import Ignores, WebSocket, ignores_nothing
from callcentre.values.json_errors import NOT_JSON

EVENT_SOURCES: Final = ("channel:", "bridge:", "endpoint:")
"""All of each kind, except device states: those of the queues are requested when they are needed."""

RELEASED_AT_ONCE: Final = 500
"""Buffered events that are handed over before the reader runs again."""

REPLACED: Final = b'"ApplicationReplaced"'

log = structlog.get_logger(__name__)


class Phase(StrEnum):
    """The phase of a connection."""

    CONNECTING = "connecting"
    SYNCHRONISING = "synchronising"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """The phase of a connection and, once it is lost, the reason in words for people."""

    phase: Phase
    reason: str = ""

    @property
    def informs(self) -> bool:
        """Whether what we know of Asterisk comes from this connection: everything is read before it is live."""
        return self.phase in (Phase.SYNCHRONISING, Phase.LIVE)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after a connection was lost, in seconds.

    Full jitter: a random part of a bound that begins at `base`, doubles with each loss and ends at `cap`. After a
    connection that was live for `settled` it begins again.
    """

    base: float = 0.1
    cap: float = 5.0
    settled: float = 10.0

    def delay(self, losses: int, chance: float) -> float:
        """The delay after this many losses in a row, at least one; `chance` is from 0 to 1."""
        return chance * min(self.cap, self.base * 2.0 ** min(losses - 1, 64))


class Replaced(Exception):  # noqa: N818 - named as the event is
    """Another program uses this application name; ARI sends the events there and nothing here."""

    def __init__(self, app: str) -> None:
        """Name the application, and say how to fix it."""
        super().__init__(
            f"another program has connected to ARI as {app!r} and gets its events now;"
            " stop it, or give one of them another name (ari.app)"
        )
        self.app = app


class EventClient(Protocol):
    """What a connection needs of the client."""

    @property
    def applications(self) -> Applications:
        """Operations on Stasis applications."""
        ...

    async def connect_events(
        self, app: str, *, heartbeat: float, receive: Callable[[bytes], None], ignores: Ignores
    ) -> WebSocket:
        """Open the WebSocket. Raises `AriError`."""
        ...


class Connection:
    """Keeps one application's WebSocket connected, and its owner informed.

    `receive` gets every event as the bytes of its JSON, in order, and must return at once. `synchronise` reads the
    present state over REST; when it raises, the connection is made again. `state` is called with each change.
    `event_filter` names the wanted event types, None for all; a type that ARI does not know is never sent. Events that
    `ignores` tells to be of no interest, by their place in the bytes that were read, are not handed over. More than
    `buffer_limit` events during one synchronisation close the connection, since its owner cannot keep up.
    `heartbeat` is in seconds: a connection that died silently is noticed after one and a half of it.
    """

    def __init__(
        self,
        client: EventClient,
        app: str,
        *,
        receive: Callable[[bytes], None],
        synchronise: Callable[[], Awaitable[None]],
        state: Callable[[ConnectionState], None],
        event_filter: Sequence[str] | None = None,
        ignores: Ignores = ignores_nothing,
        heartbeat: float = 3.0,
        backoff: Backoff = Backoff(),
        buffer_limit: int = 100_000,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nothing is contacted yet. Raises ValueError for a name that ARI reads as none or several."""
        if not app or "," in app:
            raise ValueError(f"{app!r} cannot be one Stasis application's name: give one, without commas")
        self.app: Final = app
        self._client = client
        self._receive = receive
        self._synchronise = synchronise
        self._state = state
        self._event_filter = event_filter
        self._ignores = ignores
        self._heartbeat = heartbeat
        self._backoff = backoff
        self._buffer_limit = buffer_limit
        self._chance = chance
        self._sleep = sleep
        self._buffer: deque[bytes] = deque()
        self._deliver: Callable[[bytes], None] = self._discard
        self._dropped: asyncio.Future[str] | None = None
        self._again: asyncio.Future[str] | None = None
        self._live_since: float | None = None
        self._last_reason = ""
        self._wanted = asyncio.Event()
        self._wanted.set()

    async def run(self) -> NoReturn:
        """Keep the connection up until cancelled.

        Raises `Replaced` when another program takes the application's name, and the exceptions of `receive` and
        `state`, since an event that could not be received would be lost silently.
        """
        losses = 0
        while True:
            await self._wanted.wait()
            reason = await self._until_lost()
            losses = 1 if self._has_settled() else losses + 1
            self._live_since = None
            self._report_loss(reason, losses)
            await self._sleep(self._backoff.delay(losses, self._chance()))

    def drop(self, reason: str) -> None:
        """Close the present connection, if any. A new one is made and synchronised after the back-off.

        Nothing more is received from the old one, not even events that have arrived already.
        """
        self._deliver = self._discard
        self._buffer.clear()
        if self._dropped is not None and not self._dropped.done():
            self._dropped.set_result(reason)

    def synchronise_again(self, reason: str) -> None:
        """Have the owner synchronise its view once more over the present connection, if that is live.

        Events that arrive meanwhile are buffered and handed over after it, as on a new connection.
        """
        if self._again is not None and not self._again.done():
            self._again.set_result(reason)

    def pause(self, reason: str) -> None:
        """Close the present connection and make no other until `resume` is called."""
        self._wanted.clear()
        self.drop(reason)

    def resume(self) -> None:
        """Connect again after `pause`."""
        self._wanted.set()

    @property
    def paused(self) -> bool:
        """Whether it stays disconnected until `resume` is called."""
        return not self._wanted.is_set()

    async def _until_lost(self) -> str:
        """Make one connection and wait until it ends, by itself or by `drop`; return why."""
        self._dropped = asyncio.get_running_loop().create_future()
        attempt = asyncio.create_task(self._attempt())
        try:
            await asyncio.wait((attempt, self._dropped), return_when=asyncio.FIRST_COMPLETED)
            if attempt.done():
                return attempt.result()
            return self._dropped.result()
        finally:
            await _stop(attempt)
            self._deliver = self._discard
            self._buffer.clear()
            self._dropped = self._again = None

    async def _attempt(self) -> str:
        """One connection, from the handshake to its end; return why it ended."""
        self._state(ConnectionState(Phase.CONNECTING))
        self._deliver = self._keep
        try:
            socket = await self._client.connect_events(
                self.app, heartbeat=self._heartbeat, receive=self._hand_over, ignores=self._ignores
            )
        except AriError as error:
            return error.message
        reading = asyncio.create_task(socket.ended())
        working = asyncio.create_task(self._prepare())
        try:
            while True:
                await asyncio.wait((reading, working), return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    return reading.result()
                if (reason := working.result()) is not None:
                    return reason
                working = asyncio.create_task(self._synchronise_when_asked())
        finally:
            await _stop(reading, working)
            await socket.close()

    def _hand_over(self, frame: bytes) -> None:
        """Take an event of the present connection."""
        if REPLACED in frame and _is_replaced(frame):
            raise Replaced(self.app)
        self._deliver(frame)

    async def _prepare(self) -> str | None:
        """Subscribe, synchronise and go live; return why that failed, or None."""
        try:
            await self._client.applications.subscribe(self.app, event_source=EVENT_SOURCES)
            await self._client.applications.filter(self.app, filter=self._filter())
        except AriError as error:
            return f"cannot subscribe: {error}"
        return await self._synchronise_and_release()

    async def _synchronise_when_asked(self) -> str | None:
        """Wait until it is to be synchronised again, do so, and go live; return why that failed, or None."""
        assert self._again is not None  # noqa: S101 - made when it went live
        reason = await self._again
        log.warning("ari.synchronised_again", app=self.app, reason=reason)
        self._deliver = self._keep
        return await self._synchronise_and_release()

    async def _synchronise_and_release(self) -> str | None:
        self._state(ConnectionState(Phase.SYNCHRONISING))
        try:
            await self._synchronise()
        except AriError as error:
            return f"cannot synchronise: {error}"
        except Exception as error:
            log.exception("ari.synchronise_failed", app=self.app)
            return f"cannot synchronise: {type(error).__name__}: {error}"
        await self._release()
        return None

    def _filter(self) -> Mapping[Literal["allowed", "disallowed"], Sequence[Mapping[str, str]]]:
        if self._event_filter is None:
            return {"allowed": []}
        # Asterisk filters even the event that says that no more events follow.
        wanted = dict.fromkeys((*self._event_filter, "ApplicationReplaced"))
        return {"allowed": [{"type": name} for name in wanted]}

    async def _release(self) -> None:
        """Hand over the buffered events, and go live once none is left."""
        released = 0
        while self._buffer:
            self._receive(self._buffer.popleft())
            released += 1
            if released % RELEASED_AT_ONCE == 0:
                await asyncio.sleep(0)
        if self._is_dropped:
            return
        self._deliver = self._receive
        self._again = asyncio.get_running_loop().create_future()
        self._live_since = asyncio.get_running_loop().time()
        self._last_reason = ""
        log.info("ari.live", app=self.app)
        self._state(ConnectionState(Phase.LIVE))

    def _keep(self, frame: bytes) -> None:
        if len(self._buffer) >= self._buffer_limit:
            self.drop(f"more than {self._buffer_limit} events came while synchronising")
        else:
            self._buffer.append(frame)

    def _discard(self, _frame: bytes) -> None:
        """Drop further frames of a connection that is being closed."""

    @property
    def _is_dropped(self) -> bool:
        return self._dropped is None or self._dropped.done()

    def _has_settled(self) -> bool:
        if self._live_since is None:
            return False
        return asyncio.get_running_loop().time() - self._live_since >= self._backoff.settled

    def _report_loss(self, reason: str, losses: int) -> None:
        # A lost Asterisk is logged once, not for each attempt.
        record = log.debug if reason == self._last_reason else log.warning
        record("ari.lost", app=self.app, reason=reason, losses=losses)
        self._last_reason = reason
        self._state(ConnectionState(Phase.LOST, reason))


def _is_replaced(frame: bytes) -> bool:
    """Distinguish the event from a text that looks the same, such as a variable's value."""
    try:
        event = msgspec.json.decode(frame, type=dict[str, Any])
    except NOT_JSON:
        return False
    return event.get("type") == "ApplicationReplaced"


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
