"""Two versions side by side in one run: `python -m scripts.benchmarks.compare REVISION [NAME…]`.

The daemon of a git revision and that of the working tree are measured in turn, several rounds, with the same recording
of real calls. Both run with the Python and the packages of .venv. The harness uses only what is public of a daemon: its
configuration, its log and its HTTP.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.events import read_by_daemon, stream_of
from scripts.benchmarks.memory import CALLERS, measure
from scripts.benchmarks.start import OPEN, restarted
from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT, TESTBED

EVENTS = 30_000
ROUNDS: Mapping[str, int] = {"events": 14, "memory": 3, "start": 7}


@dataclass(slots=True)
class Compared:
    """A figure of two versions, a value for each round; less is better."""

    name: str
    unit: str
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)

    def add(self, version: int, value: float) -> None:
        """A value of the first version (0) or of the second (1)."""
        (self.before, self.after)[version].append(value)

    @property
    def ratio(self) -> float:
        """The second version as a multiple of the first, by medians."""
        return statistics.median(self.after) / statistics.median(self.before)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio of one round."""
        ratios = [after / before for before, after in zip(self.before, self.after, strict=True)]
        return min(ratios), max(ratios)


def table(revision: str, figures: Sequence[Compared]) -> str:
    """The figures as a Markdown table."""
    rows: list[tuple[str, ...]] = [
        ("what", revision, "working tree", "ratio", "ratios of the rounds"),
        ("---", "---:", "---:", "---:", "---"),
    ]
    for figure in figures:
        low, high = figure.spread
        values = (f"{statistics.median(each):.4g} {figure.unit}" for each in (figure.before, figure.after))
        rows.append((figure.name, *values, f"{figure.ratio:.3f}", f"{low:.3f} to {high:.3f}"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


async def events(bench: Bench, versions: Sequence[Path]) -> AsyncIterator[Compared]:
    """The processor time of an event with all work done."""
    stream = stream_of(await bench.recording(), EVENTS)
    figure = Compared("An event", "µs of the processor")
    for round_ in range(ROUNDS["events"]):
        for version, code in enumerate(versions):
            read = await read_by_daemon(bench, stream, code)
            figure.add(version, read.cpu / len(stream.events) * 1e6)
        bench.say(f"  events, round {round_ + 1}: {figure.before[-1]:.1f} and {figure.after[-1]:.1f} µs")
    yield figure


async def memory(bench: Bench, versions: Sequence[Path]) -> AsyncIterator[Compared]:
    """The resident memory of a warm daemon, and of each waiting caller."""
    warm, caller = Compared("A warm daemon", "MB"), Compared(f"A waiting caller, {CALLERS:,} of them", "KB")
    for round_ in range(ROUNDS["memory"]):
        for version, code in enumerate(versions):
            resident = await measure(bench, code)
            warm.add(version, resident.before / 1e6)
            caller.add(version, resident.kilobytes)
        bench.say(f"  memory, round {round_ + 1}: {caller.before[-1]:.1f} and {caller.after[-1]:.1f} KB")
    yield warm
    yield caller


async def start(bench: Bench, versions: Sequence[Path]) -> AsyncIterator[Compared]:
    """The start with open callbacks until the first event was decided on."""
    clock = Compared(f"From the start to the first event, {OPEN:,} callbacks open", "s")
    cpu = Compared("The same", "s of the processor")
    async with AsyncExitStack() as stack:
        daemons = [await stack.enter_async_context(restarted(bench, code)) for code in versions]
        for daemon in daemons:
            await daemon.start()  # The first start compiles.
        for round_ in range(ROUNDS["start"]):
            for version, daemon in enumerate(daemons):
                started = await daemon.start()
                clock.add(version, started.clock)
                cpu.add(version, started.cpu)
            bench.say(f"  start, round {round_ + 1}: {clock.before[-1]:.2f} and {clock.after[-1]:.2f} s")
    yield clock
    yield cpu


MEASURES: Mapping[str, Callable[[Bench, Sequence[Path]], AsyncIterator[Compared]]] = {
    "events": events,
    "memory": memory,
    "start": start,
}


def checked_out(revision: str, folder: Path) -> Path:
    """The files of a git revision, in a new folder."""
    archive = subprocess.run(["git", "archive", revision], cwd=CHECKOUT, stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


async def main(revision: str, names: Sequence[str]) -> None:
    """Compare, and print the table."""
    figures: list[Compared] = []
    ports = PortBlock(100)
    try:
        with tempfile.TemporaryDirectory(prefix="bench.", dir=TESTBED) as folder:
            bench = Bench(Path(folder), ports, Path(sys.executable))
            versions = [checked_out(revision, Path(folder) / "revision"), CHECKOUT]
            for name in names:
                figures += [figure async for figure in MEASURES[name](bench, versions)]
    finally:
        ports.close()
        if figures:
            print(table(revision, figures))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("scripts/bench compare: which revision?")
    unknown = [name for name in sys.argv[2:] if name not in MEASURES]
    if unknown:
        sys.exit(f"scripts/bench compare: nothing is called {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    asyncio.run(main(sys.argv[1], sys.argv[2:] or list(MEASURES)))
