"""Effects of an erasure."""

from __future__ import annotations

from typing import ClassVar

from callcentre.kernel.effect import Crash, Effect
from callcentre.kernel.erasure.events import Erasure

_LANE = "erasure"


class EraseRows(Effect, frozen=True, tag="erase_rows"):
    """Find the rows of a person and have them erased, and write the log anew.

    It may be done twice. The rows that name the person are the last, so that after a crash everything is found again.
    """

    inside: ClassVar[bool] = True
    erasure: Erasure

    @property
    def lane(self) -> str:
        return _LANE

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_LEAST_ONCE


class CleanDatabase(Effect, frozen=True, tag="clean_database"):
    """Leave nothing of what was erased in free pages and in the write-ahead log. Not stored: it has the number."""

    inside: ClassVar[bool] = True
    erasure: Erasure
    rows: dict[str, int]
    lines: dict[str, int]
    failed: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def lane(self) -> str:
        return _LANE
