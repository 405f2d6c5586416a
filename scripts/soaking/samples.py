"""What the daemon takes of the machine, looked at every few seconds, and whether that stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import linear_regression, median
from typing import Final

from scripts.benchmarks.replaying import cpu_seconds

MOST_GROWTH: Final = 2.0
"""Percent by which memory may grow from the second sixth of a run to its last one."""

PARTS: Final = 6
"""The first of these parts is the warm-up: caches fill, and the database reaches the size of its own cache."""

_METRIC: Final = re.compile(r"^callcentre_(\w+) (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The daemon at one moment. `at` is in seconds since the load began, `cpu` in seconds since the daemon started.

    `rss` and `anonymous` are its resident memory and the part of it that is no file, in kilobytes.
    """

    at: float
    rss: int
    anonymous: int
    descriptors: int
    threads: int
    cpu: float
    effects: float = 0.0
    timers: float = 0.0
    backlog: float = 0.0
    events: float = 0.0
    commits: float = 0.0

    def row(self) -> str:
        """A line of a table, in the order of `HEAD`."""
        return ",".join(f"{value:g}" for value in asdict(self).values())


HEAD: Final = ",".join(Sample.__dataclass_fields__)


def _kilobytes(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    assert found is not None
    return int(found[1])


def sampled(pid: int, at: float, metrics: str) -> Sample:
    """A sample of this process. `metrics` is what its `/metrics` answered, or nothing."""
    folder = Path(f"/proc/{pid}")
    rollup = (folder / "smaps_rollup").read_text(encoding="ascii")
    threads = re.search(r"^Threads:\s+(\d+)$", (folder / "status").read_text(encoding="utf-8"), re.MULTILINE)
    assert threads is not None
    answer = {name: float(value) for name, value in _METRIC.findall(metrics)}
    return Sample(
        at=at,
        rss=_kilobytes(rollup, "Rss"),
        anonymous=_kilobytes(rollup, "Anonymous"),
        descriptors=sum(1 for _ in (folder / "fd").iterdir()),
        threads=int(threads[1]),
        cpu=cpu_seconds(pid),
        effects=answer.get("effects", 0.0),
        timers=answer.get("timers", 0.0),
        backlog=answer.get("backlog", 0.0),
        events=answer.get("events_total", 0.0),
        commits=answer.get("commits_total", 0.0),
    )


def part(samples: Sequence[Sample], number: int, seconds: float) -> list[Sample]:
    """The samples of one part of a run of so many seconds; the first has the number 1."""
    return [one for one in samples if (number - 1) * seconds / PARTS <= one.at < number * seconds / PARTS]


@dataclass(frozen=True, slots=True)
class Flatness:
    """A figure in the second part of a run and in the last one, as medians; and its slope from the second part on.

    `growth` is the last beside the second in percent. `slope` is percent of the second in an hour.
    """

    second: float
    last: float
    growth: float
    slope: float

    @property
    def holds(self) -> bool:
        return self.growth <= MOST_GROWTH


def flatness(samples: Sequence[Sample], seconds: float, figure: Callable[[Sample], float]) -> Flatness:
    """How flat a figure is. Raises `ValueError` where a part has no sample."""
    parts = [[figure(one) for one in part(samples, number, seconds)] for number in (2, PARTS)]
    if not all(parts):
        raise ValueError("the run was too short for samples in each of its parts")
    second, last = map(median, parts)
    later = [one for one in samples if one.at >= seconds / PARTS]
    slope = linear_regression([one.at for one in later], [figure(one) for one in later]).slope
    return Flatness(second, last, 100 * (last / second - 1), 100 * slope * 3600 / second)
