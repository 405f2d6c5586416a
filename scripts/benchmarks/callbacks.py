"""What 10,000 open callbacks of one service cost: to decide among them, to start with them, and in memory.

All components decide in this process, in virtual time. The start is that of the real daemon
over a database that holds them, its service being closed, so that it dials nobody meanwhile.
"""

from __future__ import annotations

import gc
import time
from datetime import UTC, datetime, timedelta
from itertools import count

import aiohttp

from callcentre.configuration import read
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.model import Callback
from callcentre.kernel.event import Event
from callcentre.kernel.fact import Fact
from callcentre.kernel.settings import database_of
from callcentre.kernel.store import Store, Writes
from callcentre.telephony.effects import Originate
from callcentre.telephony.events import ChannelDestroyed, DialProgress
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.memory import settled
from scripts.benchmarks.recording import FIRST_NUMBER
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer
from tests.testbed.configuration import TOKEN
from tests.testbed.waiting import NotSeenError
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

OPEN = 10_000
LEAVING = 300
STARTS = 3

MILLISECONDS_AIM = 1.0
SECONDS_AIM = 2.0
KILOBYTES_AIM = 5.0

_ALWAYS_OPEN = {"services": {"support": {"hours": None}}}


def callbacks(first_joined: datetime) -> list[Callback]:
    """Open callbacks, each a second after the one before."""
    joined = [first_joined + timedelta(seconds=number) for number in range(OPEN)]
    return [
        Callback(
            callback=f"cb-{at.timestamp():.0f}.{number}", service="support", queue="support",
            number=f"+{FIRST_NUMBER + number}", caller_name=f"Caller {number}", language="fi",
            joined_at=at, taken_at=at,
        )
        for number, at in enumerate(joined)
    ]  # fmt: skip


class _Timed(Rehearsal):
    """A rehearsal that counts the seconds of the processor spent deciding: whatever else runs does not count."""

    seconds = 0.0

    def tell(self, event: Event) -> list[Fact]:
        """Decide on one event; the facts it led to."""
        began = time.thread_time()
        facts = super().tell(event)
        self.seconds += time.thread_time() - began
        return facts


def _deciding() -> list[float]:
    """Milliseconds of deciding for each of many callers who leave; each time the first callback is dialled."""
    rehearsal = _Timed(_ALWAYS_OPEN)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("INUSE")
    for callback in callbacks(NOON - timedelta(hours=3)):
        rehearsal.world.callbacks.put(callback)
    gc.collect()
    gc.freeze()  # As the daemon does.
    milliseconds: list[float] = []
    numbers = count(FIRST_NUMBER + 2 * OPEN)
    for _ in range(LEAVING):
        rehearsal.later(1)
        caller = asterisk.calls_in(f"+{next(numbers)}")
        for originate in rehearsal.take(Originate):
            rehearsal.tell(DialProgress(at=rehearsal.at, call=originate.call, status="RINGING"))
            rehearsal.tell(ChannelDestroyed(at=rehearsal.at, call=originate.call, cause=17, when=rehearsal.at))
        rehearsal.seconds = 0.0
        asterisk.hangs_up(caller)
        milliseconds.append(rehearsal.seconds * 1000)
        dialled = [effect for effect in rehearsal.effects if isinstance(effect, Originate)]
        if len(dialled) != 1:
            raise NotSeenError(f"{len(dialled)} callbacks were dialled when a caller left, and not one")
    return milliseconds


async def _put_on_disk(replayed: ReplayedDaemon) -> None:
    store = Store(database_of(read(replayed.daemon.file)))
    await store.open()
    try:
        records = callbacks(datetime.now(UTC) - timedelta(seconds=OPEN))
        table = Callbacks().table
        assert table is not None
        await store.commit(Writes(records={(table, each.key): each for each in records}))
    finally:
        await store.close()


async def _restarts(replayed: ReplayedDaemon) -> float:
    """Seconds from the start of the process until /health answers 200: the median of some."""
    seconds: list[float] = []
    for _ in range(STARTS):
        await replayed.daemon.kill()
        began = time.monotonic()
        await replayed.daemon.start()
        seconds.append(time.monotonic() - began)
    return sorted(seconds)[STARTS // 2]


async def _listed(replayed: ReplayedDaemon) -> int:
    """How many open callbacks the daemon tells of."""
    authorised = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(replayed.daemon.url, headers=authorised) as session,
        session.get("/api/callbacks", raise_for_status=True) as response,
    ):
        return len(await response.json())


async def run(bench: Bench) -> list[Figure]:
    """Decide; then start without them, and with them."""
    bench.say(f"deciding among {OPEN:,} open callbacks as {LEAVING} callers leave")
    milliseconds = _deciding()
    recording = await bench.recording()
    bench.say(f"starting with {OPEN:,} open callbacks")
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports) as replayed,
    ):
        without = await _restarts(replayed)
        before = await settled(replayed.pid)
        await replayed.daemon.kill()
        await _put_on_disk(replayed)
        seconds = await _restarts(replayed)
        after = await settled(replayed.pid)
        if (listed := await _listed(replayed)) != OPEN:
            raise NotSeenError(f"the daemon lists {listed} open callbacks, and not {OPEN}")
    kilobytes = (after - before) / OPEN / 1000
    worst = percentile(milliseconds, 0.99)
    return [
        Figure(
            f"Deciding after a caller left, {OPEN:,} callbacks open",
            f"p50 {percentile(milliseconds, 0.5):.2f} ms, p99 {worst:.2f} ms",
            f"below {MILLISECONDS_AIM:g} ms",
            worst < MILLISECONDS_AIM,
        ),
        Figure(
            f"Restart to ready, {OPEN:,} callbacks open",
            f"{seconds:.2f} s ({without:.2f} s with none)",
            f"below {SECONDS_AIM:g} s",
            seconds < SECONDS_AIM,
        ),
        Figure(
            f"Resident memory per open callback, {OPEN:,} of them",
            f"{kilobytes:.1f} KB ({before / 1e6:.0f} MB before, {after / 1e6:.0f} MB with them)",
            f"below {KILOBYTES_AIM:g} KB",
            kilobytes < KILOBYTES_AIM,
        ),
    ]
