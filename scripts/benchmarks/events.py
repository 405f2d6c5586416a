"""What an event of Asterisk costs: the daemon with all its work, aioari and asyncari doing nothing with it.

All read the same stream: every event as Asterisk sent it, but for DeviceStateChanged, at which asyncari 0.20.6 ends.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.copies import interleaved
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.recording import Recording
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, cpu_seconds
from tests.testbed.process import CHECKOUT, Process
from tests.testbed.waiting import NotSeenError

ROUNDS = 3
EVENTS = 100_000
OVERLAP = 4
"""So many copies of the recorded calls are under way at once."""

AHEAD = 500
"""So many events the server may be ahead of the daemon.

An Asterisk lives at the pace of its calls. A server that ran ahead would answer the daemon about calls that are long
gone, and what it does then has nothing to do with its calls. The other two ask nothing, and read at full speed.
"""

MICROSECONDS_AIM = 15.0
TIMES_ASYNCARI_AIM = 5.0

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of the stream: seconds of the processor and of the clock, and for the daemon what came of it."""

    cpu: float
    clock: float
    facts: int = 0
    commits: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """Copies of the recorded calls: their events, and how many calls run Queue()."""

    events: list[str]
    queued: int
    recording: Recording


def stream_of(recording: Recording, events: int) -> Stream:
    """About so many events."""
    readable = [event for event in recording.events if '"DeviceStateChanged"' not in event.text]
    copies = max(1, events // len(readable))
    interval = (readable[-1].at - readable[0].at) / OVERLAP
    copied = interleaved(readable, range(1, copies + 1), interval=interval)
    return Stream(copied, queued_calls(copied), recording)


def queued_calls(events: Sequence[str]) -> int:
    """How many channels run Queue()."""
    steps = (msgspec.json.decode(event) for event in events if '"ChannelDialplan"' in event)
    return len({step["channel"]["id"] for step in steps if step["dialplan_app"] == "Queue"})


async def read_by_daemon(bench: Bench, stream: Stream, code: Path = CHECKOUT) -> Read:
    """The daemon of the checkout `code` reads the stream and does all of its work."""
    async with ReplayServer(bench.folder("server"), stream.recording) as server:
        await server.load(stream.events)
        async with ReplayedDaemon(bench.folder("daemon"), server, bench.ports, code=code) as replayed:
            requests = (await server.state())["requests"]
            commits = (await replayed.metrics())["callcentre_commits_total"]
            cpu, clock = cpu_seconds(replayed.pid), time.monotonic()
            await server.go(ahead=AHEAD)
            await replayed.reported("call.ended", stream.queued)
            cpu, clock = cpu_seconds(replayed.pid) - cpu, time.monotonic() - clock
            return Read(
                cpu,
                clock,
                facts=sum(replayed.facts().values()),
                commits=int((await replayed.metrics())["callcentre_commits_total"] - commits),
                requests=(await server.state())["requests"] - requests,
            )


def _other(name: str) -> Callable[[Bench, Stream], Coroutine[Any, Any, Read]]:
    async def read(bench: Bench, stream: Stream) -> Read:
        folder = bench.folder(name)
        async with ReplayServer(folder, stream.recording) as server:
            await server.load(stream.events)
            script = HERE / f"read_with_{name}.py"
            arguments = [f"{server.url}/", "callcentre", str(len(stream.events))]
            reader = Process(name, [str(bench.other_python), str(script), *arguments], folder=folder)
            output = await reader.start(pipe_output=True)
            assert output is not None
            try:
                await server.connected()
                cpu, clock = cpu_seconds(reader.pid), time.monotonic()
                await server.go()
                if (await output.readline()).strip() != b"read":
                    raise NotSeenError(f"{name} did not read all events:\n{reader.last_words()}")
                return Read(cpu_seconds(reader.pid) - cpu, time.monotonic() - clock)
            finally:
                await reader.kill()

    return read


READERS = {"callcentre": read_by_daemon, "aioari": _other("aioari"), "asyncari": _other("asyncari")}


async def run(bench: Bench) -> list[Figure]:
    """All three in turn, several rounds; the figures are medians."""
    recording = await bench.recording()
    stream = stream_of(recording, EVENTS)
    bench.say(f"replaying {len(stream.events)} events of {stream.queued} calls, {ROUNDS} rounds")
    reads: dict[str, list[Read]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        for name, read in READERS.items():
            done = await read(bench, stream)
            reads[name].append(done)
            bench.say(f"  {name}: {done.cpu:.2f} s of the processor, {done.clock:.2f} s")
    return list(_figures(stream, reads))


def _figures(stream: Stream, reads: dict[str, list[Read]]) -> list[Figure]:
    count = len(stream.events)
    cost = {name: statistics.median(read.cpu for read in done) / count * 1e6 for name, done in reads.items()}
    times = cost["asyncari"] / cost["callcentre"]
    ours = sorted(reads["callcentre"], key=lambda read: read.cpu)[ROUNDS // 2]
    work = (
        f"{count:,} events of {stream.queued:,} calls in {ours.clock:.1f} s: "
        f"{ours.facts:,} facts, {ours.commits:,} commits, {ours.requests:,} requests to Asterisk"
    )

    def reported(name: str) -> str:
        return f"{cost[name]:.1f} µs, {1e6 / cost[name]:,.0f} events per CPU second"

    return [
        Figure(
            "An event, callcentre with all work done",
            reported("callcentre"),
            f"below {MICROSECONDS_AIM:g} µs",
            cost["callcentre"] < MICROSECONDS_AIM,
        ),
        Figure("The work of that", work),
        Figure("An event, aioari doing nothing with it", reported("aioari")),
        Figure("An event, asyncari doing nothing with it", reported("asyncari")),
        Figure(
            "callcentre against asyncari",
            f"{times:.1f} times as many events per CPU second",
            f"at least {TIMES_ASYNCARI_AIM:g} times",
            times >= TIMES_ASYNCARI_AIM,
        ),
    ]
