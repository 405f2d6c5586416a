"""What a waiting caller costs in memory.

The callers are copies of recorded ones, from their first event up to Queue(): a real Asterisk with 5,000 channels needs
a larger machine than the daemon does. The daemon is warm: it has served all the recorded calls from end to end before,
no faster than the others then come, so that it has no memory left over from a backlog to put them into.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.copies import interleaved
from scripts.benchmarks.events import queued_calls
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.recording import Heard, Recording
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, resident_bytes
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError, until

CALLERS = 5_000
EVENTS_PER_SECOND = 10_000
KILOBYTES_AIM = 10.0
STEADY_READS = 10


def until_queued(recording: Recording) -> list[Heard]:
    """The events up to Queue() of two callers: the first of each queue."""
    callers: dict[str, list[Heard]] = {}
    queues: dict[str, list[Heard]] = {}
    for heard in recording.events:
        event = msgspec.json.decode(heard.text)
        call = event.get("channel", {}).get("id")
        if call is None:
            continue
        callers.setdefault(call, []).append(heard)
        if event["type"] == "ChannelDialplan" and event["dialplan_app"] == "Queue":
            queues.setdefault(event["dialplan_app_data"].partition(",")[0], callers[call].copy())
    if len(queues) != 2:
        raise NotSeenError(f"the recording has calls in {', '.join(queues) or 'no queue'}, not in two queues")
    return sorted(chain(*queues.values()), key=lambda heard: heard.at)


async def settled(pid: int) -> int:
    """The resident memory once it stays the same for a second."""
    seen: list[int] = []

    async def look() -> int | None:
        seen.append(resident_bytes(pid))
        return seen[-1] if len(set(seen[-STEADY_READS:])) == 1 and len(seen) >= STEADY_READS else None

    return await until(look, within=20, every=0.1, awaited="steady memory", seen=lambda: str(seen[-STEADY_READS:]))


@dataclass(frozen=True, slots=True)
class Resident:
    """Bytes of resident memory before the callers came, and with them."""

    before: int
    after: int

    @property
    def kilobytes(self) -> float:
        """For each caller."""
        return (self.after - self.before) / CALLERS / 1000


async def measure(bench: Bench, code: Path = CHECKOUT) -> Resident:
    """Warm the daemon of the checkout `code` up, and let the callers come."""
    recording = await bench.recording()
    warming = [event.text for event in recording.events]
    first = until_queued(recording)
    arriving = interleaved(first, range(1, CALLERS // 2 + 1), interval=0.001)
    bench.say(f"{CALLERS} callers come to wait")
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports, code=code) as replayed,
    ):
        await server.load(warming)
        await server.go(rate=EVENTS_PER_SECOND)
        await replayed.reported("call.ended", queued_calls(warming))
        before, joined = await settled(replayed.pid), replayed.facts()["queue.joined"]
        await server.load(arriving)
        await server.go(rate=EVENTS_PER_SECOND)
        await replayed.reported("queue.joined", joined + CALLERS)
        return Resident(before, await settled(replayed.pid))


async def run(bench: Bench) -> list[Figure]:
    """Measure, and divide."""
    resident = await measure(bench)
    kilobytes, before, after = resident.kilobytes, resident.before, resident.after
    return [
        Figure(
            f"Resident memory per waiting caller, {CALLERS:,} of them",
            f"{kilobytes:.1f} KB ({before / 1e6:.0f} MB before, {after / 1e6:.0f} MB with them)",
            f"below {KILOBYTES_AIM:g} KB",
            kilobytes < KILOBYTES_AIM,
        )
    ]
