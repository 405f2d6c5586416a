"""Has `callcentre doctor` examine everything, in a process of its own: the event loop waits for nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from callcentre.features.system.findings import Examined, Finding, in_order

LONGEST: Final = 60.0
"""Seconds that an examination may take."""

_MOST_WORDS: Final = 4_000
"""Characters of what the command says where it cannot examine anything."""

diagnostics = structlog.get_logger(__name__)


@dataclass(slots=True)
class Doctor:
    """Examines one time after the other, and keeps the latest result in memory. `configuration` is the file."""

    configuration: Path
    clock: Callable[[], datetime]
    longest: float = LONGEST
    program: tuple[str, ...] = (sys.executable, "-m", "callcentre")
    last: Examined | None = None
    _examining: asyncio.Task[None] | None = field(default=None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Examinations are possible within this context."""
        try:
            yield
        finally:
            if self._examining is not None:
                self._examining.cancel()
                await asyncio.gather(self._examining, return_exceptions=True)

    @property
    def is_examining(self) -> bool:
        """Whether an examination goes on."""
        return self._examining is not None and not self._examining.done()

    async def examine(self, patience: float) -> None:
        """Begin an examination unless one goes on, and wait for its end, at most so many seconds."""
        if self._examining is None or self._examining.done():
            self._examining = asyncio.create_task(self._examine(), name="examination of the system")
        await asyncio.wait({self._examining}, timeout=patience)

    async def _examine(self) -> None:
        try:
            async with asyncio.timeout(self.longest):
                found, said = await self._run()
            findings = in_order(msgspec.json.decode(found, type=tuple[Finding, ...]))
            self.last = Examined(at=self.clock(), findings=findings)
        except TimeoutError:
            self._failed(f"the examination did not end within {self.longest:g} s: type it in a terminal to see where")
        except OSError as error:
            self._failed(f"the examination could not be started: {error.strerror or error}")
        except msgspec.MsgspecError:
            self._failed(said[:_MOST_WORDS].strip() or "the examination ended early; the log of the daemon may say why")

    def _failed(self, problem: str) -> None:
        diagnostics.warning("doctor.failed", problem=problem)
        self.last = Examined(at=self.clock(), problem=problem)

    async def _run(self) -> tuple[bytes, str]:
        process = await asyncio.create_subprocess_exec(
            *self.program, "doctor", "--format", "json", "-c", os.fspath(self.configuration.absolute()),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            found, said = await process.communicate()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return found, said.decode(errors="replace")
