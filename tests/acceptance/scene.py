"""What the stories share: who calls, and what the daemon tells of them in its facts and figures."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.testbed.configuration import TOKEN, merged
from tests.testbed.daemon import Daemon, Fact
from tests.testbed.databases import connected
from tests.testbed.pbx import Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.process import CHECKOUT, program, python_environment
from tests.testbed.waiting import until

SALES = {"services": {"sales": {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}}}}
"""A second service behind a queue of its own."""


def welcome(text: str = "Tervetuloa", *, service: str = "support", **rules: object) -> dict[str, Any]:
    """Changes to the shipped configuration: everybody who joins is greeted with `text`, but for what `rules` say."""
    return {"services": {service: {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": text, **rules}}}}


def together(*changes: dict[str, Any]) -> dict[str, Any]:
    """Several changes as one."""
    result: dict[str, Any] = {}
    for change in changes:
        result = merged(result, change)
    return result


def masked(number: str) -> str:
    """A number as facts show it."""
    return f"{number[:6]}•••{number[-2:]}"


def reported(daemon: Daemon, number: str) -> list[str]:
    """The facts of a caller in order, each by its name and, where it has one, its reason.

    A line that came again after a crash counts once: readers go by `id`.
    """
    facts = {fact["id"]: fact for fact in daemon.facts if fact.get("number") == masked(number)}
    return [" ".join(filter(None, (fact["event"], fact.get("reason")))) for fact in facts.values()]


async def joined(daemon: Daemon, number: str, *, count: int = 1) -> Fact:
    """Wait until the daemon tells that this caller joined a queue, for the `count`th time."""
    return await daemon.fact("queue.joined", number=masked(number), count=count)


async def ended(daemon: Daemon, number: str, *, count: int = 1) -> Fact:
    """Wait until the daemon tells that this caller's call is over."""
    return await daemon.fact("call.ended", number=masked(number), count=count)


async def calls_in(network: PhoneNetwork, daemon: Daemon, number: str, to: str, *, name: str = "") -> Call:
    """Somebody calls `to` and waits in its queue, as the daemon sees it."""
    before = len(daemon.find("queue.joined", number=masked(number)))
    call = await network.call(number, to, name=name)
    await joined(daemon, number, count=before + 1)
    return call


async def figures(daemon: Daemon) -> dict[str, float]:
    """Everything at /metrics, such as `callcentre_waiting{queue="support"}`."""
    async with aiohttp.ClientSession() as session, session.get(f"{daemon.url}/metrics?token={TOKEN}") as response:
        assert response.status == 200
        text = await response.text()
    families = text_string_to_metric_families(text)
    return {_written(sample): sample.value for family in families for sample in family.samples}


def _written(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
    return f"{sample.name}{{{labels}}}" if labels else sample.name


async def has_figure(daemon: Daemon, name: str, value: float, *, within: float = 10) -> None:
    """Wait until /metrics shows this value."""
    seen: dict[str, float] = {}

    async def look() -> bool:
        seen.update(await figures(daemon))
        return seen.get(name) == value

    await until(look, within=within, awaited=f"{name} {value}", seen=lambda: str(seen))


async def has_stored(daemon: Daemon, stage: str, count: int, *, within: float = 10) -> None:
    """Wait until so many calls in this stage are on disk. Figures show what is decided, which a crash may lose."""
    seen: list[str] = []

    async def look() -> bool:
        with connected(daemon.file.parent) as connection:
            seen[:] = connection.execute(sa.text("SELECT stage FROM calls")).scalars()
        return seen.count(stage) == count

    await until(look, within=within, awaited=f"{count} calls {stage} on disk", seen=lambda: str(seen))


async def view_is_right(daemon: Daemon, pbx: Pbx, queue: str = "support", *, within: float = 10) -> None:
    """Wait until the daemon counts as many waiting callers as `queue show` does."""
    seen: list[object] = []

    async def look() -> bool:
        theirs = await pbx.waiting(queue)
        ours = (await figures(daemon))[f'callcentre_waiting{{queue="{queue}"}}']
        seen[:] = [ours, theirs]
        return ours == theirs

    await until(look, within=within, awaited=f"the view of {queue}, as queue show has it", seen=lambda: str(seen))


def check_numbering(daemon: Daemon, *, killed: bool = False) -> None:
    """The ids of the facts leave none out and never go back; only a crash may repeat some, word for word."""
    facts = {fact["id"]: fact for fact in daemon.facts}
    assert sorted(facts) == list(range(1, len(facts) + 1))
    if killed:
        assert all(facts[fact["id"]] == fact for fact in daemon.facts)
    else:
        assert [fact["id"] for fact in daemon.facts] == sorted(facts)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command: its exit code, and what it wrote to standard output and standard error."""

    code: int
    output: str
    errors: str


async def ran(*arguments: str | Path) -> Ran:
    """Run a command of `callcentre` to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callcentre",
        *map(str, arguments),
        stdout=PIPE,
        stderr=PIPE,
        cwd=CHECKOUT,
        env=python_environment(),
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, output.decode(), errors.decode())


@dataclass(frozen=True, slots=True)
class Examined:
    """What one run of `callcentre doctor` said of each thing: what, ok, fix, note, area, state."""

    rows: list[dict[str, Any]]

    @property
    def faults(self) -> dict[str, str]:
        """The errors, and what to do about them; not the prompts, which Asterisk lists only after a reload."""
        return {row["what"]: row["fix"] for row in self.rows if row["state"] == "error" and row["area"] != "sounds"}

    def note(self, what: str) -> str | None:
        """What is said of something that is well."""
        (row,) = [row for row in self.rows if row["what"] == what]
        assert row["ok"], row
        note: str | None = row["note"]
        return note


async def examined(file: Path) -> Examined:
    """What `callcentre doctor` says now; its exit code fits that."""
    said = await ran("doctor", "-c", file, "--format", "json")
    rows = json.loads(said.output)
    assert all(set(row) == {"what", "ok", "fix", "note", "area", "state"} and row["area"] for row in rows)
    assert said.code == (1 if any(row["state"] == "error" for row in rows) else 0)
    return Examined(rows)


async def complains(daemon: Daemon, words: str, *, within: float = 10) -> None:
    """Wait until the daemon's standard error has `words` in it."""

    async def look() -> bool:
        return words in daemon.process.errors.read_text(encoding="utf-8")

    await until(look, within=within, awaited=f"{words!r} on standard error", seen=daemon.last_words)


class Steps:
    """The way of callers through `callcentre-queue` from now on, by the PBX's own log."""

    def __init__(self, pbx: Pbx) -> None:
        self._log = pbx.log
        self._from = pbx.log.stat().st_size

    def __call__(self) -> list[str]:
        """`support Stasis`, `T Goto` and `support Queue` as they were run: extension and application."""
        with self._log.open("rb") as log:
            log.seek(self._from)
            text = log.read().decode(errors="replace")
        steps = re.findall(r"Executing \[(.+?)@callcentre-queue:\d+\] (\w+)\(", text)
        return [f"{exten} {app}" for exten, app in steps if exten == "T" or app in ("Stasis", "Queue")]


class Installing:
    """`callcentre install` and `uninstall` on a PBX of the test bed, with a backup folder of the test's own."""

    def __init__(self, pbx: Pbx, folder: Path) -> None:
        self._pbx = pbx
        self._with = ("--asterisk-program", program("asterisk"), "--backup", folder / "backup", "--yes")

    async def install(self, kind: str, file: Path) -> Ran:
        """Put the configuration `file` into the PBX; `kind` is asterisk or freepbx."""
        return await ran("install", kind, "-c", file, "--etc", self._pbx.etc, "--no-unit", *self._with)

    async def uninstall(self) -> Ran:
        return await ran("uninstall", *self._with)
