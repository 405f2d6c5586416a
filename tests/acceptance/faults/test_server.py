"""The database's server restarts, is silent for half a minute, or its copy takes over, in the middle of calls.

Each test has a server of its own, whatever database the others use. Aino took a callback and hung up, Matti waits.
While the server is away Liisa calls, and an agent comes for whom Aino is to be called.
"""

from __future__ import annotations

import asyncio
import signal
import time

import pytest
import sqlalchemy as sa

from callcentre.kernel.database import Database
from callcentre.kernel.schema import journal
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import all_is_well, reaches_the_queue, says
from tests.acceptance.scene import calls_in, complains
from tests.cast import AINO, LIISA, MATTI
from tests.testbed.callbacks import offered, open_callbacks, rings_and_accepts, rules
from tests.testbed.daemon import Daemon
from tests.testbed.databases import connected_to
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.postgresql import FAST, Server, server, url_of

pytestmark = pytest.mark.usefixtures("short_prompts")

DATABASE = "callcentre"
AWAY = 30.0
"""Seconds."""


class Day:
    """What happens before, while and after the server is away."""

    def __init__(self, start: StartDaemon, network: PhoneNetwork, pbx: Pbx) -> None:
        self._start, self._network, self._pbx = start, network, pbx

    async def begins(self, url: str) -> None:
        # With one callback open nobody else is offered one.
        changes = rules(offer={"max_open": "1"}, callback={"confirm_by_sms": None})
        self.daemon: Daemon = await self._start({**changes, "store": {"url": url}})
        aino = await offered(self.daemon, self._network, AINO, SUPPORT_NUMBER)
        self._promised = await aino.takes()
        await aino.call.ended()
        await calls_in(self._network, self.daemon, MATTI, SUPPORT_NUMBER)

    async def goes_on_without(self, *reasons: str) -> None:
        """Liisa passes by, /health gives one of the reasons, and no phone rings."""
        await reaches_the_queue(self._network, self._pbx, LIISA, place=2)
        await self._pbx.log_on("support", "agent1")
        await says(self.daemon, *reasons)
        assert self.nobody_was_called()

    def nobody_was_called(self) -> bool:
        """No phone rings for what could not be stored."""
        return not self._network.phone(AINO).calls

    async def is_kept(self, url: str) -> None:
        """Everybody is known, Aino is called once, and the database has each fact of the log and leaves out none."""
        daemon, phone = self.daemon, self._network.phone(AINO)
        await all_is_well(daemon, self._network, self._pbx, MATTI, LIISA, elsewhere=True)
        assert list(await open_callbacks(daemon)) == [self._promised]
        call = await rings_and_accepts(self._network, AINO)
        await daemon.fact("callback.queued", callback=self._promised)
        await call.hang_up()
        await daemon.fact("callback.cancelled", callback=self._promised)
        assert len(daemon.find("callback.dialled")) == len(phone.calls) == 1
        assert await daemon.stop() == 0
        with connected_to(Database(url)) as database:
            kept = list(database.execute(sa.select(journal.c.id).order_by(journal.c.id)).scalars())
        assert kept == list(range(1, len(kept) + 1)) == [fact["id"] for fact in daemon.facts]


@pytest.fixture
def day(start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx) -> Day:
    return Day(start_daemon, network, pbx)


@pytest.mark.fault("Server: restarted")
async def test_a_server_that_restarts_loses_nothing_and_callers_pass_by(day: Day) -> None:
    with server() as running:
        url = running.make(DATABASE)
        await day.begins(url)
        await asyncio.to_thread(running.stop)
        await day.goes_on_without("the database cannot be written")
        await complains(day.daemon, "pg_isready -d postgresql://callcentre@/callcentre")
        await asyncio.to_thread(running.start)
        await day.is_kept(url)


@pytest.mark.fault("Server: silent for 30 s")
async def test_a_server_that_is_silent_for_half_a_minute_loses_nothing_and_callers_pass_by(day: Day) -> None:
    with server() as running:
        url = running.make(DATABASE)
        await day.begins(url)
        running.send(signal.SIGSTOP)
        until = time.monotonic() + AWAY
        try:
            # The first, where a commit was in progress when the silence began.
            reasons = ("nothing was stored for some seconds", "the database cannot be written: connection timeout")
            await day.goes_on_without(*reasons)
            await asyncio.sleep(until - time.monotonic())
            await says(day.daemon, *reasons)
            assert day.nobody_was_called()
        finally:
            running.send(signal.SIGCONT)
        await day.is_kept(url)


@pytest.mark.fault("Server: killed, and its copy takes over")
async def test_a_copy_that_takes_over_from_a_dead_server_has_lost_nothing_and_callers_pass_by(day: Day) -> None:
    with server({**FAST, "synchronous_standby_names": "*"}) as first:
        second = Server(copy_of=first)
        try:
            await asyncio.to_thread(second.start)
            first.make(DATABASE)
            await day.begins(url_of(DATABASE, [first, second], target_session_attrs="read-write"))
            await asyncio.to_thread(first.stop, signal.SIGKILL)
            await day.goes_on_without("the database cannot be written")
            await asyncio.to_thread(second.promote)
            await day.is_kept(second.url(DATABASE))
        finally:
            await asyncio.to_thread(second.close)
