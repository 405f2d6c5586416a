"""The figure process as the daemon sees it: jobs in, answers out, and the same question once for many people."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import structlog

from callcentre.features.figures.jobs import Job, JobDone

LONGEST: Final = 20.0
"""Seconds that one job may take."""

KEPT: Final = 5.0
"""Seconds for which an answer is given again: the pages of many supervisors cost one reading."""

MOST_KEPT: Final = 32
"""Answers that are kept at the same time."""

MOST_WAITING: Final = 16
"""Jobs that may wait for their turn. One more is refused at once."""

IDLE: Final = 600.0
"""Seconds without a job after which the process ends: it takes some 80 MB."""

_LENGTH: Final = 4
_LATE: Final = "the figures were not read in time; ask for fewer days"

diagnostics = structlog.get_logger(__name__)


class NoFigures(Exception):  # noqa: N818
    """The figures cannot be read now; the text says why and what to do."""


@dataclass(slots=True)
class FigureProcess:
    """Answers jobs in a process of its own, at low priority: neither the engine nor other pages wait for figures.

    `configuration` is the file of the daemon. `jobs_carried_out` counts the jobs that were not answered from memory.
    """

    configuration: Path
    jobs_carried_out: int = 0
    _process: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _kept: dict[bytes, tuple[float, asyncio.Task[JobDone]]] = field(default_factory=dict)
    _idle: asyncio.TimerHandle | None = None
    _ending: set[asyncio.Task[int]] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Jobs are answered within this context. The first one starts the process."""
        try:
            yield
        finally:
            tasks = [task for _, task in self._kept.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._kept.clear()
            self.kill()
            await asyncio.gather(*self._ending)

    async def answer(self, job: Job) -> JobDone:
        """The answer to a job, which may be some seconds old. Raises `NoFigures`."""
        now = asyncio.get_running_loop().time()
        self._forget(now)
        key = msgspec.json.encode(job)
        known = self._kept.get(key)
        if known is None or job.file is not None:
            if sum(not task.done() for _, task in self._kept.values()) >= MOST_WAITING:
                raise NoFigures("many people ask for figures at this moment; try again")
            task = asyncio.create_task(self._carry_out(key), name="figures")
            known = self._kept[key] = (now + KEPT, task)
        # It goes on for the others when one of them goes away.
        done = await asyncio.shield(known[1])
        if done.problem is not None:
            self._kept.pop(key, None)
            raise NoFigures(done.problem)
        return done

    def _forget(self, now: float) -> None:
        over = [key for key, (until, task) in self._kept.items() if task.done() and now >= until]
        finished = [key for key, (_, task) in self._kept.items() if task.done() and key not in over]
        for key in (*over, *finished[: max(0, len(self._kept) - len(over) - MOST_KEPT + 1)]):
            del self._kept[key]

    async def _carry_out(self, job: bytes) -> JobDone:
        async with self._turn:
            try:
                async with asyncio.timeout(LONGEST):
                    return await self._exchange(job)
            except TimeoutError:
                self.kill()
                return JobDone(problem=_LATE)
            except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError) as error:
                self.kill()
                diagnostics.error("figures.failed", error=type(error).__name__)
                return JobDone(problem="the process that reads figures has ended; try again, the log may say more")
            except asyncio.CancelledError:
                self.kill()
                raise
            finally:
                self._end_later()

    async def _exchange(self, job: bytes) -> JobDone:
        process = await self._started()
        assert process.stdin is not None  # noqa: S101 - see `_started`
        assert process.stdout is not None  # noqa: S101
        self.jobs_carried_out += 1
        process.stdin.write(len(job).to_bytes(_LENGTH, "big") + job)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
        return msgspec.json.decode(await process.stdout.readexactly(length), type=JobDone)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcentre", "figure-process", "-c", os.fspath(self.configuration.absolute()),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self._process

    def _end_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE, self.kill)

    def kill(self) -> None:
        """End the process. The next job starts another."""
        process, self._process = self._process, None
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            ending = asyncio.create_task(process.wait(), name="end of the figure process")
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
