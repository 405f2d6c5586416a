"""A channel of our own for questions to Asterisk when there is no call: functions are evaluated on a channel only.

It is a Local channel that is never dialled, so it rings nowhere. It costs Asterisk rows of CEL, so it is kept between
questions and hung up when none follows. Asterisk hangs it up itself some time after the daemon has died.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress

import structlog

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, Conflict, NotFound
from callcentre.telephony.events import PROBE

LIMIT = 120
"""Seconds after which Asterisk hangs the channel up, counted from when the limit was last set."""

RENEWED = 60.0
"""Seconds after which the limit is set again while the channel is in use."""

OLDEST = 600.0
"""Seconds after which it is replaced: a graceful stop or restart of Asterisk waits no longer than that for it."""

LINGERS = 5.0
"""Seconds that it is kept after a question, for the next one."""

log = structlog.get_logger(__name__)


class Probe:
    """At most one channel, shared by all readers. `app` is our Stasis application."""

    def __init__(self, client: Client, app: str) -> None:
        self._client = client
        self._app = app
        self._lock = asyncio.Lock()
        self._name: str | None = None
        self._making: asyncio.Future[str] | None = None
        self._number = 0
        self._made = 0.0
        self._renewed = 0.0
        self._ending: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str | None:
        """The channel, if there is one as far as we know."""
        return self._name

    async def channel(self, lingers: float = LINGERS) -> str:
        """A channel to ask through, made if there is none. It is kept for `lingers` seconds. Raises `AriError`."""
        if self._making is None:
            self._making = asyncio.ensure_future(self._ready())
            self._making.add_done_callback(self._is_ready)
        # A reader that is cancelled because a connection ended must not cancel it for other readers.
        name = await asyncio.shield(self._making)
        self.keep(lingers)
        return name

    async def _ready(self) -> str:
        async with self._lock:
            await self._end_the_old()
            name = self._name or await self._make()
            self.keep()
            return name

    def _is_ready(self, making: asyncio.Future[str]) -> None:
        self._making = None
        if not making.cancelled():
            making.exception()  # Marks it as retrieved: perhaps no reader waits for it any more.

    def keep(self, lingers: float = LINGERS) -> None:
        """The channel is needed: it is hung up in `lingers` seconds, or later if it would have been."""
        loop = asyncio.get_running_loop()
        until = loop.time() + lingers
        if self._ending is not None:
            until = max(until, self._ending.when())
            self._ending.cancel()
        self._ending = loop.call_at(until, self._let_go)

    def lost(self, name: str) -> None:
        """This channel is gone."""
        if self._name == name:
            self._name = None

    async def found(self, channels: Iterable[str]) -> None:
        """Take over the probe channel of an earlier process among these channels for a moment; hang up any others."""
        ours = re.compile(rf"{re.escape(f'{PROBE}.{self._app}.')}\d+")
        left = [channel for channel in channels if ours.fullmatch(channel) and channel != self._name]
        async with self._lock:
            if left and self._name is None:
                self._take(left.pop())
                self._renewed -= RENEWED  # The rest of its time limit is unknown.
                self.keep()
            for channel in left:
                await self._hang_up(channel)

    async def end(self) -> None:
        """Hang the channel up now. If that fails, Asterisk does so later."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        async with self._lock:
            name, self._name = self._name, None
            if name is not None:
                await self._hang_up(name)

    async def _end_the_old(self) -> None:
        """Hang up a channel that is too old, and set the limit of one that is not again."""
        now = asyncio.get_running_loop().time()
        name = self._name
        if name is None:
            return
        if now - self._made > OLDEST:
            self._name = None
            await self._hang_up(name)
        elif now - self._renewed >= RENEWED:
            try:
                await self._client.channels.set_channel_var(name, variable="TIMEOUT(absolute)", value=LIMIT)
                self._renewed = now
            except (NotFound, Conflict):
                self._name = None

    async def _make(self) -> str:
        while True:
            self._number += 1
            name = f"{PROBE}.{self._app}.{self._number}"
            # A channel of an earlier process that was not found has this name: use the next name.
            with suppress(Conflict):
                await self._client.channels.create(
                    endpoint=f"Local/s@{PROBE}", app=self._app, app_args="probe", channel_id=name,
                    other_channel_id=f"{name}-other", variables={"TIMEOUT(absolute)": LIMIT},
                )  # fmt: skip
                self._take(name)
                return name

    def _take(self, name: str) -> None:
        self._name = name
        self._made = self._renewed = asyncio.get_running_loop().time()

    def _let_go(self) -> None:
        self._ending = None
        task = asyncio.get_running_loop().create_task(self.end())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hang_up(self, name: str) -> None:
        try:
            await self._client.channels.hangup(name)
        except NotFound:
            pass
        except AriError as error:
            log.info("probe.not_hung_up", error=str(error))
