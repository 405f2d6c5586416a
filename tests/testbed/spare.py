"""A Python that has loaded the daemon's program: loading takes longer than all else of a start, so it is done once."""

from __future__ import annotations

import array
import asyncio
import atexit
import os
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamReaderProtocol
from functools import cache
from pathlib import Path
from typing import Self

from tests.testbed.databases import ON_SERVER
from tests.testbed.process import CHECKOUT, NO_ORPHAN, python_environment

PROGRAM = """
import ctypes, gc, os, runpy, signal, socket, sys
import callcentre.app, callcentre.cli.main, callcentre.configuration, callcentre.kernel.daemon
callcentre.app.listed()
for name in sys.argv[1:]:
    __import__(name)
gc.freeze()

def ends_with_its_parent():
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    return os.getppid() == parent

def watch(daemon, reports):
    reports.write(f"{daemon}\\n")
    reports.flush()
    _, status = os.waitpid(daemon, 0)
    reports.write(f"{os.waitstatus_to_exitcode(status)}\\n")
    reports.flush()
    os._exit(0)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for those that watch.
orders = socket.socket(fileno=0)
while True:
    order, descriptors, _, _ = socket.recv_fds(orders, 65536, 3)
    if not order:
        os._exit(0)
    if os.fork() == 0:
        break
    for descriptor in descriptors:
        os.close(descriptor)
orders.close()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
output, errors, reports = descriptors
if not ends_with_its_parent():
    os._exit(1)
if daemon := os.fork():
    os.close(output)
    os.close(errors)
    watch(daemon, os.fdopen(reports, "w"))
os.close(reports)
os.setsid()
if not ends_with_its_parent():
    os._exit(1)
for descriptor, place in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
    os.dup2(descriptor, place)
    os.close(descriptor)
folder, *arguments = order.decode().split("\\0")
os.chdir(folder)
sys.argv = ["callcentre", *arguments]
runpy.run_module("callcentre", run_name="__main__", alter_sys=True)
"""
"""Each order makes a process that is `python -m callcentre` with the order's arguments, and one that watches it."""


class _Pipe(StreamReaderProtocol):
    """The end of a pipe that is read."""

    def __init__(self) -> None:
        self.reader = StreamReader(limit=2**24)
        super().__init__(self.reader)
        self._lost = asyncio.get_running_loop().create_future()

    @classmethod
    async def of(cls, descriptor: int) -> Self:
        """Read from a descriptor, until everybody has closed the other end."""
        _, pipe = await asyncio.get_running_loop().connect_read_pipe(cls, os.fdopen(descriptor, "rb", buffering=0))
        return pipe

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self._lost.done():
            self._lost.set_result(None)

    async def closed(self) -> None:
        """Wait until it is read to its end."""
        await self._lost


class Forked:
    """A process that was made by an order, with what `asyncio.subprocess.Process` has of its own."""

    def __init__(self, output: _Pipe, reports: _Pipe) -> None:
        self.stdout = output.reader
        self.pid = 0
        self.returncode: int | None = None
        self._output = output
        self._reports = reports
        self._end: asyncio.Task[int] | None = None

    async def begun(self) -> Self:
        """Wait until it runs."""
        self.pid = int(await self._reports.reader.readline())
        self._end = asyncio.create_task(self._ends())
        return self

    async def _ends(self) -> int:
        # There is no report where the process that watches was killed itself.
        self.returncode = int(await self._reports.reader.readline() or -9)
        # The loop of a test may end with the process: nothing of its pipes may be left open then.
        await self._reports.closed()
        await self._output.closed()
        return self.returncode

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        assert self._end is not None
        return await asyncio.shield(self._end)


class Spare:
    """A loaded Python that makes processes, until `close`. They end with it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        more = ("psycopg", "callcentre.kernel.postgresql") if ON_SERVER else ("callcentre.kernel.sqlite",)
        with theirs:
            self._process = subprocess.Popen(
                [*NO_ORPHAN, sys.executable, "-c", PROGRAM, *more],
                stdin=theirs.fileno(),
                cwd=CHECKOUT,
                env={**python_environment(), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    async def run(self, *arguments: str, folder: Path, errors: Path) -> Forked:
        """Let it run `callcentre` with these arguments in `folder`; its errors are appended to a file."""
        order = "\0".join((str(folder), *arguments)).encode()
        (output, output_end), (reports, reports_end) = os.pipe(), os.pipe()
        with errors.open("ab") as said:
            descriptors = array.array("i", (output_end, said.fileno(), reports_end))
            self._orders.sendmsg([order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        os.close(output_end)
        os.close(reports_end)
        return await Forked(await _Pipe.of(output), await _Pipe.of(reports)).begun()

    def close(self) -> None:
        """End it."""
        self._orders.close()
        self._process.kill()
        self._process.wait()


@cache
def the_spare() -> Spare:
    """That of all tests of this process."""
    spare = Spare()
    atexit.register(spare.close)
    return spare
