"""What a crowd costs: a call among 5,000 waiting callers, and a second with 200 queues and 10,000 callbacks.

All components decide in this process, in virtual time. The call among the crowd and the call alone take the same way:
they are offered a callback, press nothing, wait in the queue, and hang up. They are measured in turn.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from itertools import count

from callcentre.kernel.event import Event, Tick
from callcentre.kernel.fact import Fact
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.recording import FIRST_NUMBER
from tests.unit.crowd import BusyAsterisk, Crowd, crowded

CALLERS = 5_000
QUEUES = 200
CALLBACKS = 10_000
CALLS = 100
SECONDS = 60

TIMES_AIM = 1.3
MICROSECONDS_AIM = 300.0

_OFFERS = {"services": {"support": {"callback": {"offer": {"min_wait": "0s"}}, "welcome": None}}}
"""Everybody who comes is offered a callback, also where nobody waits."""
_MANY_LINES = {
    "dialling": {"in_flight": 1000},
    "services": {"support": {"notify": {"voice_if_undelivered": None}, "welcome": None}},
}


class _Stopwatch:
    """Counts the seconds of the processor spent deciding, for each class of events."""

    def __init__(self, asterisk: BusyAsterisk) -> None:
        self.seconds = 0.0
        self.of_ticks: list[float] = []
        self._tell = asterisk.rehearsal.tell
        asterisk.rehearsal.tell = self.tell  # type: ignore[method-assign]

    def tell(self, event: Event) -> list[Fact]:
        """Decide on one event; the facts it led to."""
        began = time.thread_time()
        facts = self._tell(event)
        seconds = time.thread_time() - began
        self.seconds += seconds
        if isinstance(event, Tick):
            self.of_ticks.append(seconds)
        return facts


def _calls(callers: int) -> Iterator[float]:
    """The microseconds of deciding about each of many calls, one after the other, among so many who wait."""
    asterisk = crowded(Crowd(callers=callers), _OFFERS)
    asterisk.on_duty("INUSE")
    watch = _Stopwatch(asterisk)
    for number in count(FIRST_NUMBER):
        watch.seconds = 0.0
        call = asterisk.enters(f"+{number}")
        asterisk.silence(call)
        asterisk.hangs_up(call)
        asterisk.perform()
        yield watch.seconds * 1e6
        asterisk.rehearsal.later(1)


def _alone_and_among() -> tuple[float, float]:
    """The microseconds of a call among nobody and of one among the crowd: the least of many, in turn."""
    alone, among = _calls(0), _calls(CALLERS)
    gc.collect()
    gc.freeze()  # As the daemon does.
    both = [(next(alone), next(among)) for _ in range(CALLS)]
    return min(first for first, _ in both), min(second for _, second in both)


def _seconds() -> list[float]:
    """The microseconds of deciding for each of many ticks."""
    crowd = Crowd(queues=QUEUES, callbacks=CALLBACKS)
    asterisk = crowded(crowd, _MANY_LINES)
    for queue in crowd.names:
        asterisk.on_duty("INUSE", queue=queue)
    asterisk.ticks(20)  # The callbacks near the head are dialled, and the next ones announced.
    gc.collect()
    gc.freeze()
    watch = _Stopwatch(asterisk)
    asterisk.ticks(SECONDS)
    return [seconds * 1e6 for seconds in watch.of_ticks]


async def run(bench: Bench) -> list[Figure]:
    """Both."""
    bench.say(f"{CALLS} calls among {CALLERS:,} waiting callers, and {CALLS} among none")
    alone, among = _alone_and_among()
    bench.say(f"{SECONDS} seconds with {QUEUES} queues and {CALLBACKS:,} callbacks")
    ticks = _seconds()
    least = min(ticks)
    return [
        Figure(
            f"Deciding about a call, {CALLERS:,} callers waiting",
            f"{among / alone:.2f} times as much as with none ({among:.0f} and {alone:.0f} µs)",
            f"at most {TIMES_AIM:g} times",
            among / alone <= TIMES_AIM,
        ),
        Figure(
            f"A second of {QUEUES} queues with {CALLBACKS:,} callbacks",
            f"{least:.0f} µs (the least of {SECONDS}; p50 {percentile(ticks, 0.5):.0f} µs)",
            f"at most {MICROSECONDS_AIM:g} µs",
            least <= MICROSECONDS_AIM,
        ),
    ]
