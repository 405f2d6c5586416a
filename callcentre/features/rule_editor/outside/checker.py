"""Asks the worker process, one question at a time, and kills it when it takes too long."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

import msgspec
import structlog

from callcentre.features.rule_editor.outside.messages import Failed, Question

A = TypeVar("A")

LONGEST: Final = 15.0
"""Seconds for one answer. A file as people write it takes a tenth of a second."""
MOST_WAITING: Final = 8
"""Questions that wait for their turn. Others are refused."""
IDLE: Final = 120.0
"""Seconds after which a process without questions is ended: it has the memory of a small daemon."""
_LONGEST_LINE: Final = 64 * 1024 * 1024
_LAST_WORDS: Final = 500

diagnostics = structlog.get_logger(__name__)


class NoAnswer(Exception):  # noqa: N818
    """The worker did not answer. `reason` is `busy`, `slow` or `failed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Checker:
    """Starts the worker with the first question. `module` has the shape of the file (`Program.shape`)."""

    def __init__(self, module: str, *, longest: float = LONGEST, idle: float = IDLE) -> None:
        self._module = module
        self._longest = longest
        self._idle = idle
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: asyncio.subprocess.Process | None = None
        self._ending: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Questions can be asked within this context."""
        try:
            yield
        finally:
            await self._end()

    async def ask(self, question: Question, kind: type[A]) -> A:
        """The answer, which is of this class. Raises `NoAnswer`."""
        if self._waiting >= MOST_WAITING:
            raise NoAnswer("busy")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._longest * 2), self._turn:
                return await self._asked(question, kind)
        except TimeoutError:
            raise NoAnswer("busy") from None
        finally:
            self._waiting -= 1

    async def _asked(self, question: Question, kind: type[A]) -> A:
        if self._ending is not None:
            self._ending.cancel()
        try:
            async with asyncio.timeout(self._longest):
                line = await self._answer(msgspec.json.encode(question) + b"\n")
        except TimeoutError:
            await self._end()
            diagnostics.warning("rules.check_slow", seconds=self._longest)
            raise NoAnswer("slow") from None
        except (OSError, ValueError) as error:
            await self._end()
            diagnostics.error("rules.check_failed", error=str(error) or type(error).__name__)
            raise NoAnswer("failed") from error
        except asyncio.CancelledError:
            # Its answer would be taken for that of the next question.
            await self._end()
            raise
        self._ending = asyncio.get_running_loop().call_later(self._idle, self._kill)
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.ValidationError:
            failed = msgspec.json.decode(line, type=Failed)
            diagnostics.error("rules.check_failed", error=failed.error)
            raise NoAnswer("failed") from None

    async def _answer(self, line: bytes) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "callcentre.features.rule_editor.outside.worker", self._module,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                limit=_LONGEST_LINE,
            )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        process.stdin.write(line)
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer.endswith(b"\n"):
            await process.wait()
            raise OSError(f"the process ended with {process.returncode}")
        return answer

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._kill()
        process, self._process = self._process, None
        if process is not None:
            await process.wait()
