"""Waiting for something with a time limit and an error that says what was awaited and what was seen instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class NotSeenError(AssertionError):
    """What was awaited did not come in time. The text says what it was and what was there instead."""


class Changes:
    """A state that coroutines can wait on: whoever changes the state calls `changed`."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def changed(self) -> None:
        """Wake everyone who waits; each looks at the state again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_for(
        self, look: Callable[[], T | None], *, within: float, awaited: str, seen: Callable[[], str] = str
    ) -> T:
        """The first answer of `look` that is neither None nor False.

        `within` is in seconds. `awaited` and `seen` make the text of the NotSeenError.
        """
        deadline = time.monotonic() + within
        while True:
            found = look()
            if found is not None and found is not False:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotSeenError(f"{awaited}: not seen within {within:g} s. Seen instead: {seen() or 'nothing'}")
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait([future], timeout=left)
            finally:
                self._waiting.discard(future)


async def until(
    look: Callable[[], Awaitable[T | None]],
    *,
    within: float,
    awaited: str,
    seen: Callable[[], str] = str,
    every: float = 0.02,
) -> T:
    """For what does not announce itself: ask `look` every `every` seconds until it is neither None nor False."""
    deadline = time.monotonic() + within
    while True:
        found = await look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise NotSeenError(f"{awaited}: not seen within {within:g} s. Seen instead: {seen() or 'nothing'}")
        await asyncio.sleep(every)


class Background:
    """Tasks that go on beside a reader; `close` ends them, and an error in one is raised there."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._errors: list[BaseException] = []

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        errors, self._errors = self._errors, []
        if errors:
            raise errors[0]
