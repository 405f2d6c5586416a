"""Reads the file while calls go on: in a separate process, which is killed when it takes too long.

A thread would not do: it shares the interpreter with the event loop, so a file that keeps the thread busy keeps the
loop waiting. A process can be killed whatever it is doing, and then frees its memory. It has the same environment, so
`${NAME}` means the same. It returns the checked settings, or the mistakes, by pickle. That is safe because it is our
own child process, and only that writes to the pipe.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import pickle
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from callcentre.config.parts import FileShape
from callcentre.config.problems import Problem
from callcentre.config.read import Configuration, ConfigurationError, read

LONGEST: Final = 60.0
"""Seconds. The largest allowed file takes some ten on a slow and busy machine."""

_MEMORY: Final = 1024**3
_NICER: Final = 10
_LAST_WORDS: Final = 500


async def read_in_process(shape: FileShape, path: Path, within: float = LONGEST) -> Configuration:
    """As `read`, without blocking the event loop. `shape` is the `FILE` of its module.

    Raises `ConfigurationError`, also where the process fails.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "callcentre.config.reading_process", shape.module, str(path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise _failed(path, f"cannot be read now: no process could be started for it: {error.strerror}") from error
    try:
        async with asyncio.timeout(within):
            said, complaints = await process.communicate()
    except TimeoutError:
        raise _failed(path, f"takes longer than {within:g} s to read; is it a configuration?") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        last = complaints.decode(errors="replace").strip()[-_LAST_WORDS:].rpartition("\n")[2]
        raise _failed(path, f"cannot be read: the process that reads it ended with {process.returncode}: {last}")
    found = pickle.loads(said)  # noqa: S301 - from our own child  # nosec B301
    if isinstance(found, ConfigurationError):
        raise found
    assert isinstance(found, Configuration)  # noqa: S101
    return found


def _failed(path: Path, message: str) -> ConfigurationError:
    return ConfigurationError(path, [Problem(0, 0, 0, (), message)])


def _main(shape: FileShape, path: Path) -> None:
    os.nice(_NICER)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # Nothing kills this process when the daemon was killed meanwhile.
    resource.setrlimit(resource.RLIMIT_CPU, (int(LONGEST), int(LONGEST)))
    try:
        found: Configuration | ConfigurationError = read(shape, path)
    except ConfigurationError as error:
        found = error
    sys.stdout.buffer.write(pickle.dumps(found))


if __name__ == "__main__":
    _main(importlib.import_module(sys.argv[1]).FILE, Path(sys.argv[2]))
