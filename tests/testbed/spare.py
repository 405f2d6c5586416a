"""A Python that has loaded the daemon's program already: loading takes longer than all else of a start."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.testbed.process import CHECKOUT, NO_ORPHAN, python_environment
from tests.testbed.waiting import Background

PROGRAM = """
import os, runpy, sys
import callcentre.app, callcentre.cli.main, callcentre.configuration, callcentre.kernel.daemon
callcentre.app.listed()
folder, errors, *arguments = sys.stdin.readline()[:-1].split("\\0")
os.chdir(folder)
os.dup2(os.open(errors, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), 2)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.argv = ["callcentre", *arguments]
runpy.run_module("callcentre", run_name="__main__", alter_sys=True)
"""
"""From the loading on it is `python -m callcentre` with the arguments that it is told."""


class Spare:
    """`async with Spare() as spare`: keeps one loaded Python ahead."""

    def __init__(self) -> None:
        self._next: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._background = Background()

    async def __aenter__(self) -> Spare:
        self._next = self._background.start(self._load())
        return self

    async def run(self, *arguments: str, folder: Path, errors: Path) -> asyncio.subprocess.Process:
        """Let it run `callcentre` with these arguments in `folder`; its errors are appended to a file."""
        process = await (self._next or self._load())
        self._next = self._background.start(self._load())
        assert process.stdin is not None
        process.stdin.write("\0".join((str(folder), str(errors), *arguments)).encode() + b"\n")
        process.stdin.close()
        return process

    async def _load(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *NO_ORPHAN,
            sys.executable,
            "-c",
            PROGRAM,
            stdin=PIPE,
            stdout=PIPE,
            cwd=CHECKOUT,
            env={**python_environment(), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            limit=2**24,
        )

    async def __aexit__(self, *_: object) -> None:
        if self._next is not None:
            process = await self._next
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await self._background.close()
