"""What the daemon costs a PBX on which nobody calls: requests, channels, lines of the log and rows of CEL a second.

The daemon talks to a real Asterisk through a tap that counts requests. The version before queues were read only while
somebody needs the answer is measured beside, out of this repository's history, with the same configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from callcentre.configuration import read
from callcentre.telephony import dialplan
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure
from tests.testbed.ari import Ari
from tests.testbed.asterisk import MODULES, conf
from tests.testbed.callbacks import ALWAYS_OPEN, request_callback
from tests.testbed.configuration import write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import Pbx, extensions_conf, queues_conf
from tests.testbed.process import CHECKOUT, TESTBED, python_environment
from tests.testbed.waiting import Background

BEFORE = "16a423e"
"""The commit that read every queue every two seconds."""

QUEUES = (1, 10, 60)
MEMBERS = 10
SETTLES = 5.0
SECONDS = 20.0
REQUESTS_AIM = 2.0

_REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE) /ari/\S* HTTP/1\.1\r\n")


class Tap:
    """Forwards everything to Asterisk's HTTP port, and counts the requests."""

    def __init__(self, port: int, target: int) -> None:
        self.requests = 0
        self._port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self._background = Background()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._background.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._background.start(self._forward(reader, far_writer, counts=True))
        self._background.start(self._forward(far_reader, writer))

    async def _forward(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, counts: bool = False) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                if counts:
                    self.requests += len(_REQUEST.findall(data))
                to.write(data)
        to.close()


@dataclass(frozen=True, slots=True)
class Cost:
    """Each of them a second."""

    requests: float
    channels: float
    lines: float
    rows: float

    def __str__(self) -> str:
        return (
            f"{self.requests:.1f} requests, {self.channels:.1f} channels, {self.lines:.1f} log lines, "
            f"{self.rows:.1f} CEL rows"
        )


@dataclass(frozen=True, slots=True)
class Version:
    """A daemon to measure: where its package lies, and the `config.yaml` that it shipped."""

    name: str
    checkout: Path


def _names(count: int) -> list[str]:
    return ["support", *(f"service{number}" for number in range(2, count + 1))]


def _changes(version: Version, count: int) -> dict[str, Any]:
    """So many services, each behind a queue of its own, open at any hour and calling people back."""
    shipped = yaml.safe_load((version.checkout / "config.yaml").read_text(encoding="utf-8"))["services"]["support"]
    first = {**shipped, "hours": dict(ALWAYS_OPEN), "notify": None, "survey": None, "welcome": None}
    others = {
        name: {**first, "queue": name, "numbers": [], "name": {"fi": name}, "hours": dict(ALWAYS_OPEN)}
        for name in _names(count)[1:]
    }
    return {"services": {"support": first, **others}}


def _queues(count: int) -> str:
    # Nobody is on duty: callbacks wait, and no phone is needed.
    members = [f"PJSIP/nobody{number}" for number in range(MEMBERS)]
    options: Mapping[str, Any] = {"member": members}
    return queues_conf(**dict.fromkeys(_names(count), options))


def _with_cel(pbx: Pbx) -> Path:
    """Have this Asterisk write every event of CEL into a file."""
    # Newer ones of cel_custom are built on res_cdrel_custom.
    wanted = [*MODULES.split(), "res_cdrel_custom", "cel_custom"]
    modules = [f"{module}.so" for module in wanted if (TESTBED / "modules" / f"{module}.so").exists()]
    pbx.write("modules.conf", conf({"modules": {"autoload": "no", "load": modules}}))
    pbx.write("cel.conf", conf({"general": {"enable": "yes", "apps": "all", "events": "ALL"}}))
    pbx.write("cel_custom.conf", "[mappings]\nMaster.csv => ${eventtype}\n")
    rows = pbx.folder / "log" / "cel-custom" / "Master.csv"
    rows.parent.mkdir()
    return rows


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


@asynccontextmanager
async def _pbx(folder: Path, bench: Bench, count: int) -> AsyncIterator[tuple[Pbx, Path]]:
    pbx = Pbx(folder, ports=bench.ports, network_port=bench.ports.port(), agents=1, queues=_queues(count), rtp_ports=4)
    rows = _with_cel(pbx)
    try:
        await pbx.start()
        yield pbx, rows
    finally:
        await pbx.close()


async def _measured(pbx: Pbx, tap: Tap, rows: Path) -> Cost:
    channels = 0

    def hear(text: str) -> None:
        nonlocal channels
        channels += json.loads(text)["type"] == "ChannelCreated"

    ari = Ari(pbx.ari_url)
    await ari.listen("onlooker", hear, everything=True)
    await asyncio.sleep(SETTLES)
    channels, before = 0, (tap.requests, _lines(pbx.log), _lines(rows))
    await asyncio.sleep(SECONDS)
    after = (tap.requests, _lines(pbx.log), _lines(rows))
    await ari.close()
    requests, lines, written = ((now - then) / SECONDS for then, now in zip(before, after, strict=True))
    return Cost(requests, channels / SECONDS, lines, written)


async def _of(version: Version, bench: Bench, count: int) -> tuple[Cost, Cost]:
    """What a daemon of this version costs with so many queues: with nothing to do, and with callbacks that wait."""
    folder = bench.folder(f"idle-{count}")
    async with _pbx(folder / "pbx", bench, count) as (pbx, rows):
        tap = Tap(bench.ports.port(), pbx.http_port)
        await tap.start()
        http_port = bench.ports.port()
        file = write_configuration(
            folder / "config.yaml",
            ari_url=pbx.ari_url.replace(str(pbx.http_port), str(tap._port)),
            http_port=http_port,
            changes=_changes(version, count),
        )
        await pbx.write_extensions(extensions_conf(dialplan.extensions(read(file).settings, 22)))
        daemon = Daemon(file, http_port=http_port)
        daemon.process.environment = {**python_environment(), "PYTHONPATH": str(version.checkout)}
        try:
            await daemon.start()
            idle = await _measured(pbx, tap, rows)
            for number, name in enumerate(_names(count)):
                await request_callback(daemon, f"+3584011122{number:02}", service=name)
            return idle, await _measured(pbx, tap, rows)
        finally:
            await daemon.close()
            await tap.close()


def _before(folder: Path) -> Version | None:
    """The older version, unpacked; None where this is no checkout that has it."""
    archive = subprocess.run(["git", "archive", BEFORE], cwd=CHECKOUT, capture_output=True, check=False)
    if archive.returncode != 0:
        return None
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return Version("before", folder)


def _figures(count: int, costs: Sequence[tuple[str, tuple[Cost, Cost]]]) -> list[Figure]:
    queues = "1 queue" if count == 1 else f"{count} queues"
    situations = (f"Idle, {queues} with {MEMBERS} members", "The same with a callback open in each, nobody on duty")
    figures = []
    for number, situation in enumerate(situations):
        measured = "; ".join(f"{name}: {cost[number]}" for name, cost in costs)
        now = costs[-1][1][number]
        aimed = number == 0 and count == max(QUEUES)
        met = now.requests <= REQUESTS_AIM and now.channels == 0 and now.lines == 0
        aim = f"at most {REQUESTS_AIM:g} requests, no channel and no line" if aimed else ""
        figures.append(Figure(f"{situation}, a second", measured, aim, met if aimed else None))
    return figures


async def run(bench: Bench) -> list[Figure]:
    """Both versions with each number of queues."""
    older = _before(bench.folder("before"))
    if older is None:
        bench.say(f"this is no checkout with the commit {BEFORE}: only the present version is measured")
    versions = [*([] if older is None else [older]), Version("now", CHECKOUT)]
    figures: list[Figure] = []
    for count in QUEUES:
        costs = []
        for version in versions:
            bench.say(f"{count} queues, {version.name}: two times {SETTLES + SECONDS:g} s")
            costs.append((version.name, await _of(version, bench, count)))
        figures += _figures(count, costs)
    return figures
