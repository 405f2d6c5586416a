"""Carries out effects after their commit: in order within a lane, different lanes side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog

from callcentre.kernel.effect import Effect
from callcentre.kernel.event import EffectInterrupted, Event

log = structlog.get_logger(__name__)

Perform = Callable[[Any], Awaitable[Event | None]]
"""Carries out one effect and returns the outcome. A failure outside is an outcome, not an exception."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An effect to carry out; `row` is its number in the outbox table when it is stored there."""

    effect: Effect
    row: int | None = None


class _Named(msgspec.Struct):
    """The name in a stored effect."""

    effect: str


class Outbox:
    """Lanes of effects that are being carried out. `report` gets each outcome and the row of its effect."""

    def __init__(
        self,
        performers: Mapping[type[Effect], Perform],
        report: Callable[[Event | None, int | None], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._performers = performers
        self._kinds = {kind.__struct_config__.tag: kind for kind in performers}
        self._report = report
        self._clock = clock
        self._lanes: dict[str, deque[Entry]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False

    def read(self, stored: str) -> Effect | None:
        """An effect from its row; None where no component carries it out.

        Raises `MsgspecError` when the row is damaged.
        """
        kind = self._kinds.get(msgspec.json.decode(stored, type=_Named).effect)
        return None if kind is None else msgspec.json.decode(stored, type=kind)

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def release(self, entry: Entry) -> None:
        """Take a committed effect; never waits."""
        if self._ended:
            return
        effect = entry.effect
        lane = self._lanes.get(effect.lane)
        if lane is None:
            lane = self._lanes[effect.lane] = deque([entry])
            task = asyncio.create_task(self._work(effect.lane, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif not (effect.merges and any(waiting.effect == effect for waiting in list(lane)[1:])):
            lane.append(entry)

    async def _work(self, name: str, lane: deque[Entry]) -> None:
        while lane:
            entry = lane[0]
            outcome: Event | None = None
            try:
                outcome = await self._performers[type(entry.effect)](entry.effect)
            except Exception:
                # A mistake in carrying out one effect must not stop the lane of a call. The outcome is unknown.
                log.exception("effect.failed", effect=type(entry.effect).__name__)
                if entry.row is not None:
                    outcome = EffectInterrupted(at=self._clock(), effect=entry.effect)
            lane.popleft()
            if outcome is not None or entry.row is not None:
                self._report(outcome, entry.row)
        del self._lanes[name]

    async def idle(self) -> None:
        """Wait until no effect is being carried out."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def drain(self, seconds: float) -> None:
        """Wait this long for effects to end, then cancel them, and begin no more.

        Stored effects are found at the next start.
        """
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)
        self._ended = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
