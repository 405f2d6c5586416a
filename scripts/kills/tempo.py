"""Time that passes faster than the clock on the wall, the same for all processes of a run.

A scripted day has pauses of ten seconds. With this clock a second of the daemon takes a fraction of a real one.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PACE: Final = float(os.environ.get("CALLCENTRE_PACE", "5"))
"""Seconds of the run in a second of the machine. With more, a busy machine looks like an overload to the daemon, or
like an Asterisk that does not answer."""

_BEGINNING: Final = datetime(2026, 6, 3, tzinfo=UTC)


def elapsed() -> float:
    """Seconds of the run since the machine was started: the same in every process."""
    return time.monotonic() * PACE


def wall() -> datetime:
    """The clock on the wall of the run."""
    return _BEGINNING + timedelta(seconds=elapsed())


class _Selector(selectors.DefaultSelector):
    """Waits for less time than it is asked to."""

    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None else timeout / PACE)


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are those of the run."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return elapsed()
