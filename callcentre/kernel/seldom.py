"""Diagnostics that outsiders or a repeated fault can cause any number of times: a few lines of each kind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

SECONDS: Final = 60.0
"""How long lines of a kind are counted after the first one. Then one line reports the count."""

MOST_KINDS: Final = 100
"""Most kinds that are distinguished. Lines of any further kind are counted together."""

Level = Literal["debug", "info", "warning", "error", "critical"]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kind:
    """A line that was written at `since`, and the number of lines like it that were not written."""

    level: Level
    event: str
    fields: Mapping[str, Any]
    since: float
    kept_back: int = 0


class Seldom:
    """Writes the first line of a kind, counts those that follow, and writes the count as `more` when the time is over.

    A kind is an event with its `reason`, or the value of `kind`. The other fields are those of the first line. Inside a
    running loop the count is written by a timer; elsewhere with the next line. `clock` returns seconds of elapsed time.
    """

    def __init__(self, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}

    def say(self, level: Level, event: str, *, kind: Hashable = None, **fields: Any) -> None:
        """Write this line, or count it."""
        key: Hashable = (event, kind if kind is not None else fields.get("reason"))
        known = self._kinds.get(key)
        if known is not None and self._clock() < known.since + self._seconds:
            known.kept_back += 1
            return
        if known is not None:
            self._tell(key)
        elif len(self._kinds) >= MOST_KINDS:
            self._forget_old()
            if len(self._kinds) >= MOST_KINDS:
                key, level, event, fields = "other", "warning", "many kinds of lines", {}
                if (others := self._kinds.get(key)) is not None:
                    others.kept_back += 1
                    return
        getattr(_log, level)(event, **fields)
        self._kinds[key] = _Kind(level, event, fields, self._clock())
        try:
            asyncio.get_running_loop().call_later(self._seconds, self._tell, key)
        except RuntimeError:
            return  # No loop: the next line writes the count.

    def _tell(self, key: Hashable) -> None:
        known = self._kinds.get(key)
        if known is None or self._clock() < known.since + self._seconds * 0.99:
            return
        del self._kinds[key]
        if known.kept_back:
            getattr(_log, known.level)(known.event, **known.fields, more=known.kept_back, seconds=self._seconds)

    def _forget_old(self) -> None:
        for key in list(self._kinds):
            self._tell(key)
