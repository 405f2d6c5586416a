"""Timers on a real scheduler: however close together they fall due, each of them wakes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from callcentre.domain.events import TimerDue
from callcentre.engine.timers import Timers


def now() -> datetime:
    return datetime.now(UTC)


async def test_every_timer_wakes_however_close_they_are():
    woken: list[str] = []
    all_woken = asyncio.Event()
    wanted = [f"timer {number}" for number in range(1000)]

    def wake(event: TimerDue) -> None:
        woken.append(event.key)
        if len(woken) == len(wanted):
            all_woken.set()

    scheduler = AsyncIOScheduler(timezone=UTC)
    timers = Timers(scheduler, wake, now)
    begin = now()
    for number, key in enumerate(wanted):
        timers.set(key, begin + timedelta(microseconds=300 * number))
    scheduler.start()
    timers.start()
    try:
        async with asyncio.timeout(10):
            await all_woken.wait()
    finally:
        timers.stop()
        scheduler.shutdown(wait=False)
    assert woken == wanted


async def test_a_timer_may_be_cancelled_when_it_has_just_fallen_due():
    scheduler = AsyncIOScheduler(timezone=UTC)
    timers = Timers(scheduler, lambda _event: None, now)
    cancelled = asyncio.Event()

    def cancel(_event: JobSubmissionEvent) -> None:
        timers.cancel("a")
        timers.arm()
        cancelled.set()

    scheduler.add_listener(cancel, EVENT_JOB_SUBMITTED)
    timers.set("a", now())
    scheduler.start()
    timers.start()
    try:
        async with asyncio.timeout(10):
            await cancelled.wait()
    finally:
        timers.stop()
        scheduler.shutdown(wait=False)
