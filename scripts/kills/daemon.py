"""The daemon of a run: the real one, in a process of its own that is forked from one which has imported everything."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

from callcentre import app
from callcentre.configuration import FILE, read
from callcentre.kernel.program import CannotRun
from scripts.kills.boundaries import Boundary, Switch
from scripts.kills.tempo import Loop

Prepare = Callable[[], None]
"""A function of a module, which every daemon of a run calls first."""

HELD: Final = "held.json"
"""What the daemon holds, in its folder: written when it gets SIGUSR1."""

COUNTED: Final = "counted.json"
"""The boundaries that it passed, written when it has ended in order."""

CANNOT_RUN: Final = 1
"""The exit code of a daemon that cannot run, for a reason outside: systemd starts it again."""

_forks = get_context("forkserver")
_forks.set_forkserver_preload(["scripts.kills.daemon", *(f"{name}.component" for name in app.COMPONENTS)])


_theirs, _ours = _forks.Pipe(duplex=False)
"""The end of this process is the end of the second one, and every daemon reads that from the first one."""


def _end_with(owner: Connection) -> None:
    """Wait for the end of the process that started this one, and end too: a daemon would go on for ever."""
    with suppress(EOFError, OSError):
        owner.recv()
    os.kill(os.getpid(), signal.SIGKILL)


def _descriptors() -> dict[str, int]:
    """The open file descriptors of this process by what they are; sockets by their kind."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue  # That of the listing itself.
        found[target.partition(":")[0] if ":[" in target else Path(target).name] += 1
    return dict(found)


def _tasks() -> dict[str, int]:
    """The tasks of the event loop by the coroutine that they run."""
    return dict(Counter(_name(task) for task in asyncio.all_tasks()))


def _name(task: asyncio.Task[Any]) -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", coroutine))


def _tell(folder: Path) -> None:
    """Write down what this process holds now."""
    file = folder / HELD
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({"descriptors": _descriptors(), "tasks": _tasks()}), encoding="utf-8")
    draft.replace(file)


async def _serve(file: Path, switch: Switch) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _tell, file.parent)
    await app.serve(read(file), FILE, switch.substitutes())


def _main(file: Path, at: Boundary | None, prepare: Prepare | None, owner: Connection) -> None:
    """What `callcentre run` does, with a switch, faster time, and its diagnostics in a file."""
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    if prepare is not None:
        prepare()
    with (file.parent / "diagnostics.log").open("ab") as diagnostics:
        os.dup2(diagnostics.fileno(), 2)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    gc.disable()
    switch = Switch(at)
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(_serve(file, switch))
    except CannotRun as error:
        print(json.dumps({"event": "daemon.cannot_run", "error": str(error)}), file=sys.stderr)
        sys.exit(CANNOT_RUN)
    (file.parent / COUNTED).write_text(json.dumps(switch.counted), encoding="utf-8")


def start(file: Path, at: Boundary | None = None, prepare: Prepare | None = None) -> ForkServerProcess:
    """Start a daemon with this configuration, which is killed at a boundary, if one is given.

    `prepare` is called in its process first. A test spoils something in it.
    """
    process = _forks.Process(target=_main, args=(file, at, prepare, _theirs), daemon=True)
    process.start()
    return process
