"""From some recorded calls to many: copies with channels, bridges, callers and times of their own, interleaved."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

from scripts.benchmarks.recording import FIRST_NUMBER, Heard

_MANY = 1000
"""More than a recording has callers, and half of what it has channels: the copies' numbers lie so far apart."""

_NAMES = re.compile(
    "("
    r"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"  # a UUID: of a bridge, of a SIP call
    r"|\b\d{10}\.\d+\b"  # a channel's id
    r"|-[0-9a-f]{8}\b(?!-)"  # the end of a channel's name
    rf"|\+{str(FIRST_NUMBER)[:5]}\d{{7}}\b"  # a caller's number
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"  # a time
    ")"
)


def _renaming(number: int, delay: timedelta) -> Callable[[str], str]:
    @cache
    def renamed(name: str) -> str:
        if "T" in name:
            return (datetime.fromisoformat(name) + delay).isoformat(timespec="milliseconds")
        if name.startswith("+"):
            return f"+{int(name) + number * _MANY}"
        if name.startswith("-"):
            return f"-{int(name[1:], 16) + number * _MANY:08x}"
        if "." in name:
            second, _, serial = name.partition(".")
            return f"{second}.{int(serial) + number * _MANY}"
        return f"{int(name, 16) ^ number:08x}"

    return renamed


def _copied(events: Iterable[tuple[float, list[str]]], number: int, later: float) -> Iterator[Heard]:
    renamed = _renaming(number, timedelta(seconds=later))
    for at, text in events:
        parts = text.copy()
        parts[1::2] = map(renamed, parts[1::2])
        yield Heard(at + later, "".join(parts))


def interleaved(events: Iterable[Heard], copies: Sequence[int], *, interval: float) -> list[str]:
    """Copies of the events by their numbers, each `apart` seconds after the one before, in the order of time."""
    interval_from_names = [(event.at, _NAMES.split(event.text)) for event in events]
    streams = (_copied(interval_from_names, number, index * interval) for index, number in enumerate(copies))
    return [event.text for event in heapq.merge(*streams, key=lambda event: event.at)]
