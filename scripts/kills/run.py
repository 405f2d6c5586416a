"""One run: a scripted day with a daemon that is killed, restarted as systemd would, and stopped in order at the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from aiohttp import web

from scripts.kills import daemon
from scripts.kills.ari import Ari
from scripts.kills.boundaries import Boundary
from scripts.kills.databases import Databases
from scripts.kills.day import SERVICES, SETTINGS, Cast, Person, cast
from scripts.kills.evidence import Evidence, of_database, owed
from scripts.kills.gateway import Gateway
from scripts.kills.pbx import Pbx
from tests.testbed.configuration import write_configuration
from tests.testbed.waiting import until

RESTART_AFTER: Final = 1.0
"""Seconds from the death of a daemon to the next, as `RestartSec` of the systemd unit."""

LONGEST: Final = 600.0
"""Seconds of a day. Then it is over, whoever still waits."""

_READY_WITHIN: Final = 60.0
_QUIET: Final = 3
_TRIES: Final = 20
_LETS_GO: Final = 30
"""Seconds in which connections without a request must be closed."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill of one life of the daemon: at a boundary, or after so many seconds from its start."""

    at: Boundary | None = None
    after: float | None = None


Held = dict[str, dict[str, int]]
"""Descriptors and tasks of a daemon, each with their number, by kind."""


@dataclass(slots=True)
class Outcome:
    """A day that is over. `idle` is what its daemon held before the first call, if it was not killed."""

    evidence: Evidence
    kills: int
    """Kills that happened."""
    idle: Held | None
    counted: Mapping[str, int]
    """The commits and effects of the last daemon, and its effects of each class."""


def _exceptions(diagnostics: Path) -> Iterator[str]:
    """The mistakes of the program that its diagnostics report."""
    for line in diagnostics.read_bytes().splitlines():
        said = json.loads(line) if line.startswith(b"{") else {"event": line.decode(), "exception": ""}
        if "exception" in said:
            yield f"{said['event']}: {said['exception'].strip().rpartition(chr(10))[2]}"


class Run:
    """One day.

    `databases` makes one for it. `idle` is what a daemon holds before the first call; without it that is found out.
    Tests let fewer `people` call, `prepare` each daemon, and end the day after `longest` seconds.
    """

    def __init__(
        self,
        folder: Path,
        databases: Databases,
        http_port: int,
        kills: Sequence[Kill] = (),
        idle: Held | None = None,
        *,
        people: Sequence[Person] | None = None,
        prepare: daemon.Prepare | None = None,
        longest: float = LONGEST,
    ) -> None:
        self.folder = folder
        self._kills = list(kills)
        self._killed = 0
        self._port = http_port
        self._databases = databases
        self._url = ""
        self._idle = idle
        self._process: ForkServerProcess | None = None
        self._kill = Kill()
        self._ends = False
        self._waiting: list[str] = []
        self._left: list[str] = []
        self._prepare = prepare
        self._longest = longest
        self.cast = Cast(cast() if people is None else people)
        self.pbx = self.cast.pbx = Pbx(dict(SERVICES), self.cast)
        hooks = f"http://127.0.0.1:{http_port}/hooks/kannel"
        self.gateway = self.cast.gateway = Gateway(hooks, self.cast.gets)

    async def go(self) -> Outcome:
        """Let the day go by."""
        self.folder.mkdir(parents=True)
        application = web.Application()
        application.add_routes([*Ari(self.pbx).routes(), *self.gateway.routes()])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            self._url = await self._databases.fresh(self.folder)
            file = write_configuration(
                self.folder / "config.yaml",
                ari_url=f"http://127.0.0.1:{port}/ari",
                sendsms_url=f"http://127.0.0.1:{port}/cgi-bin/sendsms",
                http_port=self._port,
                changes={**SETTINGS, "log": {"file": "facts.jsonl"}, "store": {"url": self._url}},
            )
            self.pbx.agents += self.cast.agents()
            self.pbx.begin(self.pbx.serves())
            async with self.gateway:
                await self._day(file)
            return await self._outcome()
        finally:
            if self._process is not None and self._process.is_alive():
                self._process.kill()
            await self.pbx.close()
            await runner.cleanup()

    async def _day(self, file: Path) -> None:
        supervising = asyncio.ensure_future(self._supervise(file))
        try:
            await self._is_ready()
            if self._idle is None:
                self._idle = await self._held()
            try:
                async with asyncio.timeout(self._longest):
                    await self.cast.goes_by()
                    await self._is_over()
                    await self._no_more_kills()
                    await self._is_over()
            except TimeoutError:
                self._waiting = self._open()
            await self._no_more_kills()
            await self._is_ready()
            await self.gateway.disconnect()
            self._left += await self._more_than_idle()
            self._ends = True
            if self._process is not None and self._process.pid is not None:
                os.kill(self._process.pid, signal.SIGTERM)
            await asyncio.wait_for(supervising, 60)
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
        self._left += [f"channel {channel.name}" for channel in self.pbx.channels.values()]
        self._left += [f"bridge {bridge}" for bridge in self.pbx.bridges]

    async def _found(self) -> Evidence:
        """What the database and the log say, once the database answers: its server may be killed just now."""
        for _ in range(_TRIES):
            with suppress(sa.exc.DBAPIError):
                return of_database(self._url, self.folder / "facts.jsonl")
            await asyncio.sleep(1)
        return of_database(self._url, self.folder / "facts.jsonl")

    async def _outcome(self) -> Outcome:
        evidence = await self._found()
        for person in self.cast.people.values():
            evidence.visits |= person.visits
            evidence.promises |= {call: set(person.visits) for call in person.promises}
        evidence.originated = dict(self.pbx.originated)
        evidence.handed_over = list(self.gateway.handed_over)
        evidence.taken = dict(self.gateway.taken)
        evidence.left, evidence.waiting = self._left, self._waiting
        evidence.mistakes = [
            *self.pbx.mistakes,
            *_exceptions(self.folder / "diagnostics.log"),
            *(f"{text} came after the day" for text in self.gateway.too_late),
        ]
        counted = self.folder / daemon.COUNTED
        found = json.loads(counted.read_text(encoding="utf-8")) if counted.exists() else {}
        return Outcome(evidence, self._killed, self._idle, found)

    # --- the daemon -------------------------------------------------------------------------------

    async def _supervise(self, file: Path) -> None:
        """Keep a daemon running, as systemd does; each life ends by its kill."""
        while True:
            kill = self._kill = self._kills.pop(0) if self._kills else Kill()
            self._process = daemon.start(file, kill.at, self._prepare)
            ended = asyncio.ensure_future(self._ended(self._process))
            if kill.after is not None:
                await asyncio.wait([ended], timeout=kill.after)
                if self._process.is_alive():
                    self._process.kill()
            await ended
            code = self._process.exitcode
            if self._ends:
                if code != 0:
                    self.pbx.mistakes.append(f"the daemon was stopped and ended with {code}")
                return
            if code == -signal.SIGKILL:
                self._killed += 1
            elif code != daemon.CANNOT_RUN or not self._databases.kills:
                # Without its database a daemon cannot begin.
                self.pbx.mistakes.append(f"the daemon ended by itself with {code}")
            await asyncio.sleep(RESTART_AFTER)

    async def _no_more_kills(self) -> None:
        """Have a daemon that will not be killed: one that still was to be is killed now."""
        self._kills.clear()
        process = self._process
        if self._kill == Kill() or process is None:
            return
        if process.is_alive():
            process.kill()

        async def replaced() -> bool:
            return self._process is not process

        await until(replaced, within=_READY_WITHIN, awaited="another daemon", seen=self._last_words)

    async def _ended(self, process: ForkServerProcess) -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(process.sentinel)
        process.join()

    async def _is_ready(self) -> None:
        """Wait until callers may be sent through the daemon."""

        async def ready() -> bool:
            return self._process is not None and self._process.is_alive() and self.pbx.sends_calls()

        await until(
            ready, within=_READY_WITHIN, awaited="a daemon that callers are sent through", seen=self._last_words
        )

    def _last_words(self) -> str:
        """The last lines of the daemon's diagnostics."""
        return "\n".join((self.folder / "diagnostics.log").read_text(encoding="utf-8").splitlines()[-5:])

    async def _more_than_idle(self) -> list[str]:
        """What the daemon holds that it did not before the first call.

        Connections are kept for some seconds after a request, so it is asked until they are closed.
        """
        assert self._idle is not None
        more: list[str] = []
        for _ in range(_LETS_GO):
            held = await self._held()
            more = [
                f"{number} {kind} {name}, {self._idle[kind].get(name, 0)} before the first call"
                for kind, found in held.items()
                for name, number in found.items()
                if number > self._idle[kind].get(name, 0)
            ]
            if not more:
                break
            await asyncio.sleep(1)
        return more

    async def _held(self) -> Held:
        """What the daemon holds now."""
        file = self.folder / daemon.HELD
        file.unlink(missing_ok=True)
        assert self._process is not None and self._process.pid is not None  # noqa: PT018
        os.kill(self._process.pid, signal.SIGUSR1)

        async def written() -> bool:
            return file.exists()

        await until(written, within=30, awaited="what the daemon holds", seen=self._last_words)
        held: Held = json.loads(file.read_text(encoding="utf-8"))
        return held

    # --- the end of the day -------------------------------------------------------------------------

    def _open(self, *, asked: bool = True) -> list[str]:
        """What somebody still waits for; the database is asked last, and without `asked` only if nothing else is."""
        found = [f"channel {channel.name} ({channel.app})" for channel in self.pbx.channels_of_people()]
        found += [f"bridge {bridge}" for bridge in self.pbx.bridges]
        found += [] if self.gateway.is_idle else ["a text, a report or its repetition is under way"]
        if found and not asked:
            return found
        with suppress(sa.exc.DBAPIError):  # A server that was killed is not there for a moment.
            return found + owed(self._url)
        found.append("the database cannot be asked")
        return found

    async def _is_over(self) -> None:
        """Wait until nobody waits for anything, three times in a row: one thing may lead to another."""
        quiet = 0
        while quiet < _QUIET:
            await asyncio.sleep(1)
            quiet = 0 if self._open(asked=False) else quiet + 1
