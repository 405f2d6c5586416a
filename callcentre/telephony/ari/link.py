"""The link to Asterisk: receives its events, carries out effects of telephony, and reads everything after a connect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from callcentre.kernel.program import CannotRun, Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.ari.connection import Connection, ConnectionState, Phase, Replaced
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.perform import AsteriskPerformer
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.ari.steps import Steps
from callcentre.telephony.ari.wire import WANTED, sets_another_variable
from callcentre.telephony.ari.wire import read as read_frame
from callcentre.telephony.events import AsteriskLost, EventsLate, Member
from callcentre.telephony.lease.model import ENDED, VARIABLE
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.polling import Polling, knows_agents
from callcentre.telephony.settings import AriSettings

diagnostics = structlog.get_logger(__name__)

BACKLOG: Final = 200_000
"""With more undecided events than this the connection is dropped and everything read again later: it limits memory."""

_LOOK_SECONDS: Final = 1.0
"""Seconds that a look at the agents waits for a reading from Asterisk. After that it shows what is known."""

_LATE: Final = timedelta(seconds=1)
"""An event that is decided later than this after Asterisk made it is late. It is looked at this often."""

_UNREADABLE: Final = 10
"""The most unreadable frames that are logged."""


class AsteriskLink:
    """The connection to one Asterisk, and everything that uses it."""

    def __init__(
        self, settings: SettingsInForce, view: QueueView, program: Program, *, is_wanted: Callable[[str], bool]
    ) -> None:
        """`is_wanted` says whether a call of ours that is about to be dialled still has to be."""
        calls = view.calls
        ari = settings.settings.section(AriSettings)
        self._settings = settings
        self._calls = calls
        self._view = view
        self._polling = Polling(view)
        self._program = program
        self._theirs = AsteriskClock()
        self._steps = Steps()
        self._state = ConnectionState(Phase.CONNECTING)
        self._unreadable = 0
        self._looked = program.clock()
        self._late_at: datetime | None = None
        self._looking = asyncio.Lock()
        self._client = Client(ari.url, ari.username, ari.password)
        self._reader = Reader(
            self._client, ari.app, alive=self._alive, expected=calls.expected, clock=program.clock, theirs=self._theirs
        )
        self._connection = Connection(
            self._client,
            ari.app,
            receive=self.hear,
            synchronise=self._synchronise,
            state=self._connected,
            event_filter=WANTED,
            ignores=sets_another_variable,
        )
        self.performer = AsteriskPerformer(
            self._client,
            self._reader,
            self._connection.synchronise_again,
            program.clock,
            give_up=self._connection.drop,
            to_be_asked=view.to_be_asked,
            is_wanted=is_wanted,
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Effects can be carried out within this context."""
        async with self._client:
            yield

    async def listen(self) -> None:
        """Receive events from Asterisk until cancelled.

        Raises `CannotRun` when another program takes our application.
        """
        try:
            await self._connection.run()
        except Replaced as error:
            raise CannotRun(
                f"another program connected to Asterisk as {error.app!r} (ari.app) and gets our events; "
                "stop it, or give each its own ari.app"
            ) from error
        finally:
            await self._end_lease()
            await self._reader.close()

    async def _end_lease(self) -> None:
        """Have the dialplan bypass the daemon from this moment on, and not only after the lease has expired."""
        try:
            await self._client.asterisk.set_global_var(variable=VARIABLE, value=ENDED)
        except AriError as error:
            diagnostics.info("lease.not_ended", error=str(error))

    # --- incoming events -------------------------------------------------------------------------

    def hear(self, frame: bytes) -> None:
        """Take a frame of the event stream."""
        if self._steps.repeats(frame):
            return
        at = self._program.clock()
        try:
            event = read_frame(frame, at, self._theirs.heard)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._unreadable += 1
            if self._unreadable <= _UNREADABLE:
                # Not the frame itself: it may contain a caller's number.
                diagnostics.warning("event.unreadable", error=type(error).__name__, size=len(frame))
            return
        if event is not None:
            self._steps.heard(event)
            self._program.submit(event)
            if self._program.backlog() > BACKLOG:
                self._connection.drop("events come faster than they can be decided")
            if at - self._looked >= _LATE or at < self._looked:
                self._look_at_lateness(at)

    def _look_at_lateness(self, at: datetime) -> None:
        """Once a second while events come: report that they are late, when they were late a second ago as well.

        A daemon that was frozen for some time hears late events as well, but not for a second.
        """
        late = self._theirs.late + self._program.waited()
        before, self._late_at = self._late_at, at if late > _LATE else None
        if self._late_at is not None and before is not None and at - before < 3 * _LATE:
            self._program.submit(EventsLate(at=at, seconds=round(late.total_seconds(), 3)))
        self._looked = at

    def queues(self) -> tuple[str, ...]:
        """The queues of all services, without duplicates."""
        return tuple(self._settings.settings.queues)

    async def _synchronise(self) -> None:
        self._steps.forget()  # The view is replaced, so the next step of each channel may say something new.
        if self._calls.link.up:
            # Calls that were decided before it was down are made first. Their channels would be missed otherwise.
            await self._program.settled()
        queues = self.queues()
        # Without any call only callbacks need to know which agents are on duty.
        wanted = self._polling.needed(self._program.clock())
        needed = [queue for queue in queues if queue in wanted]
        synchronised, held = await self._reader.everything(queues, self._calls.carriers, needed=needed)
        self._program.submit(synchronised)
        for found in held:
            self._program.submit(found)
        if await self._reader.dialplan_is_outdated(next(iter(self._settings.settings.services))):
            diagnostics.warning(
                "dialplan.outdated",
                fix="it reads no lease of this daemon, so callers pass the daemon by: print it anew with "
                "`callcentre dialplan`, then `dialplan reload`",
            )

    def _connected(self, state: ConnectionState) -> None:
        before, self._state = self._state, state
        if not state.informs:
            self._steps.forget()
        # Also when all is read again over the same connection: a call that we begin meanwhile is not in the answer, and
        # would count as one that is gone.
        if before.phase is Phase.LIVE or (before.informs and not state.informs):
            self._program.submit(AsteriskLost(at=self._program.clock(), reason=state.reason))

    def _alive(self) -> Iterator[str]:
        """Channels to ask through: first those in a queue, since most questions are about queues.

        None in Stasis: while something is played to a call, it answers no question (Asterisk handles one after the
        other).
        """
        return self._view.channels_to_ask_through()

    # --- requests of components ----------------------------------------------------------------

    @property
    def client(self) -> Client:
        """The client, for effects of components. It is open while effects are carried out."""
        return self._client

    async def members(self, queues: Sequence[str], lingers: float) -> Mapping[str, tuple[Member, ...]]:
        """All members of these queues, with their states. A channel made for this is kept for `lingers` seconds.

        Raises `AriError`, and `NothingToAskThrough`.
        """
        return await self._reader.members(queues, lingers)

    async def look(self, queues: Sequence[str], lingers: float) -> None:
        """Read which agents are on duty in these queues, unless that was just read. What cannot be read stays as it is.

        A channel made for this is kept for `lingers` seconds.
        """
        async with self._looking:
            at = self._program.clock()
            old = [queue for queue in queues if not knows_agents(self._calls, queue, at)]
            if not old or not self._calls.link.up:
                return
            with suppress(AriError, NothingToAskThrough, TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._program.settle(await self._reader.queues(old, lingers=lingers))

    def stalled(self, stalled: bool) -> None:
        """While nothing can be stored, stay disconnected from Asterisk: its callers then reach the queue at once."""
        if stalled:
            self._connection.pause("the database cannot be written")
        else:
            self._connection.resume()

    def clock_stepped(self, delta: timedelta) -> None:
        """Our clock was set by `delta`."""
        self._theirs.stepped(delta)

    def why_not_ready(self) -> str | None:
        """Why callers may not be sent through the daemon; None while everything works."""
        if self._state.phase is not Phase.LIVE:
            why = f": {self._state.reason}" if self._state.reason else ""
            return f"not connected to Asterisk ({self._state.phase.value}){why}"
        if not self._calls.link.up:
            return "not connected to Asterisk (synchronising)"
        return None if self.performer.has_lease else "the dialplan does not send callers through us yet"
