"""What a start costs: commands, the import of the program, the load of a database with open callbacks, the first event.

Commands are measured in turn with a program of click that has one command and imports nothing else.

The callbacks are requested over HTTP from the daemon itself, so that each version fills its own database. Their service
is closed, so that the daemon dials nobody meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.memory import until_queued
from scripts.benchmarks.recording import FIRST_NUMBER
from scripts.benchmarks.replaying import ReplayedDaemon, ReplayServer, cpu_seconds
from tests.testbed.callbacks import NEVER_OPEN
from tests.testbed.configuration import TOKEN, write_configuration
from tests.testbed.process import CHECKOUT, python_environment
from tests.testbed.waiting import NotSeenError

OPEN = 3_000
AT_ONCE = 50
"""Requests under way at the same time."""

STARTS = 5
SECONDS_AIM = 2.0
READY_SECONDS_AIM = 1.0

RUNS = 20
"""Of each command; the figure is the fastest, since a shared machine only adds time."""
HELP_MILLISECONDS_AIM, CHECK_MILLISECONDS_AIM = 100, 350
"""The first is above the program of click."""

_CLICK_ALONE = """
import click
@click.group()
def main():
    "A group."
@main.command()
def run():
    "A command."
main(["--help"])
"""

_CLOSED: Mapping[str, Any] = {
    "services": {
        "support": {
            "hours": NEVER_OPEN,
            "welcome": None,
            "notify": None,
            "survey": None,
            "callback": {"offer": {"max_open": 10 * OPEN}, "confirm_by_sms": None},
        }
    }
}


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of the clock and of the processor from the start of the process until the first event was decided on."""

    clock: float
    cpu: float


class Restarted:
    """A daemon with open callbacks that is killed and started again."""

    def __init__(self, replayed: ReplayedDaemon, server: ReplayServer, first_events: list[str]) -> None:
        self._replayed = replayed
        self._server = server
        self._first_events = first_events

    async def fill(self) -> None:
        """Request the callbacks."""
        async with aiohttp.ClientSession(
            self._replayed.daemon.url, headers={"Authorization": f"Bearer {TOKEN}"}, raise_for_status=True
        ) as session:

            async def request(number: int) -> None:
                body = {"number": f"+{FIRST_NUMBER + number}", "service": "support", "name": "", "by": "staff"}
                async with session.post("/api/callbacks", json=body) as answer:
                    await answer.read()

            for first in range(0, OPEN, AT_ONCE):
                await asyncio.gather(*map(request, range(first, first + AT_ONCE)))

    async def start(self) -> Start:
        """Kill it, start it, and send it the first caller."""
        replayed = self._replayed
        await replayed.daemon.kill()
        joined = replayed.facts().get("queue.joined", 0)
        await self._server.load(self._first_events)
        began = time.monotonic()
        await replayed.daemon.start()
        await self._server.go()
        await replayed.reported("queue.joined", joined + 1)
        return Start(time.monotonic() - began, cpu_seconds(replayed.pid))


@asynccontextmanager
async def restarted(bench: Bench, code: Path = CHECKOUT) -> AsyncIterator[Restarted]:
    """The daemon of the checkout `code`, its database filled."""
    recording = await bench.recording()
    first = [event.text for event in until_queued(recording)]
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports, code=code, changes=_CLOSED) as replayed,
    ):
        daemon = Restarted(replayed, server, first)
        await daemon.fill()
        yield daemon


def _commands(folder: Path) -> list[Figure]:
    """Processor time of commands that need no daemon."""
    write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    commands = {
        "click": ("-c", _CLICK_ALONE),
        "help": ("-m", "callcentre", "--help"),
        "check": ("-m", "callcentre", "check"),
    }
    least = dict.fromkeys(commands, float("inf"))
    for _ in range(RUNS):
        for name, arguments in commands.items():
            least[name] = min(least[name], _milliseconds(folder, arguments))
    above = least["help"] - least["click"]
    return [
        Figure(
            "`callcentre --help`, processor time above a program of click with one command",
            f"{above:.0f} ms ({least['help']:.0f} and {least['click']:.0f} ms)",
            f"at most {HELP_MILLISECONDS_AIM} ms",
            above <= HELP_MILLISECONDS_AIM,
        ),
        Figure(
            "`callcentre check`, processor time",
            f"{least['check']:.0f} ms ({least['check'] - least['click']:.0f} ms above the same program)",
            f"at most {CHECK_MILLISECONDS_AIM} ms",
            least["check"] <= CHECK_MILLISECONDS_AIM,
        ),
    ]


def _milliseconds(folder: Path, arguments: tuple[str, ...]) -> float:
    """Processor time of a Python with these arguments, from its start to its end."""
    quiet = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
    command = ["env", "-C", str(folder), sys.executable, *arguments]
    child = os.posix_spawnp("env", command, python_environment(), file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        raise NotSeenError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return (used.ru_utime + used.ru_stime) * 1000


async def _ready(bench: Bench) -> Figure:
    """Several starts of a daemon with an empty database, until it is ready; the figure is the median."""
    recording = await bench.recording()
    async with (
        ReplayServer(bench.folder("server"), recording) as server,
        ReplayedDaemon(bench.folder("daemon"), server, bench.ports) as replayed,
    ):
        starts = []
        for _ in range(STARTS):
            await replayed.daemon.kill()
            began = time.monotonic()
            await replayed.daemon.start()
            starts.append(Start(time.monotonic() - began, cpu_seconds(replayed.pid)))
    usual = sorted(starts, key=lambda start: start.clock)[STARTS // 2]
    return Figure(
        "From the start to ready, none open",
        f"{usual.clock:.2f} s, {usual.cpu:.2f} s of the processor",
        f"at most {READY_SECONDS_AIM:g} s",
        usual.clock <= READY_SECONDS_AIM,
    )


async def run(bench: Bench) -> list[Figure]:
    """Commands, and several starts; the figures of these are medians."""
    bench.say(f"running commands, {RUNS} times")
    commands = await asyncio.to_thread(_commands, bench.folder("commands"))
    bench.say(f"starting with none open, {STARTS} times")
    ready = await _ready(bench)
    bench.say(f"starting with {OPEN:,} open callbacks, {STARTS} times")
    async with restarted(bench) as daemon:
        starts = sorted([await daemon.start() for _ in range(STARTS)], key=lambda start: start.clock)
    usual = starts[STARTS // 2]
    return [
        *commands,
        ready,
        Figure(
            f"From the start to the first event, {OPEN:,} callbacks open",
            f"{usual.clock:.2f} s, {usual.cpu:.2f} s of the processor",
            f"below {SECONDS_AIM:g} s",
            usual.clock < SECONDS_AIM,
        ),
    ]
