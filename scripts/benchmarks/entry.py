"""How much later a call is in its queue because it went through the daemon.

Real calls at a steady rate into the real dialplan, once with the daemon and once after it was stopped, which makes the
same dialplan pass it by. The way is measured by Asterisk's own clock: from the first step after Answer(), which waits
for the caller's first sound, to the step at which Queue() runs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime
from itertools import cycle

import msgspec

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.recording import SERVICES
from tests.testbed.ari import Ari
from tests.testbed.bed import Bed
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER
from tests.testbed.waiting import NotSeenError

APP = "observer"
PER_SECOND = 10
CALLS = 200
SECONDS_IN_QUEUE = 0.5
MILLISECONDS_AIM = 20.0


class _Observer:
    """Hears the steps of all calls, under a name and over a connection of its own that the daemon knows nothing of.

    Channels alone: with device states among the events, Asterisk 22.10 may stop answering when a connection closes.
    """

    def __init__(self, bed: Bed) -> None:
        self._ari = Ari(bed.pbx.ari_url)
        self._steps: list[str] = []

    async def __aenter__(self) -> _Observer:
        await self._ari.listen(APP, self._hear)
        await self._ari.post(f"/applications/{APP}/subscription", eventSource="channel:")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ari.close()

    def _hear(self, text: str) -> None:
        if '"ChannelDialplan"' in text:
            self._steps.append(text)

    def taken(self) -> list[str]:
        """The steps since this was last asked."""
        steps, self._steps = self._steps, []
        return steps


async def _calls(bed: Bed, observer: _Observer) -> list[float]:
    """Make the calls; the milliseconds that each took from Answer() to Queue()."""
    begin = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as callers:
        for number, to in zip(range(CALLS), cycle((SUPPORT_NUMBER, SALES_NUMBER)), strict=False):
            callers.create_task(_one(bed, f"+{358401000000 + number}", to))
            await asyncio.sleep(begin + (number + 1) / PER_SECOND - asyncio.get_running_loop().time())
    await bed.pbx.is_silent()
    return _ways(observer.taken())


async def _one(bed: Bed, number: str, to: str) -> None:
    call = await bed.network.call(number, to)
    with contextlib.suppress(NotSeenError):
        await call.answered()
    await asyncio.sleep(SECONDS_IN_QUEUE)
    await call.hang_up()


def _ways(steps: Iterable[str]) -> list[float]:
    answered: dict[str, datetime | None] = {}
    ways: dict[str, float] = {}
    for text in steps:
        step = msgspec.json.decode(text)
        call, at = step["channel"]["id"], datetime.fromisoformat(step["timestamp"])
        begun = answered.get(call)
        if step["dialplan_app"] == "Answer":
            answered[call] = None
        elif call in answered and begun is None:
            answered[call] = at
        elif step["dialplan_app"] == "Queue" and begun is not None and call not in ways:
            ways[call] = (at - begun).total_seconds() * 1000
    return list(ways.values())


async def run(bench: Bench) -> list[Figure]:
    """The calls with the daemon, then without."""
    bench.say(f"{CALLS} calls at {PER_SECOND} a second, with the daemon and without")
    folder = bench.folder("entry")
    async with Bed(folder) as bed, _Observer(bed) as observer:
        daemon = bed.configure(folder / "config.yaml", SERVICES)
        await bed.install(daemon.file)
        try:
            await daemon.start()
            through = await _calls(bed, observer)
        finally:
            await daemon.close()
        past = await _calls(bed, observer)
    added = {share: percentile(through, share) - percentile(past, share) for share in (0.5, 0.99)}
    measured = (
        f"p50 {added[0.5]:.0f} ms, p99 {added[0.99]:.0f} ms ({len(through)} calls with the daemon, {len(past)} without)"
    )
    return [
        Figure(
            f"Added delay on the way into the queue, {PER_SECOND} calls a second",
            measured,
            f"p99 below {MILLISECONDS_AIM:g} ms",
            added[0.99] < MILLISECONDS_AIM and len(through) == len(past) == CALLS,
        )
    ]
