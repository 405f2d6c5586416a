"""Timers on a real event loop: however close together they fall due, each of them wakes."""

from __future__ import annotations

import asyncio
import threading
import weakref
from datetime import UTC, datetime, timedelta

import pytest

from callcentre.kernel.event import TimerDue
from callcentre.kernel.timers import Due, Timers, repeat


def now() -> datetime:
    return datetime.now(UTC)


async def test_every_timer_wakes_however_close_they_are() -> None:
    woken: list[str] = []
    all_woken = asyncio.Event()
    wanted = [f"timer {number}" for number in range(1000)]

    def wake(event: TimerDue) -> None:
        woken.append(event.key)
        if len(woken) == len(wanted):
            all_woken.set()

    timers = Timers(wake, now)
    begin = now()
    for number, key in enumerate(wanted):
        timers.set(key, begin + timedelta(microseconds=300 * number))
    timers.start()
    try:
        async with asyncio.timeout(10):
            await all_woken.wait()
    finally:
        timers.stop()
    assert woken == wanted


class Key(str):
    """A key of which one can see whether it is still in memory."""

    __slots__ = ("__weakref__",)


def test_timers_that_were_cancelled_or_moved_long_before_they_are_due_are_forgotten() -> None:
    # A text's timer waits for its report for two days, and is cancelled when the report comes after some seconds.
    timers = Timers(lambda _due: None, now)
    far = now() + timedelta(days=2)
    there: weakref.WeakSet[Key] = weakref.WeakSet()
    for number in range(10_000):
        key = Key(f"timer {number}")
        there.add(key)
        timers.set(key, far)
        timers.set(key, far + timedelta(seconds=number))
        timers.cancel(key)
        del key
    assert len(timers) == 0
    assert len(there) < 2_000


async def test_timers_wake_once_and_in_their_order_however_often_they_were_moved() -> None:
    woken: list[TimerDue] = []
    timers = Timers(woken.append, now)
    begin = now() - timedelta(hours=3)
    for turn in range(10):
        for number in range(500):
            timers.set(f"timer {number}", begin + timedelta(seconds=(number * 7 + turn) % 500, microseconds=number))
    for number in range(0, 500, 5):
        timers.cancel(f"timer {number}")
    timers.start()
    try:
        timers.wake()
    finally:
        timers.stop()
    dues = [event.due for event in woken]
    assert dues == sorted(dues)
    assert sorted(event.key for event in woken) == sorted(f"timer {n}" for n in range(500) if n % 5)


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("cancelled", [True, False])
async def test_a_timer_that_is_about_to_wake_can_be_cancelled_and_stopped(turns: int, cancelled: bool) -> None:
    woken: list[TimerDue] = []
    timers = Timers(woken.append, now)
    timers.set("timer", now() - timedelta(hours=1))
    timers.start()
    # It is about to wake after some turns of the loop, and has woken after more.
    for _ in range(turns):
        await asyncio.sleep(0)
    before = len(woken)
    if cancelled:
        timers.cancel("timer")
        timers.arm()
    timers.stop()
    for _ in range(8):
        await asyncio.sleep(0)
    assert len(woken) == before


async def test_what_is_repeated_is_done_in_the_thread_of_the_loop() -> None:
    threads: list[int] = []
    thrice = asyncio.Event()

    def work() -> None:
        threads.append(threading.get_ident())
        if len(threads) == 3:
            loop.call_soon_threadsafe(thrice.set)

    loop = asyncio.get_running_loop()
    ticking = asyncio.create_task(repeat(0.01, work))
    try:
        await asyncio.wait_for(thrice.wait(), 5)
    finally:
        ticking.cancel()
    assert set(threads) == {threading.get_ident()}


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_timer_wakes_by_elapsed_time_whatever_the_wall_says(hours: int) -> None:
    woken: list[str] = []
    first = asyncio.Event()

    def wake(event: TimerDue) -> None:
        woken.append(event.key)
        first.set()

    behind = timedelta(hours=hours)
    timers = Timers(wake, lambda: now() - behind)
    timers.set("soon", now() - behind + timedelta(seconds=0.05))
    timers.set("later", now() - behind + timedelta(minutes=5))
    timers.start()
    try:
        await asyncio.wait_for(first.wait(), 5)
        assert woken == ["soon"]
        # A tick finds what the loop would come too late for.
        behind -= timedelta(minutes=6)
        timers.wake()
        assert woken == ["soon", "later"]
    finally:
        timers.stop()


async def test_while_timers_are_in_the_old_time_nobody_is_woken() -> None:
    woken: list[str] = []
    at = now()
    timers = Timers(lambda event: woken.append(event.key), lambda: at)
    timers.set("retry", at + timedelta(minutes=10))
    timers.set("midnight", at + timedelta(minutes=30), wall=True)
    timers.start()
    try:
        at += timedelta(hours=1)
        timers.hold()
        timers.wake()
        assert woken == []
        moved = dict(timers.move(timedelta(hours=1)))
        assert moved == {"retry": Due(at + timedelta(minutes=10))}
        timers.wake()
        assert woken == ["midnight"]
        at += timedelta(minutes=10)
        timers.wake()
        assert woken == ["midnight", "retry"]
    finally:
        timers.stop()


async def test_a_tick_that_failed_is_not_the_last() -> None:
    ticks: list[int] = []
    thrice = asyncio.Event()

    def work() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            thrice.set()
        raise ZeroDivisionError

    ticking = asyncio.create_task(repeat(0.01, work))
    try:
        await asyncio.wait_for(thrice.wait(), 5)
    finally:
        ticking.cancel()


def test_a_timer_that_is_not_set_has_no_row_to_delete() -> None:
    timers = Timers(lambda _event: None, now)
    timers.set("timer", now())
    assert timers.cancel("timer")
    assert not timers.cancel("timer")
