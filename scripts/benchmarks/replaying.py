"""Runs the replay server and what is measured against it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from scripts.benchmarks.recording import SERVICES, Recording
from tests.testbed.configuration import TOKEN, merged, write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT, Process
from tests.testbed.waiting import NotSeenError, until

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor so far, in user and kernel mode, all threads (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """The resident memory of a process now (proc(5), statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class ReplayServer:
    """`async with ReplayServer(folder, recording) as server`: serves ARI at `url` until the end of the block."""

    def __init__(self, folder: Path, recording: Recording) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._api_docs = folder / "api-docs"
        self._api_docs.mkdir(exist_ok=True)
        for name, text in recording.api_docs.items():
            (self._api_docs / name).write_text(text, encoding="utf-8")
        self._process = Process(
            "replay",
            [sys.executable, "-m", "scripts.benchmarks.replay_server", str(self._api_docs)],
            folder=folder,
            environment={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )

    async def __aenter__(self) -> ReplayServer:
        output = await self._process.start(pipe_output=True)
        assert output is not None
        port = (await output.readline()).decode().strip()
        if not port:
            raise NotSeenError(f"the replay server did not start:\n{self._process.last_words()}")
        self.url = f"http://127.0.0.1:{port}"
        self._session = aiohttp.ClientSession(self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._process.kill()

    async def load(self, events: Sequence[str]) -> None:
        """Have these events ready to be sent."""
        file = self._folder / "stream.jsonl"
        file.write_text("\n".join(events), encoding="utf-8")
        await self._post("/bench/load", file=str(file))

    async def go(self, *, rate: float | None = None, ahead: int | None = None) -> None:
        """Begin to send them: at full speed, at so many a second, or at most `ahead` before the others are read."""
        query = {"rate": rate, "ahead": ahead}
        await self._post("/bench/go", **{name: str(value) for name, value in query.items() if value is not None})

    async def _post(self, path: str, **query: str) -> None:
        async with self._session.post(path, params=query, raise_for_status=True):
            pass

    async def state(self) -> dict[str, Any]:
        """What `/bench/state` tells."""
        async with self._session.get("/bench/state", raise_for_status=True) as response:
            state: dict[str, Any] = await response.json()
            return state

    async def connected(self) -> None:
        """Wait until a client hears events."""

        async def look() -> bool:
            return bool((await self.state())["connected"])

        await until(look, within=20, awaited="a client of the replay server")


class ReplayedDaemon:
    """The real daemon at a replay server: the rules of the recording, its database and its log as files in `folder`.

    Texts go to the console gateway, that is into a file as well. `code` is the checkout whose daemon runs; `changes`
    are laid over the configuration.
    """

    def __init__(
        self,
        folder: Path,
        server: ReplayServer,
        ports: PortBlock,
        *,
        code: Path = CHECKOUT,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "facts.jsonl"
        port = ports.port()
        file = write_configuration(
            folder / "config.yaml",
            ari_url=f"{server.url}/ari",
            http_port=port,
            changes=merged({**SERVICES, "log": {"file": str(self.log)}}, changes or {}),
        )
        self.daemon = Daemon(file, http_port=port)
        self.daemon.process.environment = {**(self.daemon.process.environment or {}), "PYTHONPATH": str(code)}
        self._read = 0
        self._counts: dict[str, int] = {}

    async def __aenter__(self) -> ReplayedDaemon:
        await self.daemon.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.daemon.close()

    @property
    def pid(self) -> int:
        return self.daemon.process.pid

    def facts(self) -> dict[str, int]:
        """How many facts of each name are in the log."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        complete = text[: text.rfind(b"\n") + 1]
        self._read += len(complete)
        for line in complete.splitlines():
            name = line.removeprefix(b'{"event":"').partition(b'"')[0].decode()
            self._counts[name] = self._counts.get(name, 0) + 1
        return self._counts

    async def reported(self, fact: str, count: int, *, within: float = 120) -> None:
        """Wait until so many facts of this name are in the log."""

        async def look() -> bool:
            return self.facts().get(fact, 0) >= count

        await until(
            look,
            within=within,
            every=0.05,
            awaited=f"{count} facts {fact}",
            seen=lambda: f"{self._counts}\n{self.daemon.last_words()}",
        )

    async def metrics(self) -> dict[str, float]:
        """The figures of /metrics that have no labels, by name."""
        url = f"{self.daemon.url}/metrics"
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, params={"token": TOKEN}, raise_for_status=True) as response,
        ):
            lines = (await response.text()).splitlines()
        plain = (line.split() for line in lines if "{" not in line and not line.startswith("#"))
        return {name: float(value) for name, value in plain}
