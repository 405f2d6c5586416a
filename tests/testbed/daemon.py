"""The daemon as a process: its facts from standard output, its complaints in a file, and what may befall it."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from tests.testbed.process import OtherTime, Process, python_environment
from tests.testbed.spare import Spare
from tests.testbed.waiting import Background, Changes, NotSeenError, until

Fact = dict[str, Any]


class Daemon:
    """`callcentre run -c FILE` with the Python that runs the test. `http_port` is that of http.listen in the file.

    With a `spare` a start is quicker, where nobody has changed the command or its environment.
    `facts` keeps everything it wrote, also over a restart; a line that a crash made it write twice is there once.
    A line that is no JSON object goes to `other_lines`.
    """

    def __init__(self, file: Path, *, http_port: int, spare: Spare | None = None) -> None:
        self.file = file
        self.url = f"http://127.0.0.1:{http_port}"
        self.facts: list[Fact] = []
        self.other_lines: list[str] = []
        self._lines: set[bytes] = set()
        self.process = Process(
            "daemon", [sys.executable, "-m", "callcentre", "run", "-c", str(file)], folder=file.parent
        )
        self.process.environment = {**python_environment(), "PYTHONUNBUFFERED": "1"}
        self._spare = spare
        self._plain = list(self.process.argv), self.process.environment
        self._changes = Changes()
        self._background = Background()

    async def start(self, *, ready: bool = True, within: float = 15) -> None:
        """Start it, and wait until /health says 200 unless `ready` is False."""
        if self._spare is None or (self.process.argv, self.process.environment) != self._plain:
            output = await self.process.start(pipe_output=True)
        else:
            arguments = ("run", "-c", str(self.file))
            loaded = await self._spare.run(*arguments, folder=self.process.folder, errors=self.process.errors)
            output = self.process.adopt(loaded)
        assert output is not None
        self._background.start(self._read(output))
        if ready:
            await self.ready(within=within)

    async def _read(self, output: asyncio.StreamReader) -> None:
        async for line in output:
            if line in self._lines:
                continue
            try:
                fact = msgspec.json.decode(line)
            except msgspec.DecodeError:
                fact = None
            if isinstance(fact, dict):
                self._lines.add(line)
                self.facts.append(fact)
            else:
                self.other_lines.append(line.decode(errors="replace").rstrip())
            self._changes.changed()

    async def health(self, token: str | None = None) -> tuple[int, str]:
        """The status and the body of /health, in full with the token; status 0 when nobody answers within 2 s."""
        limit = aiohttp.ClientTimeout(total=2)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(timeout=limit, headers=headers) as session:
            try:
                async with session.get(f"{self.url}/health") as response:
                    return response.status, await response.text()
            except (aiohttp.ClientError, TimeoutError) as error:
                return 0, repr(error)

    async def ready(self, *, within: float = 15) -> None:
        """Wait until /health says 200."""
        await self._has_health(200, within)

    async def unready(self, *, within: float = 15) -> None:
        """Wait until /health says 503."""
        await self._has_health(503, within)

    async def _has_health(self, status: int, within: float) -> None:
        seen: tuple[int, str] = (0, "")

        async def look() -> bool:
            nonlocal seen
            if not self.process.running:
                raise NotSeenError(f"the daemon ended with {self.process.exit_code}:\n{self.last_words()}")
            seen = await self.health()
            return seen[0] == status

        await until(look, within=within, awaited=f"/health {status}", seen=lambda: f"{seen}\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote beside its facts, for an error."""
        return "\n".join([*self.other_lines[-15:], self.process.last_words()])

    def find(self, event: str, **fields: object) -> list[Fact]:
        """All facts so far with this name and these fields."""
        return [fact for fact in self.facts if fact.get("event") == event and fields.items() <= fact.items()]

    async def fact(self, event: str, *, count: int = 1, within: float = 10, **fields: object) -> Fact:
        """The `count`th fact with this name and these fields, waiting for it when it is not there yet."""

        def look() -> Fact | None:
            found = self.find(event, **fields)
            return found[count - 1] if len(found) >= count else None

        wanted = ", ".join([event, *(f"{key}={value!r}" for key, value in fields.items())])
        nth = "" if count == 1 else f" number {count}"
        return await self._changes.wait_for(
            look,
            within=within,
            awaited=f"the fact {wanted}{nth}",
            seen=lambda: f"\n{self._reported()}\n{self.last_words()}",
        )

    def _reported(self) -> str:
        return "\n".join(msgspec.json.encode(fact).decode() for fact in self.facts)

    async def stop(self, *, within: float = 10) -> int | None:
        """SIGTERM, as systemd does; its exit code. SIGKILL when it does not end in time."""
        await self.process.stop(within=within)
        return self.process.exit_code

    async def kill(self) -> None:
        """SIGKILL: it cannot say anything any more."""
        await self.process.kill()

    async def restart(self) -> None:
        """SIGKILL and a new start with the same file."""
        await self.kill()
        await self.start()

    def lives_in(self, clock: OtherTime) -> None:
        """Show it this clock from the next start on."""
        self.process.environment = {**(self.process.environment or {}), **clock.environment}

    def freeze(self) -> None:
        """SIGSTOP: the process is there and its sockets are, but nothing happens any more."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT after `freeze`."""
        self.process.signal(signal.SIGCONT)

    def reload(self) -> None:
        """SIGHUP: it reads its configuration again."""
        self.process.signal(signal.SIGHUP)

    def fill_disk(self) -> None:
        """Let no file of the process grow any more, as on a full disk (RLIMIT_FSIZE, so EFBIG instead of ENOSPC)."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free_disk(self) -> None:
        """Undo `fill_disk`."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def limit_descriptors(self, most: int) -> None:
        """Let the process have so many descriptors and no more from now on (RLIMIT_NOFILE)."""
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (most, most))

    def descriptors(self) -> int:
        """How many descriptors the process has open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    async def close(self) -> None:
        """End it for good."""
        with contextlib.suppress(ProcessLookupError):
            self.free_disk()
        await self.process.stop(within=3)
        await self._background.close()
