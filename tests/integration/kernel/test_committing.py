"""Deciding goes on while a batch is with the writer; what promises something waits until it is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from callcentre.kernel import committing
from callcentre.kernel.decision import Take
from callcentre.kernel.event import Tick
from callcentre.kernel.outbox import Entry
from callcentre.kernel.store import COMMIT, Store, Writes
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import ContinueCall, RenewLease
from callcentre.telephony.events import Channel, StasisStarted
from tests.integration.kernel.running import Served, caller, clock, served_in


class Disk:
    """The writer's disk, which stalls on demand: commits wait until `gate` is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = asyncio.Event()
        self.commits = 0

    def stalls(self) -> None:
        """Have the next commit wait, and every one behind it."""
        self.gate.clear()
        self.under_way.clear()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    commit = Store.commit

    async def stalled(store: Store, writes: Writes) -> list[Take]:
        disk.under_way.set()
        await disk.gate.wait()
        lost = await commit(store, writes)
        disk.commits += 1
        return lost

    monkeypatch.setattr(Store, "commit", stalled)
    return disk


@asynccontextmanager
async def stalled_in(folder: Path, disk: Disk) -> AsyncIterator[Served]:
    """An engine whose disk stalls in the middle of a commit; it works again at the end."""
    async with served_in(folder) as served:
        served.outside.gate.set()
        await served.engine.settle(caller("0.1"))
        await served.outside.has_done(SendText)
        await served.engine.settled()
        disk.stalls()
        try:
            served.engine.submit(Tick(at=clock()))
            async with asyncio.timeout(5):
                await disk.under_way.wait()
            yield served
        finally:
            disk.gate.set()


def unknown(call: str) -> StasisStarted:
    """A call with a purpose that nobody owns: it goes on in the dialplan."""
    return StasisStarted(at=clock(), channel=Channel(id=call, name="PJSIP/trunk-00000002"), arguments=("unknown",))


async def has_decided(served: Served, events: int) -> None:
    """Wait until the engine has decided so many events."""
    for _ in range(10_000):
        if served.engine.counters.events >= events:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{served.engine.counters.events} events are decided, not {events}")


async def test_while_the_disk_stalls_a_call_goes_on_and_no_text_and_no_lease(tmp_path: Path, disk: Disk) -> None:
    async with stalled_in(tmp_path, disk) as served:
        before = len(served.outside.done)
        served.engine.submit(caller("1.1"))
        served.engine.submit(unknown("7.1"))
        await served.outside.has_done(ContinueCall)
        assert not {SendText, RenewLease} & {type(one) for one in served.outside.done[before:]}
        disk.gate.set()
        await served.outside.has_done(SendText, 2)


async def test_what_is_decided_while_the_disk_stalls_is_one_commit(tmp_path: Path, disk: Disk) -> None:
    async with stalled_in(tmp_path, disk) as served:
        commits, decided = disk.commits, served.engine.counters.events
        for number in range(50):
            served.engine.submit(caller(f"{number}.1"))
        await has_decided(served, decided + 50)
        disk.gate.set()
        await served.engine.settled()
        assert disk.commits - commits == 2, "the stalled one, and one for all callers"


async def test_deciding_waits_when_too_much_is_not_on_disk(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "LARGEST", 10)
    monkeypatch.setattr("callcentre.kernel.engine.SLICE", 5)
    async with stalled_in(tmp_path, disk) as served:
        decided = served.engine.counters.events
        for number in range(30):
            served.engine.submit(unknown(f"{number}.1"))
        await has_decided(served, decided + 10)
        for _ in range(20):
            await asyncio.sleep(0)
        assert (served.engine.counters.events - decided, served.engine.backlog) == (10, 20)
        disk.gate.set()
        await served.engine.settled()
        assert served.engine.counters.events - decided == 30


async def test_an_effect_waits_for_one_before_it_in_its_lane(tmp_path: Path, disk: Disk) -> None:
    async with stalled_in(tmp_path, disk) as served:
        first, second = (ContinueCall(call="8.1", variables=(("A", name),)) for name in ("first", "second"))
        at_once = ContinueCall(call="8.1", at_once=True)
        taken = [(first, at_once), (second, ContinueCall(call="9.1", at_once=True))]
        for waiting, behind in taken:
            served.engine._committer.take(Entry(waiting))
            served.engine._committer.take(Entry(behind))
        await served.outside.has_done(ContinueCall)
        assert [one for one in served.outside.done if isinstance(one, ContinueCall)] == [taken[1][1]]
        served.engine.submit(Tick(at=clock()))
        disk.gate.set()
        await served.outside.has_done(ContinueCall, 4)
        in_lane = [one for one in served.outside.done if isinstance(one, ContinueCall) and one.call == "8.1"]
        assert in_lane == [first, at_once, second]


async def test_an_effect_that_is_stored_waits_for_its_row_whatever_it_promises(tmp_path: Path, disk: Disk) -> None:
    async with stalled_in(tmp_path, disk) as served:
        served.engine._committer.take(Entry(ContinueCall(call="8.1", at_once=True), row=1))
        served.engine._committer.take(Entry(ContinueCall(call="9.1", at_once=True)))
        await served.outside.has_done(ContinueCall)
        assert [one.call for one in served.outside.done if isinstance(one, ContinueCall)] == ["9.1"]


@pytest.mark.parametrize(("saved", "pauses"), [(1000, False), (0, True)])
async def test_only_a_busy_daemon_pauses_before_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: int, pauses: bool
) -> None:
    monkeypatch.setattr(committing, "AT_ONCE", saved)
    monkeypatch.setattr(committing, "SPACING", 60.0)
    paused: list[float] = []
    timeout = asyncio.timeout

    def at_once(seconds: float) -> asyncio.Timeout:
        if seconds <= 30:
            return timeout(seconds)
        paused.append(seconds)
        return timeout(0)

    monkeypatch.setattr(asyncio, "timeout", at_once)
    async with served_in(tmp_path) as served:
        for number in range(3):
            await served.engine.settle(caller(f"{number}.1"))
        assert (len(paused) >= 3) == pauses
        assert (len(paused) > 0) == pauses


async def test_a_commit_that_many_wait_for_does_not_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "AT_ONCE", 0)
    monkeypatch.setattr(committing, "SPACING", 3600.0)
    monkeypatch.setattr(committing, "MANY_WAIT", 3)
    async with served_in(tmp_path) as served:
        async with asyncio.timeout(5):
            await asyncio.gather(*(served.engine.settle(caller(f"{number}.1")) for number in range(3)))


class _TooLate:
    """A writer whose commits are on disk, and then fail; `seen` says whether that shows at once."""

    def __init__(self, *, seen: bool) -> None:
        self.fails = 1
        self._hides = not seen
        self._commit, self._meta = Store.commit, Store.meta

    def install(self, patch: pytest.MonkeyPatch) -> None:
        async def commit(store: Store, writes: Writes) -> list[Take]:
            lost = await self._commit(store, writes)
            if self.fails and writes.journal:
                self.fails -= 1
                raise sa.exc.OperationalError("COMMIT", None, Exception("the connection was lost"))
            return lost

        async def meta(store: Store) -> dict[str, str]:
            values = await self._meta(store)
            if self._hides and not self.fails:
                self._hides = False
                return values | {COMMIT: ""}
            return values

        patch.setattr(Store, "commit", commit)
        patch.setattr(Store, "meta", meta)


@pytest.mark.parametrize("seen", [True, False])
async def test_a_commit_that_fails_after_it_is_on_disk_is_not_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    async with served_in(tmp_path) as served:
        served.outside.gate.set()
        await served.engine.settle(caller("0.1"))
        late = _TooLate(seen=seen)
        late.install(monkeypatch)
        async with asyncio.timeout(5):
            await served.engine.settle(caller("1.1"))
            await served.engine.settle(caller("2.1"))
        assert late.fails == 0
    ids = [line["id"] for line in served.lines()]
    assert ids == list(range(1, len(ids) + 1))
