"""A program of the test bed that never outlives the one who started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.testbed.waiting import NotSeenError

CHECKOUT = Path(__file__).resolve().parents[2]
TESTBED = CHECKOUT / ".testbed"


def program(name: str) -> str:
    """The path of a program that `scripts/testbed` brought; an error that says so when it has not been run."""
    path = TESTBED / "bin" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run scripts/testbed first")
    return str(path)


def faketime() -> str:
    """The library that shows a program another clock; an error that says so when `scripts/testbed` has not been run."""
    libraries = (TESTBED / "faketime" / "libfaketimeMT.so.1", *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    for library in libraries:
        if library.exists():
            return str(library)
    raise FileNotFoundError(f"{libraries[0]} is missing: run scripts/testbed first")


class OtherTime:
    """Shows programs another clock, which `set` changes while they run. Elapsed time is the machine's."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs in its environment."""
        return {
            "LD_PRELOAD": faketime(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # By default it guesses the clock of a wait from the C library's version. With today's libraries that is
            # wrong, and Python's threads pass on their lock a hundred times as slowly.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    def set(self, seconds: float) -> None:
        """Set it to so many seconds ahead of the machine's."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+.3f}\n", encoding="ascii")
        new.replace(self._file)  # It is read at any moment.


NO_ORPHAN = ("setpriv", "--pdeathsig", "KILL", "--")
"""Before a command (util-linux): the kernel kills it should its starter die without a word."""


class Running(Protocol):
    """What is needed of a process that was started: `asyncio.subprocess.Process` has it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...

    async def wait(self) -> int: ...


class Process:
    """One process in a session of its own, so that a Ctrl-C reaches only its starter, which then ends it in order."""

    def __init__(
        self, name: str, argv: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = [str(argument) for argument in argv]
        self.folder = folder
        self.environment = environment
        self.output = folder / f"{name}.out"
        self.errors = folder / f"{name}.err"
        self._process: Running | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ProcessLookupError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal as in subprocess; None while it runs or before it was started."""
        return None if self._process is None else self._process.returncode

    async def start(self, *, pipe_output: bool = False) -> asyncio.StreamReader | None:
        """Start it. Its errors are appended to `errors`; its output goes to `output`, or is returned to be read."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already (pid {self.pid})")
        with self.errors.open("ab") as errors, self.output.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *NO_ORPHAN,
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if pipe_output else output,
                stderr=errors,
                cwd=self.folder,
                env=dict(self.environment) if self.environment is not None else None,
                start_new_session=True,
                limit=2**24,
            )
        self._process = process
        return process.stdout

    def adopt(self, process: Running) -> asyncio.StreamReader | None:
        """Take a process for this one that was started otherwise; its output, if it is piped."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already (pid {self.pid})")
        self._process = process
        return process.stdout

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, number)

    async def wait(self, *, within: float) -> int:
        """Its exit code, once it has ended."""
        if self._process is None:
            raise ProcessLookupError(f"{self.name} has not been started")
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            raise NotSeenError(f"the end of {self.name} (pid {self.pid}): not seen within {within:g} s") from None

    async def stop(self, *, within: float = 5) -> None:
        """SIGTERM, then SIGKILL when it is still there after `within` seconds."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if self._process is not None:
            with contextlib.suppress(NotSeenError):
                await self.wait(within=within)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

    def last_words(self, lines: int = 15) -> str:
        """The end of what it wrote, for an error."""
        words = []
        for file in (self.errors, self.output):
            if file.exists():
                words += [f"{file.name}: {line}" for line in file.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(words)


def python_environment() -> dict[str, str]:
    """For a Python that runs `callcentre`: started a hundred times in a run, it keeps what it compiled."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


async def printed(*arguments: str) -> str:
    """What a command of `callcentre` prints; an error with its words when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callcentre",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        env=python_environment(),
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise AssertionError(
            f"callcentre {' '.join(arguments)} ended with {process.returncode}:\n{errors.decode()}{output.decode()}"
        )
    return output.decode()
